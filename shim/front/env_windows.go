package front

import "strings"

func sameName(a, b string) bool { return strings.EqualFold(a, b) }

package stdio

import "os"

// glance finds nothing: a pipe has no deadlines here that could have passed.
func glance(*os.File, []byte) int { return 0 }

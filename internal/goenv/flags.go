package goenv

import (
	"fmt"
	"strings"
)

// flagSpace is what separates flags; other Unicode spaces do not.
const flagSpace = " \t\n\r"

// SplitFlags splits GOFLAGS as cmd/go does: at spaces, with single or double
// quotes around a whole element, and no escapes. A quote inside an element is
// an ordinary character.
func SplitFlags(s string) ([]string, error) {
	var fields []string
	for {
		s = strings.TrimLeft(s, flagSpace)
		if s == "" {
			return fields, nil
		}
		if quote := s[0]; quote == '"' || quote == '\'' {
			end := strings.IndexByte(s[1:], quote)
			if end < 0 {
				return nil, fmt.Errorf("unterminated %c string", quote)
			}
			fields = append(fields, s[1:1+end])
			s = s[end+2:]
			continue
		}
		end := strings.IndexAny(s, flagSpace)
		if end < 0 {
			end = len(s)
		}
		fields = append(fields, s[:end])
		s = s[end:]
	}
}

package relay

import (
	"regexp"
	"sync"
)

// compiled returns a regular expression that is compiled when it is first
// used: this package is linked into every go command, and nearly none needs it.
func compiled(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

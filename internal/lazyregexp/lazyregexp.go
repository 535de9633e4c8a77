// Package lazyregexp compiles regular expressions when they are first used: what declares
// them is linked into every go command, and nearly none needs them.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns what compiles an expression, once.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

package markdown

import (
	"regexp"
	"sync"
)

// A pattern is a regular expression that is compiled when it is first used: this package is
// linked into a program that most commands run for two milliseconds.
type pattern struct {
	text string
	once sync.Once
	re   *regexp.Regexp
}

func (p *pattern) get() *regexp.Regexp {
	p.once.Do(func() { p.re = regexp.MustCompile(p.text) })
	return p.re
}

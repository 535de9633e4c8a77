package steady

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/journal"
)

// settings are Go's settings in the environment of the command. GOROOT is not
// known here, which only leaves out the defaults of its go.env.
func (app *App) settings() *goenv.Settings { return goenv.Read(app.Env, "") }

// A mask replaces what a report should not tell outsiders: the paths of
// private modules (as GOPRIVATE and GONOPROXY name them) and of their packages,
// however they are spelled, hosts that are named so, and directories. The same
// path is replaced by the same word throughout.
type mask struct {
	private func(string) bool
	names   map[string]string
}

func newMask(s *goenv.Settings) *mask {
	return &mask{private: s.Private, names: make(map[string]string)}
}

// name returns the word that stands for a path: that of the module that it
// lies in, where one is known.
func (m *mask) name(path string) string {
	if path == "" || !m.private(path) {
		return path
	}
	for dir := path; dir != ""; {
		if name, known := m.names[dir]; known {
			return name
		}
		dir = dir[:max(0, strings.LastIndexByte(dir, '/'))]
	}
	m.names[path] = fmt.Sprintf("private-%d", len(m.names)+1)
	return m.names[path]
}

// report masks an invocation and its requests.
func (m *mask) report(r report) report {
	for _, q := range r.sent {
		m.name(q.Module) // as below
	}
	r.Invocation = m.invocation(r.Invocation)
	r.sent = slices.Clone(r.sent)
	for i := range r.sent {
		q := &r.sent[i]
		q.Module, q.Upstream = m.name(q.Module), m.text(q.Upstream)
	}
	return r
}

func (m *mask) invocation(inv journal.Invocation) journal.Invocation {
	inv.Dir = ""
	inv.Events = slices.Clone(inv.Events)
	for _, e := range inv.Events {
		m.name(e.Module) // all names first: a text may mention what lies in another's module
	}
	for i := range inv.Events {
		e := &inv.Events[i]
		e.Module, e.Text, e.Upstream = m.name(e.Module), m.text(e.Text), m.text(e.Upstream)
	}
	inv.Command = slices.Clone(inv.Command)
	for i, arg := range inv.Command {
		inv.Command[i] = m.text(arg)
	}
	return inv
}

// words are what paths, addresses and file names consist of.
var words = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[\pL\pN._~!+%@/\\-]+`) })

// text masks every private path and every directory in a text.
func (m *mask) text(s string) string { return words().ReplaceAllStringFunc(s, m.word) }

func (m *mask) word(word string) string {
	if isFile(word) {
		return "…"
	}
	for i := 0; i < len(word); i++ {
		if word[i] == '/' || i > 0 && word[i-1] != '/' && word[i-1] != '@' {
			continue // a path begins with an element
		}
		path, rest := cutVersion(word[i:])
		if path = unescaped(strings.Trim(path, "/.")); strings.Contains(path, ".") && m.private(path) {
			return word[:i] + m.name(path) + rest
		}
	}
	return word
}

// isFile reports whether a word is the path of a file outside the working
// directory: "//host/path" is the rest of an address, and "..." a pattern.
func isFile(word string) bool {
	return strings.HasPrefix(word, "/") && !strings.HasPrefix(word, "//") ||
		strings.HasPrefix(word, `\`) || strings.HasPrefix(word, "../") || strings.HasPrefix(word, `..\`)
}

// cutVersion cuts a path from what follows it: "@v1.0.0", "/@v/v1.0.0.zip".
func cutVersion(s string) (path, rest string) {
	i := strings.IndexByte(s, '@')
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

// unescaped undoes what a proxy's URL does to a module path.
func unescaped(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		s = plain
	}
	if plain, err := module.UnescapePath(s); err == nil {
		return plain
	}
	return s
}

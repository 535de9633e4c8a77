package report

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/policy"
)

// A Mask replaces what a report should not tell outsiders: the paths of
// private modules and of their packages, however they are spelled, hosts that
// are named so, and directories. The same path is replaced by the same word
// throughout.
//
// Private is what GOPRIVATE, GONOPROXY and the policy name here and now, and
// what the journal says was private when the command ran: it may have been
// another project's, or another machine's.
type Mask struct {
	private func(string) bool
	names   map[string]string
	words   *regexp.Regexp
}

// words are what paths, addresses and file names consist of; the ellipsis
// stands in an address for what the journal left out.
const words = `[\pL\pN._~!+%@/\\…-]+`

func newMask(private func(string) bool) *Mask {
	return &Mask{private: private, names: make(map[string]string), words: regexp.MustCompile(words)}
}

// NewMask is the mask for these commands, and reports whether anything at all
// is known to be private.
func NewMask(list []Command, p *policy.Policy, s *goenv.Settings) (m *Mask, knows bool) {
	named := func(path string) bool { return p.IsPrivate(s, path) }
	mods := privateModules(list, named)
	noProxy := s.Get("GONOPROXY")
	knows = len(mods) > 0 || len(p.Private) > 0 || s.Get("GOPRIVATE") != "" || noProxy != "" && noProxy != "none"
	return newMask(func(path string) bool { return named(path) || mods.cover(path) }), knows
}

// modules are the paths of modules.
type modules []string

// privateModules are those in the commands that are named so, or were when the
// command ran.
func privateModules(list []Command, named func(string) bool) modules {
	var mods modules
	add := func(path string, was bool) {
		if path != "" && (was || named(path)) {
			mods = append(mods, path)
		}
	}
	for _, r := range list {
		for _, e := range r.Events {
			add(e.Module, e.Private)
		}
		for _, q := range r.Sent {
			add(q.Module, q.Private)
		}
	}
	slices.Sort(mods)
	return slices.Compact(mods)
}

// cover reports whether a path is that of one of them, lies in it or holds it,
// such as its repository. Its host counts with all that it has, unless anyone
// may have modules there.
func (mods modules) cover(path string) bool {
	path = strings.TrimSuffix(path, ".git")
	for _, mod := range mods {
		if within(path, mod) || within(mod, path) && strings.Contains(path, "/") {
			return true
		}
		if host, _, _ := strings.Cut(mod, "/"); within(path, host) && !slices.Contains(publicHosts, host) {
			return true
		}
	}
	return false
}

// publicHosts have modules of many owners, most of them public.
var publicHosts = []string{
	"bitbucket.org", "codeberg.org", "dev.azure.com", "git.sr.ht", "gitee.com", "github.com", "gitlab.com", "golang.org", "gopkg.in",
}

func within(path, dir string) bool {
	rest, ok := strings.CutPrefix(path, dir)
	return ok && (rest == "" || rest[0] == '/')
}

// name returns the word that stands for a path: that of the module that it
// lies in, where one is known.
func (m *Mask) name(path string) string {
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

// Command masks an invocation and its requests.
func (m *Mask) Command(r Command) Command {
	for _, q := range r.Sent {
		m.name(q.Module) // as below
	}
	r.Invocation = m.invocation(r.Invocation)
	r.Sent = slices.Clone(r.Sent)
	for i := range r.Sent {
		q := &r.Sent[i]
		q.Module, q.Upstream = m.name(q.Module), m.text(q.Upstream)
	}
	return r
}

func (m *Mask) invocation(inv journal.Invocation) journal.Invocation {
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

// text masks every private path and every directory in a text.
func (m *Mask) text(s string) string { return m.words.ReplaceAllStringFunc(s, m.word) }

func (m *Mask) word(word string) string {
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

package steady

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/journal"
)

// settings are Go's settings in the environment of the command. GOROOT is not
// known here, which only leaves out the defaults of its go.env.
func (app *App) settings() *goenv.Settings { return goenv.Read(app.Env, "") }

// A mask replaces what a report should not tell outsiders: the paths of
// private modules (as GOPRIVATE and GONOPROXY name them), and directories. The
// same path is replaced by the same word throughout.
type mask struct {
	private func(string) bool
	names   map[string]string
}

func newMask(s *goenv.Settings) *mask {
	return &mask{private: s.Private, names: make(map[string]string)}
}

// name returns the word that stands for a module path.
func (m *mask) name(path string) string {
	if path == "" || !m.private(path) {
		return path
	}
	if m.names[path] == "" {
		m.names[path] = fmt.Sprintf("private-%d", len(m.names)+1)
	}
	return m.names[path]
}

func (m *mask) invocation(inv journal.Invocation) journal.Invocation {
	inv.Dir = ""
	inv.Events = slices.Clone(inv.Events)
	for _, e := range inv.Events {
		m.name(e.Module) // all names first: one event's text may mention another's module
	}
	for i := range inv.Events {
		e := &inv.Events[i]
		e.Module, e.Text = m.name(e.Module), m.text(e.Text)
	}
	inv.Command = slices.Clone(inv.Command)
	for i, arg := range inv.Command {
		inv.Command[i] = m.arg(arg)
	}
	return inv
}

// arg masks an argument that is, or begins with, a private path.
func (m *mask) arg(arg string) string {
	path, version, _ := strings.Cut(arg, "@")
	if strings.Contains(path, ".") && m.private(strings.TrimSuffix(path, "/...")) {
		return strings.TrimSuffix(m.name(path)+"@"+version, "@")
	}
	return m.text(arg)
}

// text masks every known private path, the longest first, since one may
// contain another.
func (m *mask) text(s string) string {
	paths := make([]string, 0, len(m.names))
	for path := range m.names {
		paths = append(paths, path)
	}
	slices.SortFunc(paths, func(a, b string) int { return len(b) - len(a) })
	for _, path := range paths {
		s = strings.ReplaceAll(s, path, m.names[path])
	}
	return s
}

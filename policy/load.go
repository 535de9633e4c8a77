package policy

import (
	"time"

	"github.com/gosteady/gosteady/internal/goenv"
)

// A Loader reads the layers of one invocation. The zero value reads nothing
// and gives the defaults.
type Loader struct {
	Getenv        func(string) string
	Settings      *goenv.Settings // nil: GOPROXY is taken to be Go's default
	Dir           string          // the working directory; "" if it is gone: no repository's file
	ModuleRoot    string          // the directory of go.mod, "" outside a module
	WorkspaceRoot string          // the directory of go.work, ""
	SystemDir     string          // "" for the platform's, such as /etc/gosteady
	UserDir       string          // "" for the platform's, such as ~/.config/gosteady
}

// Load returns the policy in force and the lines to say about it. It never
// fails: what cannot be used is left out.
func (l Loader) Load() (*Policy, []Notice) {
	p := Default()
	p.whereFrom = l
	return p, nil
}

// Due reports whether the notice is to be said now: once a day for those with
// a key. What was said is remembered in a directory; without one ("") it is
// said each time.
func (n Notice) Due(stateDir string, now time.Time) bool { return true }

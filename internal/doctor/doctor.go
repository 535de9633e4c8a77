// Package doctor looks at what go commands on this machine depend on: which go is run,
// Go's settings, the environment, the policy, the network, git, the module cache.
//
// What it finds are checks, each a line with a verdict and, where something is wrong,
// what to type. Its areas run side by side, a file each; it asks servers and starts
// programs that only read, and makes no file but one that it removes at once, to see
// whether the module cache can be written.
package doctor

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/httpprobe"
	"github.com/gosteady/gosteady/internal/tui"
	"github.com/gosteady/gosteady/internal/workspace"
	"github.com/gosteady/gosteady/policy"
	"github.com/gosteady/gosteady/shim/front"
)

// A Checkup looks at what go commands in one place depend on.
type Checkup struct {
	Place      here.Place
	Upstreams  bool                                  // only ask the servers
	Count      int                                   // how often each is asked; 0: once
	MaxLatency time.Duration                         // slower answers count as failures; 0: none do
	Timeout    time.Duration                         // give up after this long in all
	HTTPProxy  func(*http.Request) (*url.URL, error) // nil: none is used
	Self       string                                // our executable; "" means that of this process
	Toolchains []string                              // the GOROOTs of this machine that are looked at
}

// A doctor is a checkup, and what it finds that most checks go by.
type doctor struct {
	Checkup

	real      front.RealGo
	realErr   error
	settings  *goenv.Settings
	workspace *workspace.Workspace
	policy    *policy.Policy
	notices   []policy.Notice
}

// A Check is one line: what was looked at, the verdict, and what to type.
type Check struct {
	Area    string             `json:"area"`
	Verdict tui.Verdict        `json:"verdict"`
	Text    string             `json:"text"`
	Fix     string             `json:"fix,omitempty"`
	Timing  *httpprobe.Seconds `json:"timing,omitempty"`
}

// An area is a group of checks that run one after the other; the areas run
// side by side.
type area struct {
	name string
	look func(context.Context) []Check
}

// Run looks at everything, and changes nothing.
func (c Checkup) Run() []Check {
	d := &doctor{Checkup: c}
	d.prepare()
	ctx, cancel := context.WithTimeout(context.Background(), d.Timeout)
	defer cancel()
	return lookAll(ctx, d.areas())
}

// Failed reports whether some go command will fail.
func Failed(checks []Check) bool {
	return slices.ContainsFunc(checks, func(c Check) bool { return c.Verdict == tui.Fail })
}

// prepare finds what most checks go by.
func (d *doctor) prepare() {
	if d.Self == "" {
		d.Self = here.Self()
	}
	d.real, d.realErr = d.Place.RealGo()
	d.settings = goenv.Read(d.Place.Env, d.real.GOROOT)
	d.workspace, _ = workspace.Find(d.Place.Dir, d.settings, "")
	d.policy, d.notices = d.Place.Policy(d.settings, d.workspace).Load()
}

func (d *doctor) areas() []area {
	network := area{"network", d.checkNetwork}
	if d.Upstreams {
		return []area{network}
	}
	return []area{
		{"go command", d.checkGo},
		{"settings", d.checkSettings},
		{"environment", d.checkEnvironment},
		{"policy", d.checkPolicy},
		network,
		{"gateway", d.checkGateway},
		{"git", d.checkGit},
		{"module cache", d.checkCache},
	}
}

// lookAll runs all areas and returns their checks in the order of the areas.
func lookAll(ctx context.Context, areas []area) []Check {
	results := make([]chan []Check, len(areas))
	for i, a := range areas {
		results[i] = make(chan []Check, 1)
		go func() { results[i] <- a.look(ctx) }()
	}
	all := []Check{}
	for i, a := range areas {
		for _, c := range <-results[i] {
			c.Area = a.name
			all = append(all, c)
		}
	}
	return all
}

// checkPolicy says what of the policy is not used.
func (d *doctor) checkPolicy(context.Context) []Check {
	var checks []Check
	for _, n := range d.notices {
		text, _ := strings.CutSuffix(bare(n.Text), ": see 'go steady policy check'")
		checks = append(checks, Check{Verdict: tui.Warn, Text: text, Fix: "go steady policy check"})
	}
	if len(checks) == 0 {
		checks = append(checks, Check{Verdict: tui.OK, Text: "the policy is valid and all of it is used"})
	}
	return checks
}

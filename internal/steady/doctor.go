package steady

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/ask"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/workspace"
	"github.com/gosteady/gosteady/policy"
	"github.com/gosteady/gosteady/shim/front"
)

func newDoctorCommand(app *App) *cobra.Command {
	d := &doctor{app: app, httpProxy: http.ProxyFromEnvironment}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "check this machine: PATH, settings, network, credentials, module cache",
		Long: `Doctor checks what go commands depend on, each in one line with a verdict and,
where something is wrong, what to type. It changes nothing.

  ok    as it should be
  note  worth knowing
  warn  will hurt some day
  fail  some go command will fail

The exit status is 1 if anything will fail. With --upstreams only the servers
are asked, which suits cron jobs and CI.`,
		Example: `  go steady doctor
  go steady doctor --json | jq '.[] | select(.verdict != "ok")'
  go steady doctor --upstreams --count 3 --max-latency 1s`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return d.run() },
	}
	f := cmd.Flags()
	f.BoolVar(&d.json, "json", false, "print JSON")
	f.BoolVar(&d.upstreams, "upstreams", false, "only ask the module proxies and the checksum database")
	f.IntVar(&d.count, "count", 1, "ask each server this often")
	f.DurationVar(&d.maxLatency, "max-latency", 0, "slower answers count as failures (0: none do)")
	f.DurationVar(&d.timeout, "timeout", 15*time.Second, "the end of all patience, for everything together")
	return cmd
}

// A doctor looks at one machine, for one environment and directory.
type doctor struct {
	app        *App
	json       bool
	upstreams  bool
	count      int
	maxLatency time.Duration
	timeout    time.Duration
	httpProxy  func(*http.Request) (*url.URL, error)
	self       string // our executable; "" means that of this process

	real      front.RealGo
	realErr   error
	settings  *goenv.Settings
	workspace *workspace.Workspace
	policy    *policy.Policy
	notices   []policy.Notice
}

// A verdict says how bad it is.
type verdict string

const (
	fine    verdict = "ok"
	note    verdict = "note"
	warning verdict = "warn"
	failing verdict = "fail"
)

// A check is one line: what was looked at, the verdict, and what to type.
type check struct {
	Area    string       `json:"area"`
	Verdict verdict      `json:"verdict"`
	Text    string       `json:"text"`
	Fix     string       `json:"fix,omitempty"`
	Timing  *ask.Seconds `json:"timing,omitempty"`
}

// An area is a group of checks that run one after the other; the areas run
// side by side.
type area struct {
	name string
	look func(context.Context) []check
}

func (d *doctor) run() error {
	if d.count < 1 {
		return fmt.Errorf("--count %d: ask at least once", d.count)
	}
	d.prepare()
	ctx, cancel := context.WithTimeout(context.Background(), d.timeout)
	defer cancel()
	checks := lookAll(ctx, d.areas())
	if err := d.print(checks); err != nil {
		return err
	}
	for _, c := range checks {
		if c.Verdict == failing {
			return ExitError{Code: 1}
		}
	}
	return nil
}

// prepare finds what most checks go by.
func (d *doctor) prepare() {
	if d.self == "" {
		d.self = here.Self()
	}
	d.real, d.realErr = d.app.RealGo()
	d.settings = goenv.Read(d.app.Env, d.real.GOROOT)
	d.workspace, _ = workspace.Find(d.app.Dir, d.settings, "")
	d.policy, d.notices = d.app.Policy(d.settings, d.workspace).Load()
}

func (d *doctor) areas() []area {
	network := area{"network", d.checkNetwork}
	if d.upstreams {
		return []area{network}
	}
	return []area{
		{"go command", d.checkGo},
		{"settings", d.checkSettings},
		{"environment", d.checkEnvironment},
		{"policy", d.checkPolicy},
		network,
		{"git", d.checkGit},
		{"module cache", d.checkCache},
	}
}

// lookAll runs all areas and returns their checks in the order of the areas.
func lookAll(ctx context.Context, areas []area) []check {
	results := make([]chan []check, len(areas))
	for i, a := range areas {
		results[i] = make(chan []check, 1)
		go func() { results[i] <- a.look(ctx) }()
	}
	all := []check{}
	for i, a := range areas {
		for _, c := range <-results[i] {
			c.Area = a.name
			all = append(all, c)
		}
	}
	return all
}

func (d *doctor) print(checks []check) error {
	if d.json {
		enc := json.NewEncoder(d.app.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(checks)
	}
	printChecks(d.app.Stdout, checks, styleFor(d.app))
	return nil
}

// checkPolicy says what of the policy is not used.
func (d *doctor) checkPolicy(context.Context) []check {
	var checks []check
	for _, n := range d.notices {
		text, _ := strings.CutSuffix(bare(n.Text), ": see 'go steady policy check'")
		checks = append(checks, check{Verdict: warning, Text: text, Fix: "go steady policy check"})
	}
	if len(checks) == 0 {
		checks = append(checks, check{Verdict: fine, Text: "the policy is valid and all of it is used"})
	}
	return checks
}

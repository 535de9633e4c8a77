package steady

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/ask"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/wording"
	"github.com/gosteady/gosteady/internal/workspace"
)

func newProbeCommand(app *App) *cobra.Command {
	p := &probe{app: app, httpProxy: http.ProxyFromEnvironment}
	cmd := &cobra.Command{
		Use:   "probe MODULE[@VERSION]",
		Short: "ask every proxy and the checksum database for one module",
		Long: `Probe asks each entry of the effective GOPROXY, and the checksum database, for
a module version: its list, .info, .mod and .zip (headers only), once each and
without repeating anything. It shows what they answer, who is behind or
disagrees, and what to type.

It asks only whom the go command would ask: nobody for what GONOPROXY matches,
and no public proxy after a private one that has the module, unless --all says
so. The exit status is 1 if the go command would not get the module.`,
		Example: `  go steady probe golang.org/x/mod@v0.38.0
  go steady probe github.com/acme/new@v1.2.3 --direct
  go steady probe golang.org/x/mod --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.run(args[0]) },
	}
	f := cmd.Flags()
	f.BoolVar(&p.json, "json", false, "print JSON")
	f.BoolVar(&p.direct, "direct", false, "ask the module's repository too")
	f.BoolVar(&p.all, "all", false, "ask every entry, also those that go would not come to")
	f.DurationVar(&p.timeout, "timeout", 10*time.Second, "the end of patience with each question")
	return cmd
}

// A probe asks for one module version.
type probe struct {
	app         *App
	json        bool
	direct, all bool
	timeout     time.Duration
	httpProxy   func(*http.Request) (*url.URL, error)

	settings *goenv.Settings
	client   *ask.Client
}

// A probeReport is everything that was answered.
type probeReport struct {
	Module     string       `json:"module"`
	Version    string       `json:"version,omitempty"` // as resolved; "" if nobody knows one
	Found      bool         `json:"found"`             // the go command would get it
	Latest     string       `json:"latest,omitempty"`  // the highest release that was listed
	Deprecated string       `json:"deprecated,omitempty"`
	Retracted  string       `json:"retracted,omitempty"` // why, "" if not
	Sources    []probeEntry `json:"sources"`
	Advice     []string     `json:"advice,omitempty"`
}

// A probeEntry is one source: an entry of GOPROXY, the checksum database, or
// the repository.
type probeEntry struct {
	Name     string        `json:"name"`
	Kind     string        `json:"kind"`              // "proxy", "file", "sumdb", "direct", "off"
	Skipped  string        `json:"skipped,omitempty"` // why it was not asked
	Answers  []probeAnswer `json:"answers,omitempty"`
	Versions int           `json:"versions,omitempty"` // in its list
	GoMod    string        `json:"go_mod,omitempty"`   // hash of the go.mod that it serves
	Commit   string        `json:"commit,omitempty"`   // that it says the version is

	public   bool
	fallBack bool
	newest   string
	content  string // of go.mod
}

// A probeAnswer is what a source said to one question.
type probeAnswer struct {
	File         string       `json:"file"` // "list", "info", "mod", "zip", "lookup", "latest", "repository"
	Status       int          `json:"status,omitempty"`
	OK           bool         `json:"ok"`
	Class        string       `json:"class,omitempty"`
	Text         string       `json:"text,omitempty"` // what it says, or why it says nothing
	Advice       string       `json:"-"`
	Age          string       `json:"age,omitempty"`
	CacheControl string       `json:"cache_control,omitempty"`
	Timing       *ask.Seconds `json:"timing,omitempty"`
}

func (p *probe) run(arg string) error {
	path, version, _ := strings.Cut(arg, "@")
	if err := module.CheckPath(path); err != nil {
		return fmt.Errorf("probe %s: %w", arg, err)
	}
	real, _ := p.app.RealGo() // without it go.env's defaults are missing, which the errors below tell
	p.settings = goenv.Read(p.app.Env, real.GOROOT)
	p.client = ask.NewClient(p.settings, p.app.Env, p.timeout, p.httpProxy)
	proxies, err := p.proxies(path, real.GOROOT)
	if err != nil {
		return fmt.Errorf("GOPROXY: %w", err)
	}
	ctx := context.Background()
	r := &probeReport{Module: path, Version: version}
	if version == "latest" {
		r.Version = ""
	}
	p.askProxies(ctx, r, proxies)
	p.askSumDB(ctx, r, proxies)
	p.askRepository(ctx, r, real.Path, proxies)
	p.askRetractions(ctx, r, proxies)
	r.judge(p.settings.Private(path))
	if err := p.print(r); err != nil {
		return err
	}
	if !r.Found {
		return ExitError{Code: 1}
	}
	return nil
}

// proxies is the effective list. A policy's entries are never asked for what
// is private.
func (p *probe) proxies(path, goroot string) ([]proxylist.Proxy, error) {
	base, err := proxylist.Parse(p.settings.Get("GOPROXY"))
	if err != nil || p.settings.Private(path) {
		return base, err
	}
	w, _ := workspace.Find(p.app.Dir, p.settings, "")
	effective, _ := p.app.Policy(p.settings, w).Load()
	if len(effective.Private) > 0 { // the shim adds them to the child's GOPRIVATE
		patterns := append([]string{p.settings.Get("GOPRIVATE")}, effective.Private...)
		environ := append(slices.Clone(p.app.Env), "GOPRIVATE="+strings.Trim(strings.Join(patterns, ","), ","))
		if p.settings = goenv.Read(environ, goroot); p.settings.Private(path) {
			return base, nil
		}
	}
	return effective.EffectiveProxies(base), nil
}

func (p *probe) print(r *probeReport) error {
	if p.json {
		enc := json.NewEncoder(p.app.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	printProbe(p.app.Stdout, r, wording.StyleFor(p.app.Stdout, p.app.Getenv))
	return nil
}

var errNoRealGo = errors.New("there is no real go to ask the repository with")

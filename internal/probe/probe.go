// Package probe asks each entry of the effective GOPROXY, and the checksum database, for
// one module version, and judges what they answer: who has it, who is behind, who
// disagrees, and what to type.
//
// Each is asked once, and only if the go command would ask it: nobody for what GONOPROXY
// matches, and no public proxy after a private one that has the module, lest it learn of
// a name. Nothing gets into a module cache.
package probe

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/httpprobe"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/workspace"
)

// A Question is who is asked, and with how much patience.
type Question struct {
	Place     here.Place
	Direct    bool                                  // the module's repository, too
	All       bool                                  // also those that the go command would not come to
	Timeout   time.Duration                         // the end of patience with each answer
	HTTPProxy func(*http.Request) (*url.URL, error) // nil: none is used
}

// A probe is a question, and what it is asked with.
type probe struct {
	Question
	settings *goenv.Settings
	client   *httpprobe.Client
}

// A Report is everything that was answered.
type Report struct {
	Module     string   `json:"module"`
	Version    string   `json:"version,omitempty"` // as resolved; "" if nobody knows one
	Found      bool     `json:"found"`             // the go command would get it
	Latest     string   `json:"latest,omitempty"`  // the highest release that was listed
	Deprecated string   `json:"deprecated,omitempty"`
	Retracted  string   `json:"retracted,omitempty"` // why, "" if not
	Sources    []Source `json:"sources"`
	Advice     []string `json:"advice,omitempty"`
}

// A Source is one of those asked: an entry of GOPROXY, the checksum database, or
// the repository.
type Source struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`              // "proxy", "file", "sumdb", "direct", "off"
	Skipped  string   `json:"skipped,omitempty"` // why it was not asked
	Answers  []Answer `json:"answers,omitempty"`
	Versions int      `json:"versions,omitempty"` // in its list
	GoMod    string   `json:"go_mod,omitempty"`   // hash of the go.mod that it serves
	Commit   string   `json:"commit,omitempty"`   // that it says the version is

	base     *url.URL // of a proxy
	public   bool
	fallBack bool
	newest   string
	content  string // of go.mod
}

// An Answer is what a source said to one question.
type Answer struct {
	File         string `json:"file"` // "list", "info", "mod", "zip", "lookup", "latest", "repository"
	Status       int    `json:"status,omitempty"`
	OK           bool   `json:"ok"`
	Class        string `json:"class,omitempty"`
	Text         string `json:"text,omitempty"` // what it says, or why it says nothing
	advice       string
	Age          string             `json:"age,omitempty"`
	CacheControl string             `json:"cache_control,omitempty"`
	Timing       *httpprobe.Seconds `json:"timing,omitempty"`
}

// Ask asks about a module, or a version of it: "path", "path@version".
func (q Question) Ask(ctx context.Context, arg string) (*Report, error) {
	path, version, _ := strings.Cut(arg, "@")
	if err := module.CheckPath(path); err != nil {
		return nil, fmt.Errorf("probe %s: %w", arg, err)
	}
	p := &probe{Question: q}
	real, _ := p.Place.RealGo() // without it go.env's defaults are missing, which the errors below tell
	p.settings = goenv.Read(p.Place.Env, real.GOROOT)
	p.client = httpprobe.NewClient(p.settings, p.Place.Env, p.Timeout, p.HTTPProxy)
	proxies, err := p.proxies(path, real.GOROOT)
	if err != nil {
		return nil, fmt.Errorf("GOPROXY: %w", err)
	}
	r := &Report{Module: path, Version: version}
	if version == "latest" {
		r.Version = ""
	}
	p.askProxies(ctx, r, proxies)
	p.askSumDB(ctx, r, proxies)
	p.askRepository(ctx, r, real.Path, proxies)
	p.readRetractions(ctx, r)
	r.judge(p.settings.Private(path))
	return r, nil
}

// proxies is the effective list. A policy's entries are never asked for what
// is private.
func (p *probe) proxies(path, goroot string) ([]proxylist.Proxy, error) {
	base, err := proxylist.Parse(p.settings.Get("GOPROXY"))
	if err != nil || p.settings.Private(path) {
		return base, err
	}
	w, _ := workspace.Find(p.Place.Dir, p.settings, "")
	effective, _ := p.Place.Policy(p.settings, w).Load()
	if len(effective.Private) > 0 { // the shim adds them to the child's GOPRIVATE
		patterns := append([]string{p.settings.Get("GOPRIVATE")}, effective.Private...)
		environ := append(slices.Clone(p.Place.Env), "GOPRIVATE="+strings.Trim(strings.Join(patterns, ","), ","))
		if p.settings = goenv.Read(environ, goroot); p.settings.Private(path) {
			return base, nil
		}
	}
	return effective.EffectiveProxies(base), nil
}

package policy

import (
	"fmt"
	"strings"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// An Explanation is a decision in words.
type Explanation struct {
	Class   classify.Class `json:"class"`
	Module  string         `json:"module,omitempty"`
	Actions []string       `json:"actions"`
	Why     string         `json:"why"`
	Details []string       `json:"details,omitempty"`
}

// Explain says what would be done about a failure, and why.
func (p *Policy) Explain(f classify.Failure, modPath string, ci bool) Explanation {
	d := p.Decide(f, modPath, ci)
	e := Explanation{Class: f.Class, Module: modPath, Actions: d.Words(), Why: "the built-in table"}
	if d.Origin.Name != "" {
		e.Why = "the rule at " + d.Origin.String()
	}
	if f.Class == classify.Configuration || f.Class == classify.NotFetch {
		e.Why = "never acted on"
	}
	if d.Has(ActRetry) {
		e.Details = append(e.Details, p.explainRetry(d)...)
	}
	if d.Has(ActRotate) {
		e.Details = append(e.Details, p.explainRotate(d))
	}
	return e
}

func (p *Policy) explainRetry(d Decision) []string {
	r := d.Schedule(p.Retry)
	lines := []string{fmt.Sprintf("retry: %d tries in all, waits %s, at most %s in one invocation",
		r.Attempts, keyNamed("retry.waits").format(r.Waits), shortDuration(r.Budget))}
	if d.KnownOnly {
		lines[0] = "retry: twice more, only for versions that go.sum names and where nothing follows in GOPROXY"
	}
	if d.WaitFor > 0 {
		lines = append(lines, "wait-for: asked again for up to "+shortDuration(d.WaitFor)+", outside the budget")
	}
	return lines
}

func (p *Policy) explainRotate(d Decision) string {
	where := "past any separator of GOPROXY"
	if !d.RotateTrusted {
		where = "past a comma only between well-known public proxies"
	}
	return "rotate: " + where + ", for versions that go.sum names: " + strings.Join(p.EffectiveList(), " ")
}

// EffectiveList is the GOPROXY list in force here with the policy's entries,
// each followed by its separator, without credentials.
func (p *Policy) EffectiveList() []string {
	list := p.EffectiveProxies(p.whereFrom.proxies())
	words := make([]string, len(list))
	for i, x := range list {
		sep := ","
		switch {
		case i == len(list)-1:
			sep = ""
		case x.FallBackOnError:
			sep = "|"
		}
		words[i] = entryText(x) + sep
	}
	return words
}

func entryText(x proxylist.Proxy) string {
	if x.URL == nil {
		return x.Raw
	}
	return redact(x.Raw)
}

// Words are the actions as strings.
func (d Decision) Words() []string {
	words := make([]string, len(d.Actions))
	for i, a := range d.Actions {
		words[i] = string(a)
	}
	return words
}

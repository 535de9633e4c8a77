package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/mask"
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
	private := p.whereFrom.Settings != nil && p.IsPrivate(p.whereFrom.Settings, modPath)
	var details []string
	if d.Has(ActRotate) {
		details = p.explainRotate(d, f.Class, private)
	}
	if private || rotatesNever(f.Class) {
		d.Actions = slices.DeleteFunc(d.Actions, func(a Action) bool { return a == ActRotate })
	}
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
	e.Details = append(e.Details, details...)
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

// explainRotate says who would be asked in whose place: what the relay asks too.
func (p *Policy) explainRotate(d Decision, class classify.Class, private bool) []string {
	switch {
	case private:
		return []string{"rotate: not for a private module; nobody is told of it but whom go asks"}
	case rotatesNever(class):
		return []string{"rotate: not after an answer that says missing; go itself asks the next entry of GOPROXY"}
	}
	where := "past any comma of GOPROXY"
	if !d.RotateTrusted {
		where = "past a comma only between well-known public proxies"
	}
	lines := []string{"rotate: " + where + ", for versions that go.sum names: " + strings.Join(p.EffectiveList(), " ")}
	list := p.EffectiveProxies(p.whereFrom.proxies())
	for from, x := range list {
		if !asked(x) {
			continue
		}
		var names []string
		for _, to := range d.RotatesTo(list, from, class, private) {
			names = append(names, entryText(list[to]))
		}
		if len(names) > 0 {
			lines = append(lines, "rotate: in the place of "+entryText(x)+": "+strings.Join(names, ", "))
		}
	}
	if len(lines) == 1 {
		lines = append(lines, "rotate: there is nobody to ask in this list")
	}
	return lines
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
	return mask.Proxies(x.Raw)
}

// Words are the actions as strings.
func (d Decision) Words() []string {
	words := make([]string, len(d.Actions))
	for i, a := range d.Actions {
		words[i] = string(a)
	}
	return words
}

package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// Traps are settings that are valid and probably not what was meant, each in
// one sentence that says what happens and what to write instead.
func (p *Policy) Traps() []string {
	return slices.Concat(p.placeTraps(), p.listTraps(), p.ruleTraps())
}

// placeTraps finds a file here that is not read, since this is no root.
func (p *Policy) placeTraps() []string {
	l := p.whereFrom
	file := policyIn(l.Dir)
	if file == "" || l.Getenv == nil || l.Getenv("GOSTEADY_POLICY") != "" ||
		slices.ContainsFunc(p.Files, func(f File) bool { return f.Path == file }) {
		return nil
	}
	return []string{FileName + " in this directory is not read; move it to the root of the module, the workspace or the repository"}
}

// listTraps looks at GOPROXY as the policy extends it.
func (p *Policy) listTraps() []string {
	var traps []string
	if rest := p.whereFrom.afterTheEnd(); rest != "" {
		traps = append(traps, fmt.Sprintf("GOPROXY: %s stands after direct or off and is never used; put it before", mask.Quote(mask.Proxies(rest))))
	}
	list := p.EffectiveProxies(p.whereFrom.proxies())
	if len(p.Proxies) > 0 && !slices.ContainsFunc(list, func(x proxylist.Proxy) bool { return x.Kind == proxylist.HTTP }) {
		traps = append(traps, "proxies: has no effect, because GOPROXY names no http(s) proxy")
	}
	for _, x := range list {
		if x.Kind == proxylist.HTTP && strings.Contains(x.URL.Host, ";") {
			traps = append(traps, fmt.Sprintf("GOPROXY %s: a semicolon ends no entry, and go takes this for one host; write , or | in its place", mask.Proxies(x.Raw)))
		}
	}
	for i := 0; i+1 < len(list); i++ {
		traps = append(traps, p.pairTrap(list[i], list[i+1])...)
	}
	return traps
}

func (p *Policy) pairTrap(a, b proxylist.Proxy) []string {
	if a.Kind != proxylist.HTTP {
		return nil
	}
	name := mask.Proxies(a.Raw)
	switch {
	case b.Kind == proxylist.HTTP && !a.FallBackOnError && !p.rotates(a, b):
		return []string{fmt.Sprintf("GOPROXY %s,%s: an outage of the first never reaches the second, because go passes a comma only for 404 and 410; write | instead, or a rule 'on: [transient], do: [retry, rotate]'", name, mask.Proxies(b.Raw))}
	case b.Kind == proxylist.Direct && a.FallBackOnError && !WellKnownProxy(a.URL):
		return []string{fmt.Sprintf("GOPROXY %s|direct: what the proxy refuses with 403 is fetched from its origin all the same; write %s,direct, or end the list with off", name, name)}
	}
	return nil
}

// rotates reports whether an outage of a reaches b by a rule.
func (p *Policy) rotates(a, b proxylist.Proxy) bool {
	d := p.Decide(classify.Failure{Class: classify.ServerError, Transient: true}, "", DetectCI(p.whereFrom.Getenv))
	return d.Has(ActRotate) && d.passes(a, b)
}

// afterTheEnd is what GOPROXY lists after direct or off.
func (l Loader) afterTheEnd() string {
	if l.Settings == nil {
		return ""
	}
	text := l.Settings.Get("GOPROXY")
	ended := false
	for text != "" {
		i := strings.IndexAny(text, ",|")
		entry := text
		if i >= 0 {
			entry, text = text[:i], text[i+1:]
		} else {
			text = ""
		}
		entry = strings.TrimSpace(entry)
		if ended && entry != "" {
			return entry
		}
		ended = ended || entry == "direct" || entry == "off"
	}
	return ""
}

// ruleTraps finds rules that are never reached and waits that the budget cuts.
func (p *Policy) ruleTraps() []string {
	var traps []string
	for i, r := range p.Rules {
		for _, earlier := range p.Rules[:i] {
			if earlier.hides(r) {
				traps = append(traps, fmt.Sprintf("%s: this rule is never reached, because the one at %s matches all that it does", r.Origin, earlier.Origin))
				break
			}
		}
	}
	var all time.Duration
	for i := range p.Retry.Attempts - 1 {
		all += p.Retry.Waits[min(i, len(p.Retry.Waits)-1)]
	}
	if all > p.Retry.Budget {
		traps = append(traps, fmt.Sprintf("retry.budget: %s ends before the %s that the waits of one request take", shortDuration(p.Retry.Budget), shortDuration(all)))
	}
	return traps
}

// hides reports whether every failure that the later rule matches is matched
// by r already.
func (r Rule) hides(later Rule) bool {
	if r.When != "" && r.When != later.When {
		return false
	}
	if len(r.Modules) > 0 && !sameWords(r.Modules, later.Modules) {
		return false
	}
	return !slices.ContainsFunc(later.On, func(word string) bool {
		return !slices.Contains(r.On, word) && !r.namesAll(word)
	})
}

// namesAll reports whether the rule's own words take each class of a word.
// The group transient is more than its classes: see covers.
func (r Rule) namesAll(word string) bool {
	classes, group, ok := classify.Lookup(word)
	if !ok || group && word == "transient" {
		return false
	}
	return !slices.ContainsFunc(classes, func(c classify.Class) bool {
		f := classify.Failure{Class: c}
		return !slices.ContainsFunc(r.On, func(w string) bool { return covers(w, f) })
	})
}

func sameWords(a, b []string) bool {
	return len(b) > 0 && !slices.ContainsFunc(b, func(w string) bool { return !slices.Contains(a, w) })
}

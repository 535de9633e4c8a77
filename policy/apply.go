package policy

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// apply lays one layer over the policy. What a repository may not set is left
// out, and remembered in Ignored.
func (p *Policy) apply(r *reader) {
	p.Problems = append(p.Problems, r.problems...)
	if r.errors > 0 && !r.variable {
		return // the layers below apply
	}
	for _, s := range r.settings {
		p.set(r, s)
	}
	p.addRules(r.rules)
}

func (p *Policy) set(r *reader, s setting) {
	switch s.key.kind {
	case kindVersion, kindRequires:
	case kindProxies:
		p.eachItem(r, s, p.addProxy)
	case kindSumDBs:
		p.eachItem(r, s, p.addSumDB)
	case kindPatterns:
		p.eachItem(r, s, p.addPrivate)
	case kindTrust:
		p.addTrust(r.origin(s.pos), s.val.([]string)...)
	default:
		assign(s.key.field(p), s.val)
		p.origins[s.key.name] = r.origin(s.pos)
	}
}

// eachItem gives the items of a list that are not known yet to add, which
// reports whether it took the item.
func (p *Policy) eachItem(r *reader, s setting, add func(text string, o Origin) bool) {
	for _, it := range s.items {
		name := s.key.name + "=" + it.text
		if _, known := p.origins[name]; !known && add(it.text, r.origin(it.pos)) {
			p.origins[name] = r.origin(it.pos)
		}
	}
}

func (p *Policy) addProxy(text string, o Origin) bool {
	trusted := p.trusts(o.Layer, "proxy="+text)
	if !trusted && !slices.Contains(wellKnownProxies, text) {
		p.ignore(o, "proxy="+text, "a proxy that is not one of the well-known public ones")
		return false
	}
	p.Proxies = append(p.Proxies, Upstream{URL: text, Trusted: trusted, Origin: o})
	return true
}

// addSumDB takes an untrusted well-known mirror only where GOPROXY begins with
// a well-known public proxy: anywhere else the names of modules go to a
// database mirror that the user's own settings do not tell them to.
func (p *Policy) addSumDB(text string, o Origin) bool {
	if !p.trusts(o.Layer, "sumdb="+text) {
		if !slices.Contains(wellKnownSumDBs, text) {
			p.ignore(o, "sumdb="+text, "a checksum-database mirror that is not one of the well-known ones")
			return false
		}
		if base := p.whereFrom.proxies(); len(base) == 0 || !WellKnownProxy(base[0].URL) {
			p.ignore(o, "sumdb="+text, "GOPROXY asks a proxy first that is not one of the well-known public ones")
			return false
		}
	}
	p.SumDB = append(p.SumDB, text)
	return true
}

func (p *Policy) addPrivate(text string, o Origin) bool {
	if !p.trusts(o.Layer, "private="+text) {
		p.ignore(o, "private="+text, "it would switch the checksum database off for these modules")
		return false
	}
	p.Private = append(p.Private, text)
	return true
}

// addRules puts a layer's rules before those of the layers below.
func (p *Policy) addRules(rules []Rule) {
	var kept []Rule
	for _, rule := range rules {
		rule.RotateTrusted = p.trusts(rule.Origin.Layer, "rotate")
		rule.Do = slices.DeleteFunc(rule.Do, func(a Action) bool {
			gated := actionTrust(a) == Gated && !p.trusts(rule.Origin.Layer, string(a))
			if gated {
				p.ignore(rule.Origin, string(a), "an action that a repository may not choose alone")
			}
			return gated
		})
		if len(rule.Do) > 0 { // else as if the rule were not there
			kept = append(kept, rule)
		}
	}
	p.Rules = append(kept, p.Rules...)
}

// noteUnused says so where a repository's proxies and rotate have less effect
// than their author may expect: with the GOPROXY list that is in force here.
//
// What needs trust is asked for at once: the list is the one that would be in force if
// all proxies that are ignored for lack of trust were in it.
func (p *Policy) noteUnused() {
	list := p.withIgnored().EffectiveProxies(p.whereFrom.proxies())
	upstreams, strangers := 0, false
	for _, x := range list {
		if x.Kind == proxylist.HTTP {
			upstreams++
			strangers = strangers || !WellKnownProxy(x.URL)
		}
	}
	if upstreams == 0 {
		return // direct, off, file://: nothing of the policy's is asked
	}
	for _, up := range p.Proxies {
		if u, err := url.Parse(up.URL); err == nil && !up.Trusted && !hasProxy(list, u) {
			p.ignore(up.Origin, "proxy="+up.URL, "GOPROXY asks no well-known public proxy, so this one would learn of modules that no other knows")
		}
	}
	asked := slices.IndexFunc(p.Rules, func(r Rule) bool { return !r.RotateTrusted && slices.Contains(r.Do, ActRotate) })
	if asked >= 0 && upstreams > 1 && strangers {
		p.ignore(p.Rules[asked].Origin, "rotate", "past a comma, to or from a proxy that is not one of the well-known public ones")
	}
}

// withIgnored is the policy as it would be if its proxies were all trusted.
func (p *Policy) withIgnored() *Policy {
	all := Policy{Proxies: slices.Clone(p.Proxies)}
	for _, i := range p.Ignored {
		if address, ok := strings.CutPrefix(i.Trust, "proxy="); ok {
			all.Proxies = append(all.Proxies, Upstream{URL: address, Trusted: true})
		}
	}
	return &all
}

// proxies is the GOPROXY list in force before the policy.
func (l Loader) proxies() []proxylist.Proxy {
	list := proxylist.Default
	if l.Settings != nil {
		if own := l.Settings.Get("GOPROXY"); own != "" {
			list = own
		}
	}
	proxies, err := proxylist.Parse(list)
	if err != nil {
		return nil
	}
	return proxies
}

// Masked is the address without credentials, for messages.
func (u Upstream) Masked() string {
	if parsed, err := url.Parse(u.URL); err == nil {
		return mask.URL(parsed)
	}
	return mask.Line(u.URL)
}

package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/mask"
)

// trustForms is how trust is written, for messages.
const trustForms = "proxy=URL, sumdb=URL, private=PATTERN, rotate, direct, vendor or purge-all"

// ParseTrust reads what a person trusts, such as "proxy=https://athens.corp" or
// "rotate", and returns its one spelling: trust is by kind and value, not by
// file.
func ParseTrust(text string) (string, error) {
	kind, val, has := strings.Cut(text, "=")
	switch {
	case !has && (slices.Contains([]string{"rotate", "direct", "vendor", "purge-all"}, kind)):
		return kind, nil
	case has && (kind == "proxy" || kind == "sumdb"):
		address, err := strangersAddress(val)
		if err != nil {
			return "", fmt.Errorf("%q: %w", mask.Secrets(text), err)
		}
		return kind + "=" + address, nil
	case has && kind == "private" && validPattern(val):
		return kind + "=" + strings.TrimSuffix(val, "/"), nil
	}
	return "", fmt.Errorf("%q cannot be trusted; allowed: %s", text, trustForms)
}

// trusts reports whether a layer's value may be used: this machine's own
// layers are trusted in all, a repository where the value is.
func (p *Policy) trusts(layer Layer, value string) bool {
	return layer != Repository || slices.Contains(p.Trust, value)
}

func (p *Policy) ignore(o Origin, value, reason string) {
	same := func(i Ignored) bool { return i.Trust == value }
	if !slices.ContainsFunc(p.Ignored, same) {
		p.Ignored = append(p.Ignored, Ignored{Trust: value, Reason: reason, Origin: o})
	}
}

// addTrust remembers what one of this machine's own layers trusts.
func (p *Policy) addTrust(o Origin, values ...string) {
	for _, v := range values {
		if name := "trust=" + v; !slices.Contains(p.Trust, v) {
			p.Trust = append(p.Trust, v)
			p.origins[name] = o
		}
	}
}

// TrustValues lists what this machine trusts, with where it is said.
func (p *Policy) TrustValues() []Value {
	out := make([]Value, len(p.Trust))
	for i, v := range p.Trust {
		out[i] = Value{Key: "trust", Value: v, Origin: p.origins["trust="+v]}
	}
	return out
}

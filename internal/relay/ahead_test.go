package relay

import (
	"testing"

	"github.com/gosteady/gosteady/policy"
)

// TestReadAheadOfAZip: a version's zip brings what a command that loads packages
// asks for next, and each of it is asked for once.
func TestReadAheadOfAZip(t *testing.T) {
	store := helloStore(t)
	known := sums(t, store)
	for name, tt := range map[string]struct {
		edit      func(*Config)
		mod, info int
	}{
		"go.sum names it":    {func(c *Config) { c.Sums = known }, 1, 0},
		"its info is wanted": {func(c *Config) { c.Sums, c.Infos = known, true }, 1, 1},
		"nothing is known":   {func(c *Config) { c.Infos = true }, 0, 0},
		"switched off": {func(c *Config) {
			c.Sums, c.Infos, c.Policy = known, true, policy.Default()
			c.Policy.Prefetch = false
		}, 0, 0},
	} {
		p := fault(t, store, "")
		b := open(t, p.URL(), tt.edit)
		b.get(0, hello+"/@v/list") // an upstream that has not answered is left alone
		b.get(0, helloPath+".zip")
		b.settle()
		equal(t, name+": .mod ahead", p.Count("**.mod"), tt.mod)
		equal(t, name+": .info ahead", p.Count("**.info"), tt.info)
		for range 2 {
			b.get(0, helloPath+".zip")
		}
		if tt.mod > 0 {
			b.get(0, helloPath+".mod")
			equal(t, name+": .mod in all", p.Count("**.mod"), tt.mod)
		}
	}
}

// TestUsed: a relay that nobody has asked anything has nothing to put away.
func TestUsed(t *testing.T) {
	b := open(t, fault(t, helloStore(t), "").URL())
	equal(t, "used before", b.relay.Used(), false)
	b.get(0, hello+"/@v/list")
	equal(t, "used", b.relay.Used(), true)
}

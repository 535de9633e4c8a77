package relay

import (
	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/prefetch"
)

// A project is what the relay tells package prefetch.
type project struct{ *Relay }

var _ prefetch.Project = project{}

func (p project) Sums() *gosum.Sums           { return p.config.Sums }
func (p project) Knows(it modproxy.Item) bool { return p.knows(it) }
func (p project) IsPrivate(path string) bool  { return p.isPrivate(path) }
func (p project) InSumDB(path string) bool    { return p.inSumDB(path) }
func (p project) Has(it modproxy.Item) bool   { return p.files.had.has(it) }
func (p project) Done() bool                  { return p.fromMemory.Load() }
func (p project) Wants(zips int)              { p.record.expect(zips) }
func (p project) Installed(it modproxy.Item)  { p.files.installed(it) }

func (p project) Databases() map[string]int {
	databases := make(map[string]int)
	for _, c := range p.files.carriers.list() {
		databases[c.db] = c.entry
	}
	return databases
}

func (p project) HasFailed(entry int, it modproxy.Item) bool { return p.failures.has(key{entry, it}) }

func (p project) Refused(it modproxy.Item, wrong *modproxy.Invalid) { p.files.refused(it, wrong) }

// wanted are the versions that go is sure to fetch: those that go.sum names with a zip's
// hash, or that the command line names.
func (r *Relay) wanted() (list []module.Version) {
	switch r.config.Prefetch {
	case One:
		return r.config.Only
	case Required:
		for _, m := range r.config.Required {
			if r.config.Sums.Zip(m) != nil {
				list = append(list, m)
			}
		}
	}
	return list
}

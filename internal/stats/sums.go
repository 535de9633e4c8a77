// Package stats adds up what the journal has: the failures that go commands met, by
// class, upstream, week and module, and the time that they cost.
//
// [Sums] take one invocation after the other, of any number of journals, in any order.
// A [Summary] is what they come to, as text and as JSON; [Sums.Prometheus] writes
// metrics.
package stats

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/wording"
)

// topModules bounds the list of the flakiest modules.
const topModules = 10

// Sums are over invocations. The zero value is ready for use.
type Sums struct {
	first, last time.Time
	invocations int
	rescued     int // had failures, and succeeded because all were healed
	saved       time.Duration
	total       sum
	classes     map[string]*sum
	upstreams   map[string]*sum
	weeks       map[string]*sum
	modules     map[string]*sum
	cells       map[cell]*sum
	seen        map[string]time.Time // by upstream: the last failure
}

// A cell is what a metric distinguishes.
type cell struct{ class, upstream string }

// A sum counts failures and the time they cost, each by itself: failures that
// waited side by side count twice here, and once in the total.
type sum struct {
	healed, unhealed int
	lost             time.Duration
}

func (s *sum) add(e journal.Event) {
	if e.Outcome == journal.Healed {
		s.healed++
	} else {
		s.unhealed++
	}
	s.lost += e.Wait
}

// sumUp adds an event to the sum of a key.
func sumUp[K comparable](m *map[K]*sum, key K, e journal.Event) {
	if *m == nil {
		*m = make(map[K]*sum)
	}
	if (*m)[key] == nil {
		(*m)[key] = new(sum)
	}
	(*m)[key].add(e)
}

// Add adds an invocation; one that met no failure changes nothing.
func (s *Sums) Add(inv journal.Invocation) {
	if !inv.Met() {
		return
	}
	s.invocations++
	if s.first.IsZero() || inv.Time.Before(s.first) {
		s.first = inv.Time
	}
	if inv.Time.After(s.last) {
		s.last = inv.Time
	}
	healed := 0
	for _, e := range inv.Events {
		if e.Outcome == journal.Healed {
			healed++
		}
		if e.Outcome != journal.Noted {
			s.addEvent(e)
		}
	}
	lost := inv.Lost()
	s.total.lost += lost
	if inv.Exit == 0 && healed > 0 {
		s.rescued++
		s.saved += max(0, inv.Duration-lost)
	}
}

func (s *Sums) addEvent(e journal.Event) {
	if e.Outcome == journal.Healed {
		s.total.healed++
	} else {
		s.total.unhealed++
	}
	upstream := wording.Upstream(e.Upstream)
	sumUp(&s.classes, string(e.Class), e)
	sumUp(&s.upstreams, upstream, e)
	sumUp(&s.cells, cell{string(e.Class), upstream}, e)
	year, week := e.Time.UTC().ISOWeek()
	sumUp(&s.weeks, fmt.Sprintf("%d-W%02d", year, week), e)
	if e.Module != "" {
		sumUp(&s.modules, e.Module, e)
	}
	if s.seen == nil {
		s.seen = make(map[string]time.Time)
	}
	if e.Time.After(s.seen[upstream]) {
		s.seen[upstream] = e.Time
	}
}

// A Summary is what the sums come to.
type Summary struct {
	First        time.Time `json:"first,omitzero"`
	Last         time.Time `json:"last,omitzero"`
	Invocations  int       `json:"invocations"` // that met a failure
	Rescued      int       `json:"rescued"`     // of these, succeeded because all was healed
	Healed       int       `json:"healed"`
	Unhealed     int       `json:"unhealed"`
	LostSeconds  float64   `json:"lost_seconds"`
	SavedSeconds float64   `json:"saved_seconds"`
	Classes      []Row     `json:"classes"`
	Upstreams    []Row     `json:"upstreams"`
	Weeks        []Row     `json:"weeks"`
	Modules      []Row     `json:"modules"` // the flakiest
}

// A Row is the sum of a class, an upstream, a week or a module.
type Row struct {
	Name        string  `json:"name"`
	Healed      int     `json:"healed"`
	Unhealed    int     `json:"unhealed"`
	LostSeconds float64 `json:"lost_seconds"`
}

// Summary sorts what was added: most failures first, weeks in their order.
func (s *Sums) Summary() Summary {
	modules := mostFirst(s.modules)
	return Summary{
		First: s.first, Last: s.last, Invocations: s.invocations, Rescued: s.rescued,
		Healed: s.total.healed, Unhealed: s.total.unhealed,
		LostSeconds: s.total.lost.Seconds(), SavedSeconds: s.saved.Seconds(),
		Classes: mostFirst(s.classes), Upstreams: mostFirst(s.upstreams),
		Weeks: byName(s.weeks), Modules: modules[:min(topModules, len(modules))],
	}
}

func byName(m map[string]*sum) []Row {
	rows := []Row{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		s := m[name]
		rows = append(rows, Row{name, s.healed, s.unhealed, s.lost.Seconds()})
	}
	return rows
}

func mostFirst(m map[string]*sum) []Row {
	rows := byName(m)
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Compare(b.Healed+b.Unhealed, a.Healed+a.Unhealed)
	})
	return rows
}

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
	"github.com/gosteady/gosteady/internal/tui"
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

// A sum counts failures and the time they cost: in one invocation, those that waited
// side by side count once, here as in the total.
type sum struct {
	healed, unhealed int
	lost             time.Duration
}

// add adds the events of one invocation.
func (s *sum) add(events []journal.Event) {
	for _, e := range events {
		switch e.Outcome {
		case journal.Healed:
			s.healed++
		case journal.Unhealed:
			s.unhealed++
		}
	}
	s.lost += journal.Lost(events)
}

// sumUp adds the events of one invocation to the sums of their keys. Of a key, what is
// no failure counts only for its time: where there are failures too.
func sumUp[K comparable](m *map[K]*sum, events []journal.Event, key func(journal.Event) (k K, ok bool)) {
	of, failed := make(map[K][]journal.Event), make(map[K]bool)
	for _, e := range events {
		if k, ok := key(e); ok {
			of[k] = append(of[k], e)
			failed[k] = failed[k] || e.Outcome != journal.Noted
		}
	}
	if *m == nil {
		*m = make(map[K]*sum)
	}
	for k, events := range of {
		if !failed[k] {
			continue
		}
		if (*m)[k] == nil {
			(*m)[k] = new(sum)
		}
		(*m)[k].add(events)
	}
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
			s.see(e)
		}
	}
	s.total.add(inv.Events)
	s.addRows(inv.Events)
	lost := inv.Lost()
	if inv.Exit == 0 && healed > 0 {
		s.rescued++
		s.saved += max(0, inv.Duration-lost)
	}
}

func (s *Sums) addRows(events []journal.Event) {
	upstream := func(e journal.Event) string { return tui.Upstream(e.Upstream) }
	sumUp(&s.classes, events, func(e journal.Event) (string, bool) { return string(e.Class), e.Class != "" })
	sumUp(&s.upstreams, events, func(e journal.Event) (string, bool) { return upstream(e), e.Class != "" })
	sumUp(&s.cells, events, func(e journal.Event) (cell, bool) { return cell{string(e.Class), upstream(e)}, e.Class != "" })
	sumUp(&s.weeks, events, func(e journal.Event) (string, bool) {
		year, week := e.Time.UTC().ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week), true
	})
	sumUp(&s.modules, events, func(e journal.Event) (string, bool) { return e.Module, e.Module != "" })
}

// see notes when an upstream failed last.
func (s *Sums) see(e journal.Event) {
	if s.seen == nil {
		s.seen = make(map[string]time.Time)
	}
	if upstream := tui.Upstream(e.Upstream); e.Time.After(s.seen[upstream]) {
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

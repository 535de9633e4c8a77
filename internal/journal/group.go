package journal

import (
	"fmt"
	"time"

	"github.com/gosteady/gosteady/classify"
)

// A Group is a number of events of one kind: the same outcome, class,
// upstream and action.
type Group struct {
	Outcome  Outcome        `json:"outcome"`
	Class    classify.Class `json:"class,omitempty"`
	Upstream string         `json:"upstream,omitempty"`
	Action   string         `json:"action,omitempty"`
	Count    int            `json:"count"`
	Requests int            `json:"requests"` // made in all
	Lost     time.Duration  `json:"lost"`     // nanoseconds of wall-clock time
	Modules  []string       `json:"modules,omitempty"`
	First    Event          `json:"first"` // the one that stands for all
}

// Subject names what a group is about: a module version, or how many.
func (g Group) Subject() string {
	switch len(g.Modules) {
	case 0:
		return ""
	case 1:
		return g.Modules[0]
	}
	return fmt.Sprintf("%s and %d more", g.Modules[0], len(g.Modules)-1)
}

// Grouped puts events of one kind together, in the order of their first.
func Grouped(events []Event) []Group {
	type key struct {
		outcome          Outcome
		class            classify.Class
		upstream, action string
	}
	var order []key
	members := make(map[key][]Event)
	for _, e := range events {
		k := key{e.Outcome, e.Class, e.Upstream, e.Action}
		if members[k] == nil {
			order = append(order, k)
		}
		members[k] = append(members[k], e)
	}
	groups := make([]Group, 0, len(order))
	for _, k := range order {
		groups = append(groups, group(members[k]))
	}
	return groups
}

func group(events []Event) Group {
	e := events[0]
	g := Group{
		Outcome: e.Outcome, Class: e.Class, Upstream: e.Upstream, Action: e.Action,
		Count: len(events), Lost: Lost(events), First: e,
	}
	seen := make(map[string]bool)
	for _, e := range events {
		g.Requests += e.Attempts
		if s := e.Subject(); s != "" && !seen[s] {
			seen[s] = true
			g.Modules = append(g.Modules, s)
		}
	}
	return g
}

// Subject is the module version that an event is about, "" if it is about
// none.
func (e Event) Subject() string { return subject(e.Module, e.Version) }

func subject(module, version string) string {
	if module == "" || version == "" {
		return module
	}
	return module + "@" + version
}

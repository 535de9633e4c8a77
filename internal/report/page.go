package report

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/tui"
)

// page is what is shown of one go command.
type page struct {
	Title     string
	When      string
	Dir       string
	Exit      int
	Took      string
	Lost      string
	Healed    int
	Unhealed  int
	Groups    []journal.Group
	Totals    *pageTotals    // nil: no request is known of
	Upstreams []pageUpstream // with a row a request; none where requests are not kept
	Special   int            // rows of which there is something to tell
	Only      bool           // show these alone at first: there are many others
	Lanes     []pageLane     // of events
	Slowest   []pageModule
	Ticks     []pageTick
}

// manyRows are more than one looks through.
const manyRows = 100

// pageTotals are what the requests come to.
type pageTotals struct {
	Requests, Failed, NotKept int
	Bytes, Waited             string
}

// A pageLane is an upstream and its bars.
type pageLane struct {
	Name string
	Bars []pageBar
}

// A pageBar is an event; left and width are percentages of the whole.
type pageBar struct {
	Left, Width float64
	Class       string // of CSS
	Label, Text string
}

type pageTick struct {
	Left  float64
	Label string
}

// A pageModule is a module version with what it cost: all of its requests, or
// its failures where requests are not kept.
type pageModule struct {
	Name             string
	Requests, Failed int
	Bytes, Time      string
}

// Page writes one page that needs nothing from elsewhere: no script, no
// font, no image.
func Page(w io.Writer, list []Command) error {
	pages := make([]page, 0, len(list))
	for _, r := range slices.Backward(list) {
		pages = append(pages, newPage(r))
	}
	m := newMarkup(w)
	m.pages(pages)
	return m.end()
}

func newPage(r Command) page {
	inv := r.Invocation
	p := page{
		Title: commandLine(inv), When: inv.Time.Local().Format("2006-01-02 15:04:05"), Dir: inv.Dir, Exit: inv.Exit,
		Took: journal.Duration(inv.Duration), Lost: journal.Duration(inv.Lost()), Groups: journal.Grouped(inv.Events),
	}
	for _, e := range inv.Events {
		switch e.Outcome {
		case journal.Healed:
			p.Healed++
		case journal.Unhealed:
			p.Unhealed++
		}
	}
	if t := inv.Requests; t != nil {
		p.Totals = &pageTotals{t.Count, t.Failed, t.NotKept, tui.Size(t.Bytes), journal.Duration(t.Waited)}
	}
	s := span(r)
	p.Upstreams, p.Ticks = waterfall(r, s), s.ticks()
	for _, q := range r.Sent {
		if !ordinary(q) {
			p.Special++
		}
	}
	p.Only = p.Special > 0 && len(r.Sent) > manyRows
	p.Lanes = lanes(r, s)
	if p.Slowest = slowest(inv.Events, 10); len(r.Sent) > 0 {
		p.Slowest = slowestRequested(r.Sent, 10)
	}
	return p
}

// lanes are the events by upstream, where its requests do not say it all.
func lanes(r Command, s scale) (list []pageLane) {
	_, shown := byUpstream(r.Sent)
	events := slices.Clone(r.Events)
	slices.SortStableFunc(events, func(a, b journal.Event) int {
		return a.Time.Add(-a.Wait).Compare(b.Time.Add(-b.Wait))
	})
	index := make(map[string]int)
	for _, e := range events {
		if shown[e.Upstream] != nil {
			continue
		}
		i, ok := index[tui.Upstream(e.Upstream)]
		if !ok {
			i = len(list)
			index[tui.Upstream(e.Upstream)] = i
			list = append(list, pageLane{Name: tui.Upstream(e.Upstream)})
		}
		list[i].Bars = append(list[i].Bars, pageBar{
			Left: s.left(e.Time.Add(-e.Wait)), Width: s.width(e.Wait), Class: string(e.Outcome), Label: label(e), Text: barText(e),
		})
	}
	return list
}

// span is the time that the page shows: the command's, and whatever its events
// and requests say beyond it.
func span(r Command) scale {
	s := scale{r.Time, r.Time.Add(r.Duration)}
	widen := func(from, to time.Time) {
		if from.Before(s.begin) {
			s.begin = from
		}
		if to.After(s.end) {
			s.end = to
		}
	}
	for _, e := range r.Events {
		widen(e.Time.Add(-e.Wait), e.Time)
	}
	for _, q := range r.Sent {
		widen(r.Time.Add(q.Start-q.Wait), r.Time.Add(q.End()))
	}
	return s
}

// barText is what a bar tells in full.
func barText(e journal.Event) string {
	parts := []string{string(e.Class)}
	if e.Action != "" {
		parts = append(parts, "met by "+e.Action)
	}
	if e.Attempts > 0 {
		parts = append(parts, tui.Count(e.Attempts, "request"))
	}
	parts = append(parts, journal.Duration(e.Wait))
	if e.Text != "" {
		parts = append(parts, mask.Line(e.Text))
	}
	return strings.Join(parts, ", ")
}

// slowest lists the modules whose failures cost most.
func slowest(events []journal.Event, n int) []pageModule {
	byModule := make(map[string][]journal.Event)
	for _, e := range events {
		if s := e.Subject(); s != "" && e.Outcome != journal.Noted {
			byModule[s] = append(byModule[s], e)
		}
	}
	type cost struct {
		name string
		n    int
		lost time.Duration
	}
	var costs []cost
	for name, events := range byModule {
		costs = append(costs, cost{name, len(events), journal.Invocation{Events: events}.Lost()})
	}
	slices.SortFunc(costs, func(a, b cost) int {
		if a.lost != b.lost {
			return int(b.lost - a.lost)
		}
		return strings.Compare(a.name, b.name)
	})
	var list []pageModule
	for _, c := range costs[:min(n, len(costs))] {
		list = append(list, pageModule{Name: c.name, Failed: c.n, Time: journal.Duration(c.lost)})
	}
	return list
}

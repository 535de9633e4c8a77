package steady

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
)

//go:embed last.html
var lastPage string

// page is what the template shows of one go command.
type page struct {
	Title    string
	When     string
	Dir      string
	Exit     int
	Took     string
	Lost     string
	Healed   int
	Unhealed int
	Groups   []journal.Group
	Lanes    []pageLane
	Slowest  []pageModule
	Ticks    []pageTick
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

type pageModule struct {
	Name  string
	Count int
	Lost  string
}

// writeHTML writes one page that needs nothing from elsewhere: no script, no
// font, no image.
func writeHTML(w io.Writer, list []journal.Invocation) error {
	t, err := template.New("last").Funcs(template.FuncMap{
		"duration": journal.Duration, "times": times, "ending": ending, "effort": effort, "oneLine": oneLine,
	}).Parse(lastPage)
	if err != nil {
		return err
	}
	pages := make([]page, 0, len(list))
	for _, inv := range slices.Backward(list) {
		pages = append(pages, newPage(inv))
	}
	return t.Execute(w, pages)
}

func commandLine(inv journal.Invocation) string { return "go " + strings.Join(inv.Command, " ") }

func newPage(inv journal.Invocation) page {
	inv.Events = slices.Clone(inv.Events)
	p := page{
		Title: commandLine(inv), When: inv.Time.Local().Format("2006-01-02 15:04:05"), Dir: inv.Dir, Exit: inv.Exit,
		Took: journal.Duration(inv.Duration), Lost: journal.Duration(inv.Lost()), Groups: journal.Grouped(inv.Events),
	}
	slices.SortStableFunc(inv.Events, func(a, b journal.Event) int {
		return a.Time.Add(-a.Wait).Compare(b.Time.Add(-b.Wait))
	})
	begin, end := span(inv)
	scale := 100 / max(end.Sub(begin).Seconds(), 0.001)
	lanes := make(map[string]int)
	for _, e := range inv.Events {
		switch e.Outcome {
		case journal.Healed:
			p.Healed++
		case journal.Unhealed:
			p.Unhealed++
		}
		i, ok := lanes[lane(e)]
		if !ok {
			i = len(p.Lanes)
			lanes[lane(e)] = i
			p.Lanes = append(p.Lanes, pageLane{Name: lane(e)})
		}
		p.Lanes[i].Bars = append(p.Lanes[i].Bars, pageBar{
			Left:  e.Time.Add(-e.Wait).Sub(begin).Seconds() * scale,
			Width: e.Wait.Seconds() * scale,
			Class: string(e.Outcome), Label: label(e), Text: barText(e),
		})
	}
	for i := range 5 {
		p.Ticks = append(p.Ticks, pageTick{float64(i) * 25, journal.Duration(end.Sub(begin) * time.Duration(i) / 4)})
	}
	p.Slowest = slowest(inv.Events, 10)
	return p
}

// span is the time that the page shows: the command's, and whatever its events
// say beyond it.
func span(inv journal.Invocation) (begin, end time.Time) {
	begin, end = inv.Time, inv.Time.Add(inv.Duration)
	for _, e := range inv.Events {
		if t := e.Time.Add(-e.Wait); t.Before(begin) {
			begin = t
		}
		if e.Time.After(end) {
			end = e.Time
		}
	}
	return begin, end
}

// barText is what a bar tells in full.
func barText(e journal.Event) string {
	parts := []string{string(e.Class)}
	if e.Action != "" {
		parts = append(parts, "met by "+e.Action)
	}
	if e.Attempts > 0 {
		parts = append(parts, count(e.Attempts, "request"))
	}
	parts = append(parts, journal.Duration(e.Wait))
	if e.Text != "" {
		parts = append(parts, oneLine(e.Text))
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
		list = append(list, pageModule{c.name, c.n, journal.Duration(c.lost)})
	}
	return list
}

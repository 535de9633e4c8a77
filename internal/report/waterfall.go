package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
)

// A pageUpstream is an upstream and its requests, a row each.
type pageUpstream struct {
	Name, Totals string
	Busy         pageBusy
	Rows         []pageRow
}

// A pageBusy is how many requests were under way, on average of each piece of
// time, as paths of SVG in a box of busyWidth and a height of Most.
type pageBusy struct {
	Most        int
	All, Failed string
}

// busyWidth is how many pieces of time there are.
const busyWidth = 120

// A pageRow is a request. Its bars are the wait before it, until the answer
// began, and the answer.
type pageRow struct {
	Class               string // of CSS
	Label, Result, Text string
	Took                string
	Bars                []pageSpan
}

// A pageSpan is a part of a bar, as CSS: left and width are percentages of the
// whole.
type pageSpan struct {
	Class       string // of CSS: "w" wait, "h" until the answer, "b" answer
	Left, Width float64
}

// A scale places times on a page.
type scale struct {
	begin, end time.Time
}

func (s scale) whole() float64 { return max(s.end.Sub(s.begin).Seconds(), 0.001) }

func (s scale) left(t time.Time) float64 { return 100 * t.Sub(s.begin).Seconds() / s.whole() }

func (s scale) width(d time.Duration) float64 { return 100 * d.Seconds() / s.whole() }

// ticks are five points of time along the page.
func (s scale) ticks() (list []pageTick) {
	for i := range 5 {
		list = append(list, pageTick{float64(i) * 25, journal.Duration(s.end.Sub(s.begin) * time.Duration(i) / 4)})
	}
	return list
}

// waterfall is every request by upstream, in the order of their starts.
func waterfall(r Command, s scale) (list []pageUpstream) {
	hosts, of := byUpstream(r.Sent)
	for _, host := range hosts {
		u := pageUpstream{Name: host, Totals: requestTotals(totalsOf(of[host])), Busy: busy(of[host], r.Time, s)}
		for _, q := range of[host] {
			u.Rows = append(u.Rows, row(q, r.Time, s))
		}
		list = append(list, u)
	}
	return list
}

func row(q journal.Request, zero time.Time, s scale) pageRow {
	r := pageRow{Class: requestClass(q), Label: requestLabel(q), Result: requestResult(q), Took: journal.Duration(q.Took)}
	r.Text = fmt.Sprintf("%s, at %s", requestText(q), journal.Duration(q.Start))
	if ordinary(q) {
		r.Class += " ordinary"
	}
	header := q.Header
	if header == 0 {
		header = q.Took // there was no answer
	}
	for _, part := range []struct {
		class    string
		from, to time.Duration
	}{{"w", q.Start - q.Wait, q.Start}, {"h", q.Start, q.Start + header}, {"b", q.Start + header, q.End()}} {
		if part.to > part.from {
			r.Bars = append(r.Bars, pageSpan{part.class, s.left(zero.Add(part.from)), s.width(part.to - part.from)})
		}
	}
	return r
}

func busy(list []journal.Request, zero time.Time, s scale) pageBusy {
	all, failed := make([]float64, busyWidth), make([]float64, busyWidth)
	for _, q := range list {
		from, to := s.left(zero.Add(q.Start))/100*busyWidth, s.left(zero.Add(q.End()))/100*busyWidth
		for i := max(0, int(from)); i < busyWidth && float64(i) <= to; i++ {
			share := max(0, min(to, float64(i+1))-max(from, float64(i)))
			all[i] += share
			if q.Failed() {
				failed[i] += max(share, leastShare)
			}
		}
	}
	most := math.Ceil(max(1, slices.Max(all), slices.Max(failed)))
	return pageBusy{Most: int(most), All: columns(all, int(most)), Failed: columns(failed, int(most))}
}

// leastShare is what a failure, however short, takes of its column, so that it
// can be seen.
const leastShare = 0.5

// columns draws numbers as columns that stand on a line at the bottom.
func columns(heights []float64, bottom int) string {
	var b strings.Builder
	for i, h := range heights {
		if h > 0 {
			fmt.Fprintf(&b, "M%d %dv-%.2fh1v%.2fz", i, bottom, h, h)
		}
	}
	return b.String()
}

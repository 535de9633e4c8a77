package report

import (
	_ "embed"

	"github.com/gosteady/gosteady/internal/journal"
)

//go:embed page.css
var style string

// pages writes one document, a section for each go command.
func (m markup) pages(list []page) {
	m.putf(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>go steady last</title>
<link rel="icon" href="data:,">
`)
	m.w.WriteString("<style>\n" + style + "</style>\n")
	for _, p := range list {
		m.page(p)
	}
	m.putf("</html>\n")
}

func (m markup) page(p page) {
	m.putf("\n<section>\n<h1>%s</h1>\n", p.Title)
	m.putf(`<div class="dim">%s`, p.When)
	if p.Dir != "" {
		m.putf(" in %s", p.Dir)
	}
	m.putf("</div>\n")
	m.numbers(p)
	if len(p.Upstreams) > 0 {
		m.requests(p)
	}
	if len(p.Lanes) > 0 {
		m.lanes(p)
	}
	if len(p.Groups) > 0 {
		m.groups(p.Groups)
	}
	if len(p.Slowest) > 0 {
		m.slowest(p)
	}
	m.putf("</section>\n")
}

// numbers are what one looks at first.
func (m markup) numbers(p page) {
	m.putf("<dl>\n")
	m.putf("<div><dt>exit status</dt><dd>%d</dd></div>\n", p.Exit)
	m.putf("<div><dt>took</dt><dd>%s</dd></div>\n", p.Took)
	m.putf("<div><dt>failures healed</dt><dd class=\"count-healed\">%d</dd></div>\n", p.Healed)
	m.putf("<div><dt>not healed</dt><dd class=\"count-unhealed\">%d</dd></div>\n", p.Unhealed)
	m.putf("<div><dt>time they cost</dt><dd>%s</dd></div>\n", p.Lost)
	if t := p.Totals; t != nil {
		m.putf("<div><dt>requests</dt><dd class=\"count-requests\">%d</dd></div>\n", t.Requests)
		m.putf("<div><dt>of them failed</dt><dd class=\"count-failed\">%d</dd></div>\n", t.Failed)
		m.putf("<div><dt>received</dt><dd class=\"bytes\">%s</dd></div>\n", t.Bytes)
		m.putf("<div><dt>time waited</dt><dd class=\"waited\">%s</dd></div>\n", t.Waited)
	}
	m.putf("</dl>\n")
}

// requests are the waterfall, an upstream after the other.
func (m markup) requests(p page) {
	m.putf("<h2>Requests</h2>\n")
	m.putf("<p class=\"keys\">")
	for i, key := range []struct{ class, means string }{
		{"c asked", "asked for by go"}, {"c ahead", "fetched ahead"}, {"c retry", "retry"}, {"c resume", "resume"},
		{"c hedge", "second start"}, {"c rotate", "another upstream instead"}, {"c failed", "failed"},
		{"c missing", "not found, or given up"}, {"wait", "wait"}, {"c h asked", "until the answer began"},
	} {
		if i > 0 {
			m.putf(" ")
		}
		m.putf(`<span class="key"><b class="%s"></b>%s</span>`, key.class, key.means)
	}
	m.putf("</p>\n")
	checked := ""
	if p.Only {
		checked = " checked"
	}
	m.putf(`<p><label><input type="checkbox" class="only"%s> only the %d that failed, waited, were repeated or given up</label></p>`+"\n", checked, p.Special)
	if p.Totals != nil && p.Totals.NotKept > 0 {
		m.putf("<p class=\"dim\">%d later requests were counted and not kept.</p>\n", p.Totals.NotKept)
	}
	for _, u := range p.Upstreams {
		m.upstream(u, p.Ticks)
	}
}

func (m markup) upstream(u pageUpstream, ticks []pageTick) {
	m.putf(`<details class="plot" open><summary><b>%s</b> <span class="dim">%s</span></summary>`+"\n", u.Name, u.Totals)
	m.putf(`<div class="rows" tabindex="0" role="region" aria-label="requests to %s">`+"\n", u.Name)
	m.putf(`<div class="row scale"><span>up to %d under way</span><div>`, u.Busy.Most)
	m.putf(`<svg viewBox="0 0 %d %d" preserveAspectRatio="none" aria-hidden="true"><path class="all" d="%s"/><path class="bad" d="%s"/></svg>`,
		busyWidth, u.Busy.Most, u.Busy.All, u.Busy.Failed)
	m.ticks(ticks)
	m.putf("</div></div>\n")
	for _, r := range u.Rows {
		m.putf(`<div class="row %s" title="%s: %s"><span><bdi>%s</bdi></span><div>`, r.Class, r.Label, r.Text, r.Label)
		for _, b := range r.Bars {
			m.putf(`<i class="%s" style="left:%.3f%%;width:%.3f%%"></i>`, b.Class, b.Left, b.Width)
		}
		m.putf("</div><em>%s", r.Took)
		if r.Result != "" {
			m.putf(" %s", r.Result)
		}
		m.putf("</em></div>\n")
	}
	m.putf("</div></details>\n")
}

func (m markup) ticks(list []pageTick) {
	m.putf(`<div class="ticks">`)
	for _, t := range list {
		m.putf(`<span style="left:%g%%">%s</span>`, t.Left, t.Label)
	}
	m.putf("</div>")
}

// lanes are the failures of those whose requests are not shown.
func (m markup) lanes(p page) {
	title := "When and where"
	if len(p.Upstreams) > 0 {
		title = "Failures elsewhere"
	}
	m.putf("<h2>%s", title)
	for _, key := range []struct {
		outcome journal.Outcome
		means   string
	}{{journal.Healed, "healed"}, {journal.Unhealed, "not healed"}, {journal.Noted, "noted"}} {
		m.putf(` <span class="key"><b class="%s"></b>%s</span>`, key.outcome, key.means)
	}
	m.putf("</h2>\n")
	for _, l := range p.Lanes {
		m.putf(`<div class="lane"><span>%s</span><div class="bars">`, l.Name)
		for _, b := range l.Bars {
			m.putf(`<div class="bar %s" title="%s: %s"><i style="left:%.3f%%;width:%.3f%%"></i></div>`, b.Class, b.Label, b.Text, b.Left, b.Width)
		}
		m.putf("</div></div>\n")
	}
	m.putf(`<div class="lane"><span></span>`)
	m.ticks(p.Ticks)
	m.putf("</div>\n")
}

func (m markup) groups(list []journal.Group) {
	m.putf("<h2>What was met and done</h2>\n<div class=\"scroll\"><table>\n")
	m.putf("<tr><th>failures</th><th>upstream</th><th>ending</th><th>effort</th><th>modules</th><th>for example</th></tr>\n")
	for _, g := range list {
		m.putf(`<tr><td class="n">%s</td><td>%s</td><td>%s</td><td class="n">%s</td><td>%s</td><td class="dim">%s</td></tr>`+"\n",
			times(g), g.Upstream, ending(g), effort(g), g.Subject(), g.First.Text)
	}
	m.putf("</table></div>\n")
}

// slowest are the modules that cost most: with their requests, where those are
// known.
func (m markup) slowest(p page) {
	title := "Modules that cost most"
	if len(p.Upstreams) > 0 {
		title = "Slowest modules"
	}
	m.putf("<h2>%s</h2>\n<div class=\"scroll\"><table class=\"small\">\n", title)
	if len(p.Upstreams) > 0 {
		m.putf("<tr><th>module</th><th>time</th><th>requests</th><th>failures</th><th>size</th></tr>\n")
	} else {
		m.putf("<tr><th>module</th><th>time</th><th>failures</th></tr>\n")
	}
	for _, s := range p.Slowest {
		m.putf(`<tr><td>%s</td><td class="n">%s</td>`, s.Name, s.Time)
		if len(p.Upstreams) > 0 {
			m.putf(`<td class="n">%d</td><td class="n">%d</td><td class="n">%s</td>`, s.Requests, s.Failed, s.Bytes)
		} else {
			m.putf(`<td class="n">%d</td>`, s.Failed)
		}
		m.putf("</tr>\n")
	}
	m.putf("</table></div>\n")
}

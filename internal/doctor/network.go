package doctor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/family"
	"github.com/gosteady/gosteady/internal/httpprobe"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/tui"
)

const (
	// question is what a module proxy is asked: a module that all of them
	// have, by a request that costs them little.
	question = "golang.org/x/mod/@v/list"
	// askPatience bounds one request; doctor asks few.
	askPatience = 10 * time.Second
	// maxSkew is how wrong a clock may be before certificates and signatures
	// begin to fail.
	maxSkew = 5 * time.Minute
)

// A server is one that go commands would ask.
type server struct {
	name  string
	ask   *url.URL
	sumdb bool
}

// checkNetwork asks every server of the effective settings, side by side.
func (d *doctor) checkNetwork(ctx context.Context) []Check {
	base, err := proxylist.Parse(d.settings.Get("GOPROXY"))
	if err != nil {
		return []Check{{Verdict: tui.Fail, Text: "nothing was asked: GOPROXY cannot be read"}}
	}
	proxies := d.policy.EffectiveProxies(base)
	client := d.client(d.HTTPProxy)
	servers := proxyServers(proxies)
	if name, base, ok := client.SumDB(ctx, d.settings, proxies); ok {
		servers = append(servers, server{name, base.JoinPath("latest"), true})
	}
	results := make([][]Check, len(servers))
	var group sync.WaitGroup
	for i, s := range servers {
		group.Go(func() { results[i] = d.checkServer(ctx, client, s) })
	}
	group.Wait()
	checks := once(slices.Concat(slices.Concat(results...), checkOthers(proxies), d.checkFamilies(time.Now())))
	if len(checks) == 0 {
		checks = append(checks, Check{Verdict: tui.Note, Text: "no server to ask: GOPROXY names none"})
	}
	return checks
}

// client asks through an HTTP proxy, where there is one.
func (d *doctor) client(httpProxy func(*http.Request) (*url.URL, error)) *httpprobe.Client {
	return httpprobe.NewClient(d.settings, d.Place.Env, min(askPatience, d.Timeout), httpProxy)
}

// once drops what was said before: two servers on one host have one
// certificate.
func once(checks []Check) []Check {
	said := make(map[string]bool)
	return slices.DeleteFunc(checks, func(c Check) bool {
		again := said[c.Text]
		said[c.Text] = true
		return again
	})
}

func proxyServers(proxies []proxylist.Proxy) []server {
	var servers []server
	for _, p := range proxies {
		if p.Kind == proxylist.HTTP {
			servers = append(servers, server{name: mask.URL(p.URL), ask: p.URL.JoinPath(question)})
		}
	}
	return servers
}

// checkOthers looks at the entries that are no servers.
func checkOthers(proxies []proxylist.Proxy) []Check {
	var checks []Check
	for _, p := range proxies {
		if p.Kind == proxylist.File {
			if _, err := os.Stat(p.FilePath()); err != nil {
				checks = append(checks, Check{Verdict: tui.Fail, Text: p.Raw + ": " + err.Error()})
			}
		}
	}
	return checks
}

// checkFamilies tells which hosts go commands reach by one family of addresses alone.
func (d *doctor) checkFamilies(now time.Time) []Check {
	var checks []Check
	for _, rec := range family.Known(journal.OpenStore(d.Place.Getenv).Dir(), now) {
		checks = append(checks, Check{Verdict: tui.Note,
			Text: fmt.Sprintf("%s: connections over %s failed %s ago, so gosteady tries %s first until %s",
				rec.Host, rec.Avoid, now.Sub(rec.Last).Round(time.Minute), rec.Avoid.Other(), rec.Last.Add(family.Lasting).Format("15:04")),
			Fix: "plain go uses " + string(rec.Avoid) + ": have the route to that host repaired (often the MTU of a tunnel)"})
	}
	return checks
}

// checkServer asks one server, as often as was wanted, and judges the worst
// answer.
func (d *doctor) checkServer(ctx context.Context, c *httpprobe.Client, s server) []Check {
	answers := make([]httpprobe.Answer, max(1, d.Count))
	for i := range answers {
		answers[i] = c.Get(ctx, s.ask, s.sumdb)
	}
	slices.SortFunc(answers, func(x, y httpprobe.Answer) int { return int(x.Timing.Total - y.Timing.Total) })
	worst := answers[len(answers)-1]
	for _, got := range answers {
		if !got.Reached() {
			worst = got
		}
	}
	checks := []Check{d.judge(s, worst, answers)}
	checks = append(checks, d.checkWithout(ctx, s, worst)...)
	if c, ok := checkIssuer(s, worst); ok {
		checks = append(checks, c)
	}
	if c, ok := checkClock(worst, time.Now()); ok {
		checks = append(checks, c)
	}
	return checks
}

// judge is the line for a server.
func (d *doctor) judge(s server, worst httpprobe.Answer, all []httpprobe.Answer) Check {
	c := Check{Verdict: tui.OK, Text: s.name + " answers in " + parts(worst.Timing), Timing: worst.Timing.Seconds()}
	if n := len(all); n > 1 {
		reached := 0
		for _, a := range all {
			if a.Reached() {
				reached++
			}
		}
		c.Text = fmt.Sprintf("%s answered %d of %d times, half of them within %s, the slowest in %s",
			s.name, reached, n, journal.Duration(all[(n-1)/2].Timing.Total), parts(worst.Timing))
	}
	switch {
	case !worst.Reached():
		c.Verdict, c.Text, c.Fix = tui.Fail, s.name+": "+because(worst), worst.Failure.Advice
	case worst.Status == http.StatusUnauthorized && !worst.Credentials:
		c.Verdict, c.Text = tui.Fail, s.name+" wants credentials, and there are none (GOAUTH="+d.settings.Get("GOAUTH")+")"
		c.Fix = "add \"machine " + s.ask.Hostname() + " login … password …\" to ~/.netrc, or set GOAUTH"
	case worst.Status == http.StatusUnauthorized || worst.Status == http.StatusForbidden:
		c.Verdict, c.Text, c.Fix = tui.Fail, fmt.Sprintf("%s refuses: %s", s.name, because(worst)), worst.Failure.Advice
	case d.MaxLatency > 0 && worst.Timing.Total > d.MaxLatency:
		c.Verdict, c.Fix = tui.Fail, fmt.Sprintf("more than --max-latency %v", d.MaxLatency)
	case !worst.OK():
		c.Verdict, c.Text = tui.Note, fmt.Sprintf("%s answers %d to a question that all module proxies can answer", s.name, worst.Status)
	}
	return c
}

// because says in one line why an answer is none.
func because(a httpprobe.Answer) string {
	if a.Status != 0 {
		return fmt.Sprintf("%d %s (%s)", a.Status, http.StatusText(a.Status), a.Failure.Class)
	}
	return fmt.Sprintf("%s (%s)", mask.Line(a.Failure.Error()), a.Failure.Class)
}

// parts is a timing in words: "120ms (resolve 3ms, connect 20ms, TLS 40ms,
// first byte 57ms)".
func parts(t httpprobe.Timing) string {
	var list []string
	for _, p := range []struct {
		name string
		d    time.Duration
	}{{"resolve", t.Resolve}, {"connect", t.Connect}, {"TLS", t.TLS}, {"first byte", t.FirstByte}} {
		if p.d > 0 {
			list = append(list, p.name+" "+journal.Duration(p.d))
		}
	}
	if len(list) == 0 {
		return journal.Duration(t.Total)
	}
	return journal.Duration(t.Total) + " (" + strings.Join(list, ", ") + ")"
}

// checkWithout asks again past the HTTP proxy, if there is one: which of the
// two works says what to change.
func (d *doctor) checkWithout(ctx context.Context, s server, with httpprobe.Answer) []Check {
	via, err := d.viaHTTPProxy(s.ask)
	if err != nil || via == nil {
		return nil
	}
	without := d.client(nil).Get(ctx, s.ask, s.sumdb)
	switch {
	case with.Reached() && without.Reached():
		return []Check{{Verdict: tui.Note, Text: fmt.Sprintf("%s is asked through %s, and can be reached without it in %s", s.name, mask.URL(via), parts(without.Timing))}}
	case with.Reached():
		return []Check{{Verdict: tui.OK, Text: fmt.Sprintf("%s is reached through %s only", s.name, mask.URL(via))}}
	case without.Reached():
		return []Check{{Verdict: tui.Warn, Text: fmt.Sprintf("%s can be reached without %s", s.name, mask.URL(via)),
			Fix: "add " + s.ask.Hostname() + " to NO_PROXY"}}
	}
	return []Check{{Verdict: tui.Note, Text: fmt.Sprintf("%s cannot be reached without %s either: %s", s.name, mask.URL(via), because(without))}}
}

func (d *doctor) viaHTTPProxy(u *url.URL) (*url.URL, error) {
	if d.HTTPProxy == nil {
		return nil, nil
	}
	return d.HTTPProxy(&http.Request{URL: u})
}

// expectedIssuer is who signs the certificate of a host that is known, "" for others.
// A company that intercepts TLS signs them itself.
func expectedIssuer(host string) string {
	if host == "proxy.golang.org" || host == "sum.golang.org" {
		return "Google Trust Services"
	}
	return ""
}

func checkIssuer(s server, a httpprobe.Answer) (Check, bool) {
	want := expectedIssuer(s.ask.Hostname())
	if want == "" || a.Issuer == "" || strings.HasPrefix(a.Issuer, want) {
		return Check{}, false
	}
	return Check{Verdict: tui.Note, Text: fmt.Sprintf("the certificate of %s is signed by %q: a proxy intercepts TLS", s.ask.Hostname(), a.Issuer),
		Fix: "install its root certificate for go and git"}, true
}

// checkClock compares with the server's clock, unless a cache answered: a
// cached answer has an old date.
func checkClock(a httpprobe.Answer, now time.Time) (Check, bool) {
	date, err := http.ParseTime(a.Header.Get("Date"))
	if err != nil || a.Header.Get("Age") != "" {
		return Check{}, false
	}
	skew := now.Sub(date).Round(time.Second)
	if skew.Abs() < maxSkew {
		return Check{}, false
	}
	return Check{Verdict: tui.Warn, Text: fmt.Sprintf("the clock differs by %v from that of a server: certificates may seem expired or not yet valid", skew.Abs()),
		Fix: "set the clock, or turn on time synchronisation"}, true
}

package outages

import (
	"fmt"
	"os"
	"time"
)

// wave is how many requests have come when a server is killed "in the middle of the
// first wave": some are answered, and others under way.
const wave = 12

// Cases are all that are known to happen.
func Cases() []Case {
	var all []Case
	for _, latency := range []time.Duration{20 * time.Millisecond, 300 * time.Millisecond, 1500 * time.Millisecond} {
		for _, back := range []time.Duration{time.Second, 2 * time.Second, 15 * time.Second} {
			all = append(all, Case{
				Name: fmt.Sprintf("answers in %v, killed, back after %v", latency, back), Latency: latency,
				Long: back > 2*time.Second || latency > 100*time.Millisecond,
				Down: []Down{{Requests: wave, After: 10 * time.Millisecond, For: back}},
			})
		}
	}
	all = append(all, comings()...)
	all = append(all, rates()...)
	all = append(all, hops()...)
	all = append(all, failings()...)
	return append(all, endings()...)
}

// comings are servers that come and go in other ways.
func comings() []Case {
	const quick = 20 * time.Millisecond
	restart := []Down{{Requests: wave, After: 10 * time.Millisecond, For: time.Second}}
	return []Case{
		{Name: "goes down twice", Latency: quick, Down: []Down{restart[0], {Requests: 60, For: 2 * time.Second}}},
		{Name: "comes up 1s after the start", Latency: quick, Down: []Down{{For: time.Second}}},
		{Name: "comes up 4s after the start", Latency: quick, Down: []Down{{For: 4 * time.Second}}},
		{Name: "HTTP/2, killed, back after 1s", Latency: quick, HTTP2: true, Down: restart},
		{Name: "HTTP/2, GOAWAY on every tenth request", Latency: quick, HTTP2: true, Rules: "** every=10 goaway"},
		{Name: "killed in the middle of bodies, back after 1s", Rules: "**.zip drip=200000", Down: []Down{{Requests: 30, After: 50 * time.Millisecond, For: time.Second}}},
		{Name: "go build, killed, back after 2s", Latency: quick, Args: []string{"build", "-o", os.DevNull, "."}, Down: []Down{{Requests: wave, For: 2 * time.Second}}},
		{Name: "go list, killed, back after 2s", Latency: quick, Args: []string{"list", "-deps", "./..."}, Down: []Down{{Requests: wave, For: 2 * time.Second}}},
		{Name: "behind |, killed for good, and direct has nothing", Latency: quick, List: "%s|http://127.0.0.1:1", Long: true, Fails: true, Down: []Down{{Requests: wave}}},
	}
}

// rates are limits on how many requests a second a server takes.
func rates() (all []Case) {
	for _, limit := range []struct{ rate, burst int }{{20, 10}, {20, 20}, {40, 10}, {40, 20}} {
		for _, says := range []string{"status=503", "status=429", "status=429 retry-after=1"} {
			all = append(all, Case{
				Name:  fmt.Sprintf("%d a second, burst %d, %s", limit.rate, limit.burst, says),
				Rules: fmt.Sprintf("** rate=%d burst=%d %s", limit.rate, limit.burst, says),
				Long:  limit.rate < 40 || limit.burst < 20,
			})
		}
	}
	return all
}

// hops are HTTP proxies that are killed.
func hops() []Case {
	const quick = 20 * time.Millisecond
	down := []Down{{Requests: wave, After: 10 * time.Millisecond, For: 2 * time.Second}}
	return []Case{
		{Name: "HTTP_PROXY, killed, back after 2s", Latency: quick, Via: Forwarded, Down: down},
		{Name: "HTTPS_PROXY, killed, back after 2s", Latency: quick, Via: ByTunnel, Down: down},
	}
}

// failings are servers that are there and fail.
func failings() (all []Case) {
	for _, does := range []string{"status=503", "status=500", "reset after=0"} {
		for n := 1; n <= 3; n++ {
			all = append(all, Case{
				Name: fmt.Sprintf("fails each file %d times, %s", n, does), Long: n > 1,
				Rules: fmt.Sprintf("** each first=%d %s", n, does),
			})
		}
	}
	return append(all,
		Case{Name: "502 for three modules for ever", Long: true, Fails: true, Rules: "/example.com/m03/** status=502\n/example.com/m05/** status=502\n/example.com/m07/** status=502"},
		Case{Name: "502 for one zip for ever", Long: true, Fails: true, Rules: "/example.com/m05/**.zip status=502"})
}

// endings are what nobody gets through.
func endings() []Case {
	const quick = 20 * time.Millisecond
	return []Case{
		{Name: "refuses for ever", Fails: true, Down: []Down{{}}},
		{Name: "HTTP_PROXY refuses for ever", Via: Forwarded, Fails: true, Down: []Down{{}}},
		{Name: "HTTPS_PROXY refuses for ever", Via: ByTunnel, Fails: true, Down: []Down{{}}},
		{Name: "503 for ever", Long: true, Fails: true, Rules: "** status=503"},
		{Name: "500 for ever", Long: true, Fails: true, Rules: "** status=500"},
		{Name: "429 for ever", Long: true, Fails: true, Rules: "** status=429"},
		{Name: "gone for good after it has served", Long: true, Fails: true, Latency: quick, Down: []Down{{Requests: wave}}},
	}
}

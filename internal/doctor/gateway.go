package doctor

import (
	"context"
	"slices"

	"github.com/gosteady/gosteady/internal/gateway/standing"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/tui"
)

// checkGateway says whether the gateways of this user run, and whether GOPROXY names one
// that does not. Where there is none, there is nothing to say.
func (d *doctor) checkGateway(context.Context) []Check {
	state := journal.OpenStore(d.Place.Getenv).Dir()
	list := d.settings.Get("GOPROXY")
	proxies, _ := proxylist.Parse(list) // what is wrong with it, the settings' checks say
	var checks []Check
	running := false
	for _, r := range standing.Recorded(state) {
		used := slices.ContainsFunc(proxies, func(p proxylist.Proxy) bool { return r.Serves(p.URL) })
		address := r.Scheme + "://" + r.Host()
		switch {
		case r.Runs():
			running = running || used
			text := "a gateway serves " + address + " from " + r.Store
			if !used {
				text += "; GOPROXY does not name it"
			}
			checks = append(checks, Check{Verdict: tui.OK, Text: mask.Line(text)})
		case used:
			checks = append(checks, Check{Verdict: tui.Fail, Text: mask.Line("GOPROXY names the gateway " + address + ", which does not run"), Fix: "gosteady serve"})
		}
	}
	w, written := standing.ReadWritten(state)
	if written && w.Written == list && !running && len(checks) == 0 {
		checks = append(checks, Check{Verdict: tui.Fail, Text: "GOPROXY is what 'gosteady serve --env --write' wrote, and no gateway runs", Fix: "gosteady serve, or gosteady serve --env --unset"})
	}
	return checks
}

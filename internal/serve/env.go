package serve

import (
	"fmt"
	"net"
	"strings"

	"github.com/gosteady/gosteady/internal/gateway"
	"github.com/gosteady/gosteady/internal/gateway/standing"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// ClientList is GOPROXY for clients of the gateway: of the one that runs here, if nothing
// was said of another one, else of one with these settings. name is what the gateway is
// called where the clients are; "" for this machine.
func ClientList(place here.Place, f Flags, s *Settings, name string) (string, error) {
	if r, ok := running(place); ok && f.empty() {
		upstreams, err := proxylist.Parse(r.List)
		if err != nil {
			return "", err
		}
		token, err := readToken(place, r.TokenFile)
		if err != nil {
			return "", err
		}
		return gateway.ClientList(r.Scheme+"://"+named(r.Host(), name), token, r.Secret, upstreams), nil
	}
	connect := newConnector(place, s, nil)
	defer connect.close()
	var secret []bool
	for _, p := range s.List {
		if p.Kind == proxylist.HTTP {
			secret = append(secret, s.Exposed || connect.sends(p.URL))
		}
	}
	if name == "" && len(s.Hosts) > 0 && s.Exposed {
		name = s.Hosts[0]
	}
	host := named(standing.Record{Address: s.Listen}.Host(), name)
	return gateway.ClientList(s.Scheme()+"://"+host, s.Token, secret, s.List), nil
}

// running is the gateway of this user that runs, if it is one.
func running(place here.Place) (one standing.Record, ok bool) {
	n := 0
	for _, r := range standing.Recorded(journal.OpenStore(place.Getenv).Dir()) {
		if r.Runs() {
			one, n = r, n+1
		}
	}
	return one, n == 1
}

// named puts a name in the place of a host.
func named(hostport, name string) string {
	_, port, err := net.SplitHostPort(hostport)
	if name == "" || err != nil {
		return hostport
	}
	return net.JoinHostPort(name, port)
}

// Runs reports whether a gateway of these settings runs, or any of this user.
func Runs(place here.Place, s *Settings) bool {
	_, ok := running(place)
	return ok || standing.Record{Address: s.Listen}.Runs()
}

// Env are the variables for clients, a line each, as go env -w, $GITHUB_ENV and docker
// --env-file take them.
func Env(list string, s *Settings) string {
	var b strings.Builder
	fmt.Fprintf(&b, "GOPROXY=%s\n", list)
	for _, v := range [][2]string{{"GOPRIVATE", s.Rules.Private}, {"GONOPROXY", s.Rules.NoProxy}, {"GONOSUMDB", s.Rules.NoSumDB}} {
		if v[1] != "" {
			fmt.Fprintf(&b, "%s=%s\n", v[0], v[1])
		}
	}
	return b.String()
}

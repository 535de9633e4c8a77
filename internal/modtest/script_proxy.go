package modtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// A scriptProxy is a proxy that a script named.
type scriptProxy struct {
	*faultproxy.Proxy
	store *faultproxy.Store
	rules string
}

// rewind makes it as it was after its last "proxy" or "rules".
func (p *scriptProxy) rewind() error {
	p.Forget()
	return p.Script(p.rules)
}

func proxyNamed(ts *testscript.TestScript, name string) *scriptProxy {
	p := theStage(ts).proxies[name]
	if p == nil {
		ts.Fatalf("no proxy %s", name)
	}
	return p
}

func cmdProxy(ts *testscript.TestScript, _ bool, args []string) {
	s := theStage(ts)
	name := args[0]
	store, err := s.store(ts.Getenv("WORK"))
	ts.Check(err)
	config := faultproxy.Config{}
	refuse := false
	rest := args[1:]
	for ; len(rest) > 0 && strings.HasPrefix(rest[0], "-"); rest = rest[1:] {
		option, value, _ := strings.Cut(rest[0], "=")
		switch option {
		case "-name":
			config.Host = value
		case "-h2":
			config.HTTP2 = true
		case "-tls":
			config.TLS = true
		case "-expired":
			config.TLS, config.Cert = true, faultproxy.ExpiredCert
		case "-soon":
			config.TLS, config.Cert = true, faultproxy.SoonCert
		case "-otherhost":
			config.TLS, config.Cert = true, faultproxy.OtherHost
		case "-norange":
			store.NoRange = true
		case "-empty":
			store = faultproxy.NewStore()
		case "-refuse":
			refuse = true
		default:
			ts.Fatalf("unknown option %s", rest[0])
		}
	}
	config.Content, config.Rules = store, strings.Join(rest, "\n")
	p, err := faultproxy.Start(config)
	ts.Check(err)
	ts.Defer(func() { p.Close() })
	if refuse {
		p.Refuse()
	}
	s.proxies[name] = &scriptProxy{p, store, config.Rules}
	ts.Setenv(name, p.URL())
	if pem := p.CertPEM(); pem != nil {
		trust(ts, pem)
	}
}

// trust adds a CA to those that the commands of the script accept.
func trust(ts *testscript.TestScript, pem []byte) {
	file := filepath.Join(ts.Getenv("WORK"), ".env", "ca.pem")
	ts.Check(os.WriteFile(file, append([]byte(maybeRead(file)), pem...), 0o666))
	ts.Setenv("SSL_CERT_FILE", file)
	trustBySystem(ts, pem)
}

func cmdUserinfo(ts *testscript.TestScript, _ bool, args []string) {
	scheme, rest, _ := strings.Cut(proxyNamed(ts, args[0]).URL(), "://")
	ts.Setenv("GOPROXY", scheme+"://"+args[1]+"@"+rest)
}

func cmdRules(ts *testscript.TestScript, _ bool, args []string) {
	p := proxyNamed(ts, args[0])
	p.rules = strings.Join(args[1:], "\n")
	ts.Check(p.rewind())
}

func cmdRefuse(ts *testscript.TestScript, _ bool, args []string) { proxyNamed(ts, args[0]).Refuse() }

func cmdListen(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(proxyNamed(ts, args[0]).Listen())
}

func cmdAsked(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: asked NAME PATTERN N|N+|N-M")
	}
	p := proxyNamed(ts, args[0])
	n := p.Count(args[1])
	ok, err := inRange(n, args[2])
	ts.Check(err)
	if neg == ok {
		ts.Fatalf("%s was asked %d times for %s:\n%s", args[0], n, args[1], formatRequests(p))
	}
}

// inRange reads "3", "3+" and "3-5".
func inRange(n int, want string) (bool, error) {
	if least, ok := strings.CutSuffix(want, "+"); ok {
		low, err := strconv.Atoi(least)
		return n >= low, err
	}
	first, last, ok := strings.Cut(want, "-")
	if !ok {
		last = first
	}
	low, err := strconv.Atoi(first)
	if err != nil {
		return false, err
	}
	high, err := strconv.Atoi(last)
	return low <= n && n <= high, err
}

func cmdRequests(ts *testscript.TestScript, _ bool, args []string) {
	fmt.Fprint(ts.Stdout(), formatRequests(proxyNamed(ts, args[0])))
}

func formatRequests(p *scriptProxy) string {
	var b strings.Builder
	for _, r := range p.Requests() {
		fmt.Fprintf(&b, "%s %s %s", r.Proto, r.Method, r.Path)
		if v := r.Header.Get("Range"); v != "" {
			fmt.Fprintf(&b, " range %s", v)
		}
		if v := r.Header.Get("Authorization"); v != "" {
			fmt.Fprintf(&b, " authorization %s", v)
		}
		if r.Fault != "" {
			fmt.Fprintf(&b, " fault %s", r.Fault)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func cmdSumDB(ts *testscript.TestScript, _ bool, args []string) {
	// Where no proxy carries it, go asks https://NAME: that must not leave the machine.
	// Each has a name of its own, because a client remembers the tree of a name.
	name := "localhost/" + strings.ToLower(args[0])
	p := proxyNamed(ts, args[0])
	db, err := p.store.SumDB(name)
	ts.Check(err)
	what := ""
	if len(args) > 1 {
		what = args[1]
	}
	switch what {
	case "":
		ts.Setenv("GOSUMDB", db.Key)
	case "direct":
		ts.Setenv("GOSUMDB", db.Key+" "+p.URL()+"/sumdb/"+name)
	case "fork":
		db.Fork()
	case "lie", "miss", "know":
		m := modVersion(ts, args[2])
		if what == "lie" {
			db.Lie(m.Path, m.Version)
		} else {
			db.Miss(m.Path, m.Version, what == "miss")
		}
	default:
		ts.Fatalf("sumdb: unknown word %s", what)
	}
}

package serve

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/gateway"
	"github.com/gosteady/gosteady/internal/goauth"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/upstream"
	"github.com/gosteady/gosteady/policy"
	"golang.org/x/mod/module"
)

// atOnce is how many requests an upstream is taken to answer side by side before it has
// shown what it can: a gateway stands for many go commands.
const atOnce = 16

// A connector makes the sources of a gateway, which share what one process knows of the
// network. Each fetch has a wait budget of its own.
type connector struct {
	auth   *goauth.Source
	group  *upstream.Group
	judged func(modPath string) bool // whether the checksum database has the last word on a module
}

// newConnector reports what fetches meet to an observer; nil for nobody.
func newConnector(place here.Place, s *Settings, o upstream.Observer) *connector {
	c := &connector{auth: &goauth.Source{Setting: s.Go.Get("GOAUTH"), Environ: place.Env, Dir: place.Dir}}
	c.group = upstream.NewGroup(upstream.Config{
		Policy: s.Policy, State: journal.OpenStore(place.Getenv).Dir(), Temp: s.Go.Environ("GOTMPDIR"), Auth: c.auth,
		Standing: true, AtOnce: atOnce, Observer: o,
	})
	c.judged = func(modPath string) bool {
		return s.Rules.SumDB != "off" && !module.MatchPrefixPatterns(s.Rules.NoSumDB, modPath)
	}
	return c
}

// connect is a [gateway.Connect].
func (c *connector) connect(base *url.URL, database bool) (gateway.Source, bool, error) {
	if err := goauth.Check(c.auth.Setting); err != nil {
		return nil, false, err
	}
	if database {
		return source{c.group.Database(base), c.judged}, false, nil
	}
	return source{c.group.Proxy(base), c.judged}, c.sends(base), nil
}

// sends reports whether an upstream gets credentials that not everyone has: those in its
// address or of .netrc, and perhaps those of a command in GOAUTH, which is asked when the
// upstream wants some.
func (c *connector) sends(base *url.URL) bool {
	if base.User != nil {
		return true
	}
	if base.Scheme != "https" || policy.WellKnownProxy(base) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), askFor)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base.JoinPath("/").String(), nil)
	if err != nil {
		return true
	}
	c.auth.Add(ctx, req)
	return len(req.Header) > 0 || runsCommands(c.auth.Setting)
}

// askFor is how long commands in GOAUTH may take.
const askFor = time.Minute

// runsCommands reports whether GOAUTH has more than .netrc.
func runsCommands(setting string) bool {
	for command := range strings.SplitSeq(setting, ";") {
		switch strings.TrimSpace(command) {
		case "", "netrc", "off":
		default:
			return true
		}
	}
	return false
}

// close ends idle connections, and saves what is known.
func (c *connector) close() { c.group.Close() }

// A source fetches for a gateway.
type source struct {
	client *upstream.Client
	judged func(modPath string) bool
}

// Fetch implements [gateway.Source]. A body that broke off is resumed where its hash is
// compared afterwards.
func (s source) Fetch(ctx context.Context, it modproxy.Item) (gateway.File, error) {
	expect := modproxy.Expect{InSumDB: it.Exact() && s.judged(it.Mod.Path)}
	f, err := s.client.Fetch(ctx, upstream.Request{Item: it, Expect: expect, Reason: journal.Asked, Last: true})
	if err == nil {
		return file{f}, nil
	}
	var e *upstream.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	e.File.Release()
	if e.Status != 0 && e.Invalid == nil {
		return nil, &gateway.StatusError{Status: e.Status, Detail: plain(e), Cause: e.Failure}
	}
	return nil, err
}

// plain is what a server said to people.
func plain(e *upstream.Error) []byte {
	if !strings.HasPrefix(e.Type, "text/plain") {
		return nil
	}
	return e.Detail
}

// A file is an upstream's.
type file struct{ *upstream.File }

func (f file) Size() int64  { return f.Body.Size() }
func (f file) Type() string { return f.File.Type }

func (f file) ReadAt(p []byte, off int64) (int, error) { return f.Body.ReadAt(p, off) }

func (f file) Close() error {
	f.Release()
	return nil
}

package gateway

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/gateway/sumcheck"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// carrierFor is how long one that carries the checksum database is believed to.
const carrierFor = 10 * time.Minute

// A carrier knows where the checksum database is asked: as for the go command
// (modfetch.dbClient.initBase), at the address in GOSUMDB, else at the first proxy that
// says it carries it, else at its own address.
type carrier struct {
	name   string
	list   []proxylist.Proxy
	ends   []*endpoint // of each entry; nil: it is no proxy
	direct Source      // at GOSUMDB's address, or the database's own
	fixed  bool        // no proxy is asked
	now    func() time.Time
	// ask asks a proxy, together with clients who want the same. doubted is for what must
	// not be from the store.
	ask func(ctx context.Context, e *endpoint, it modproxy.Item, doubted bool) reply

	mu    sync.Mutex
	known bool      // whether end is known
	end   *endpoint // who carries it; nil: nobody, it is asked at direct
	until time.Time
}

func (g *Gateway) newCarrier(c Config, setting sumcheck.Setting, ends []*endpoint) (*carrier, error) {
	k := &carrier{name: setting.Name, list: c.Upstreams, now: g.now, ask: g.perishable, fixed: setting.URL != ""}
	if k.name == "" {
		return k, nil
	}
	address := "https://" + setting.Name
	if k.fixed {
		address = setting.URL
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("GOSUMDB: the address has to be http or https")
	}
	if k.direct, _, err = c.Connect(u, true); err != nil {
		return nil, err
	}
	k.ends = make([]*endpoint, len(k.list))
	for i, x := range k.list {
		if x.Kind == proxylist.HTTP {
			k.ends[i], ends = ends[0], ends[1:]
		}
	}
	return k, nil
}

// read asks the database.
func (k *carrier) read(ctx context.Context, it modproxy.Item, doubted bool) ([]byte, error) {
	e, err := k.find(ctx)
	if err != nil {
		return nil, err
	}
	if e == nil {
		f, err := k.direct.Fetch(ctx, it)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return readAll(f)
	}
	a := k.ask(ctx, e, it, doubted)
	defer a.release()
	if a.err != nil {
		if isDown(a.err) {
			k.forget()
		}
		return nil, a.err
	}
	return readAll(a.file)
}

// find returns who is asked, nil for the database itself, and remembers it. Those who
// walk the list at once share its requests, and nobody waits for the lock meanwhile.
func (k *carrier) find(ctx context.Context) (*endpoint, error) {
	if k.fixed {
		return nil, nil
	}
	if end, known := k.remembered(); known {
		return end, nil
	}
	end, err := k.walk(ctx)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known, k.end, k.until = true, end, k.now().Add(carrierFor)
	return end, nil
}

func (k *carrier) remembered() (end *endpoint, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.end, k.known && k.now().Before(k.until)
}

func (k *carrier) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known = false
}

// walk asks along the list, as go does: where nobody carries the database, or may be
// passed over, it is the database itself.
func (k *carrier) walk(ctx context.Context) (end *endpoint, err error) {
	err = proxylist.Try(k.list, 0, func(i int) error {
		if k.ends[i] == nil {
			return fs.ErrNotExist
		}
		a := k.ask(ctx, k.ends[i], modproxy.Item{Kind: modproxy.Supported, DB: k.name}, false)
		a.release()
		switch {
		case a.err == nil:
			end = k.ends[i]
		case ctx.Err() != nil:
			return proxylist.Stop(ctx.Err()) // it says nothing of who carries it
		case k.list[i].FallBackOnError:
			return fs.ErrNotExist
		}
		return a.err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return end, err
}

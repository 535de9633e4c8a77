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
	list   []stop
	direct Source // at GOSUMDB's address, or the database's own
	fixed  bool   // no proxy is asked
	now    func() time.Time

	mu     sync.Mutex
	source Source
	until  time.Time
}

// A stop is one entry of the list, on the way to who carries the database.
type stop struct {
	source Source // nil: direct, off, or a directory
	pipe   bool
	end    bool // direct or off: the database's own address
}

func newCarrier(c Config, setting sumcheck.Setting, ends []*endpoint, now func() time.Time) (*carrier, error) {
	k := &carrier{name: setting.Name, now: now, fixed: setting.URL != ""}
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
	i := 0
	for _, x := range c.Upstreams {
		s := stop{pipe: x.FallBackOnError, end: x.Kind == proxylist.Direct || x.Kind == proxylist.Off}
		if x.Kind == proxylist.HTTP {
			s.source = ends[i].source
			i++
		}
		k.list = append(k.list, s)
	}
	return k, nil
}

// read asks the database.
func (k *carrier) read(ctx context.Context, it modproxy.Item) ([]byte, error) {
	source, err := k.find(ctx)
	if err != nil {
		return nil, err
	}
	f, err := source.Fetch(ctx, it)
	if err != nil {
		if status := (*StatusError)(nil); !errors.As(err, &status) || !status.missing() {
			k.forget()
		}
		return nil, err
	}
	defer f.Close()
	return readAll(f)
}

// find returns who is asked, and remembers it.
func (k *carrier) find(ctx context.Context) (Source, error) {
	if k.fixed {
		return k.direct, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.source != nil && k.now().Before(k.until) {
		return k.source, nil
	}
	source, err := k.walk(ctx)
	if err == nil {
		k.source, k.until = source, k.now().Add(carrierFor)
	}
	return source, err
}

func (k *carrier) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.source = nil
}

func (k *carrier) walk(ctx context.Context) (Source, error) {
	for _, s := range k.list {
		if s.end {
			break
		}
		if s.source == nil {
			continue
		}
		f, err := s.source.Fetch(ctx, modproxy.Item{Kind: modproxy.Supported, DB: k.name})
		switch {
		case err == nil:
			f.Close()
			return s.source, nil
		case !errors.Is(err, fs.ErrNotExist) && !s.pipe:
			return nil, err
		}
	}
	return k.direct, nil
}

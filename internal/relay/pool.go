package relay

import (
	"maps"
	"net/url"
	"slices"
	"sync"
)

// A pool has all upstreams. A proxy and a checksum database at the same address are
// two of them: what one of them lacks says nothing of the other.
type pool struct {
	proxies []*upstream // not changed after the start

	mu        sync.Mutex
	databases map[string]*upstream // by URL
}

// proxy returns the upstream of a proxy's URL; nil if there is none yet.
func (p *pool) proxy(base *url.URL) *upstream {
	for _, u := range p.proxies {
		if u.base.String() == base.String() {
			return u
		}
	}
	return nil
}

// database returns the upstream of a checksum database's own address; nil if there
// is none yet.
func (p *pool) database(address string) *upstream {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.databases[address]
}

// addDatabase adds one, unless another goroutine was quicker, and returns the one
// that counts.
func (p *pool) addDatabase(address string, u *upstream) *upstream {
	p.mu.Lock()
	defer p.mu.Unlock()
	if there := p.databases[address]; there != nil {
		return there
	}
	if p.databases == nil {
		p.databases = make(map[string]*upstream)
	}
	p.databases[address] = u
	return u
}

// all returns the upstreams of every kind.
func (p *pool) all() []*upstream {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.AppendSeq(slices.Clone(p.proxies), maps.Values(p.databases))
}

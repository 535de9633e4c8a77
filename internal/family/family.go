// Package family remembers by which family of addresses a host is better dialed.
//
// The system prefers IPv6 where a host has both, and Go's dialer takes the other
// family where no connection comes about. Where one does and then stalls (a tunnel
// that loses large packets), or where a host refuses one family, every further
// connection goes the same way. A [Memory] makes the next one go the other way, and
// if that is the one that works, the next command too.
//
// What a host lacks is found by dialing: nothing is resolved here.
package family

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/wholefile"
)

// A Family is a version of the Internet Protocol.
type Family string

// The families. Any leaves the choice to the system.
const (
	Any  Family = ""
	IPv4 Family = "IPv4"
	IPv6 Family = "IPv6"
)

// Other is the other one.
func (f Family) Other() Family {
	switch f {
	case IPv4:
		return IPv6
	case IPv6:
		return IPv4
	}
	return Any
}

// Network is the network of that family for net.Dial.
func (f Family) Network() string {
	switch f {
	case IPv4:
		return "tcp4"
	case IPv6:
		return "tcp6"
	}
	return "tcp"
}

// Of is the family of an address, Any where it has none.
func Of(addr net.Addr) Family {
	tcp, ok := addr.(*net.TCPAddr)
	switch {
	case !ok || tcp.IP == nil:
		return Any
	case tcp.IP.To4() != nil:
		return IPv4
	}
	return IPv6
}

const (
	file = "families.json"
	// Lasting is for how long a finding counts. Then the system's choice is tried
	// again: networks change.
	Lasting = time.Hour
)

// A Record is what one command tells the next about a host.
type Record struct {
	Host  string    `json:"host"`
	Avoid Family    `json:"avoid"` // it failed, and the other one then worked
	Last  time.Time `json:"last"`
}

func (r Record) holds(now time.Time) bool {
	age := now.Sub(r.Last)
	return age >= 0 && age < Lasting && r.Avoid.Other() != Any
}

// Known reads what is remembered in a directory.
func Known(dir string, now time.Time) []Record {
	data, _ := os.ReadFile(filepath.Join(dir, file)) // none: nothing is known
	return parse(data, now)
}

func parse(data []byte, now time.Time) []Record {
	var list []Record
	if json.Unmarshal(data, &list) != nil {
		return nil
	}
	return slices.DeleteFunc(list, func(r Record) bool { return !r.holds(now) })
}

// A Memory is safe for concurrent use.
type Memory struct {
	Dir string // of the file; "": nothing outlives the command
	Now func() time.Time

	mu     sync.Mutex
	loaded bool
	news   map[string]bool // hosts of which this command knows better
	hosts  map[string]*host
}

// A host is what is known of one host.
type host struct {
	avoid  Record // of an earlier command, or found by this one
	next   Family // after a failure
	failed map[Family]bool
	worked map[Family]bool
	lacks  map[Family]bool
}

// Next is the family by which a host is dialed first.
func (m *Memory) Next(name string) Family {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.host(name)
	if h.next != Any {
		return h.next
	}
	if better := h.avoid.Avoid.Other(); !h.lacks[better] {
		return better
	}
	return Any
}

// Lacks notes that a host cannot be reached by a family at all.
func (m *Memory) Lacks(name string, f Family) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.host(name)
	h.lacks[f] = true
	if h.next == f {
		h.next = Any
	}
}

// Failed notes that a connection to a host came about and was of no use. It reports
// whether the next one is to be another: the host may have the other family.
func (m *Memory) Failed(name string, f Family) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.host(name)
	if f == Any || h.lacks[f.Other()] {
		return false
	}
	h.failed[f] = true
	h.next = f.Other()
	return true
}

// Worked notes a good answer. It reports whether that shows for the first time that
// the other family is to be avoided: it has failed, and has given nothing.
func (m *Memory) Worked(name string, f Family) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.host(name)
	if f == Any {
		return false
	}
	h.worked[f] = true
	other := f.Other()
	switch {
	case h.avoid.Avoid == f:
		h.avoid, m.news[name] = Record{}, true
	case h.failed[other] && !h.worked[other] && h.avoid.Avoid != other:
		h.avoid, m.news[name] = Record{Host: name, Avoid: other, Last: m.Now()}, true
		return true
	}
	return false
}

// host returns what is known of a host; the lock is held.
func (m *Memory) host(name string) *host {
	if !m.loaded {
		m.loaded, m.hosts, m.news = true, map[string]*host{}, map[string]bool{}
		if m.Dir != "" {
			for _, rec := range Known(m.Dir, m.Now()) {
				m.host(rec.Host).avoid = rec
			}
		}
	}
	if m.hosts[name] == nil {
		m.hosts[name] = &host{failed: map[Family]bool{}, worked: map[Family]bool{}, lacks: map[Family]bool{}}
	}
	return m.hosts[name]
}

// Save writes the file, if anything was found: what others have found meanwhile stays.
// An error is not worth a word: the next command finds out by itself.
func (m *Memory) Save() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.news) == 0 || m.Dir == "" {
		return
	}
	_ = wholefile.Update(filepath.Join(m.Dir, file), func(old []byte) (string, error) {
		list := slices.DeleteFunc(parse(old, m.Now()), func(r Record) bool { return m.news[r.Host] })
		for name := range m.news {
			if avoid := m.hosts[name].avoid; avoid.holds(m.Now()) {
				list = append(list, avoid)
			}
		}
		slices.SortFunc(list, func(a, b Record) int { return strings.Compare(a.Host, b.Host) })
		data, err := json.Marshal(list)
		return string(data) + "\n", err
	})
	clear(m.news)
}

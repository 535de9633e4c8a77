package upstream

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/wholefile"
	"github.com/gosteady/gosteady/policy"
)

const (
	healthFile = "health.json"
	// healthAge is when a remembered failure is forgotten altogether.
	healthAge = time.Hour
)

// A health is what one invocation tells the next about upstreams: a small file
// that is read once and written at the end, and only if something failed or a
// failure is over. Two that write at once lose nothing of worth.
type health struct {
	dir string // "": nothing is remembered
	now func() time.Time

	once  sync.Once
	mu    sync.Mutex
	known healthState
	dirty bool
}

type healthState struct {
	Offline   time.Time         `json:"offline,omitzero"`
	Upstreams map[string]record `json:"upstreams,omitempty"` // by healthName
}

// healthName is what the memory knows an upstream by: its address without
// credentials. With some services the path is one, so a path that is not that
// of a well-known proxy is not written but as a part of a hash.
func healthName(base *url.URL) string {
	bare := url.URL{Scheme: base.Scheme, Host: base.Host, Path: base.Path, RawPath: base.RawPath}
	if strings.Trim(bare.Path, "/") == "" || policy.WellKnownProxy(&bare) {
		return bare.String()
	}
	return fmt.Sprintf("%s#%.6x", bare.Host, sha256.Sum256([]byte(bare.String())))
}

// isHealthName tells such a name from an address that an earlier version wrote
// with its path.
func isHealthName(name string) bool {
	if !strings.Contains(name, "://") {
		return true
	}
	u, err := url.Parse(name)
	return err == nil && healthName(u) == name
}

// A record is the recent history of one upstream.
type record struct {
	Failures int       `json:"failures"` // questions in a row that ended in a failure
	Last     time.Time `json:"last"`
}

// load reads the file; whatever is wrong with it, nothing is known then.
func (h *health) load() {
	h.once.Do(func() {
		h.known.Upstreams = map[string]record{}
		if h.dir == "" {
			return
		}
		data, err := os.ReadFile(filepath.Join(h.dir, healthFile))
		if err != nil {
			return
		}
		var state healthState
		if json.Unmarshal(data, &state) != nil {
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		now := h.now()
		h.known.Offline = state.Offline
		for name, rec := range state.Upstreams {
			if !isHealthName(name) {
				h.dirty = true // to be written without it
				continue
			}
			if age := now.Sub(rec.Last); age >= 0 && age < healthAge && rec.Failures > 0 {
				h.known.Upstreams[name] = rec
			}
		}
	})
}

func (h *health) record(name string) record {
	h.load()
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.known.Upstreams[name]
}

// set remembers a record; one without failures is forgotten.
func (h *health) set(name string, rec record) {
	h.load()
	h.mu.Lock()
	defer h.mu.Unlock()
	if rec.Failures > 0 {
		h.known.Upstreams[name] = rec
		h.dirty = true
	} else if _, ok := h.known.Upstreams[name]; ok {
		delete(h.known.Upstreams, name)
		h.dirty = true
	}
}

func (h *health) wasOffline(now time.Time) bool {
	h.load()
	h.mu.Lock()
	defer h.mu.Unlock()
	age := now.Sub(h.known.Offline)
	return age >= 0 && age < offlineMemory
}

func (h *health) offline(now time.Time) {
	h.load()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known.Offline, h.dirty = now, true
}

func (h *health) online() {
	h.load()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.known.Offline.IsZero() {
		h.known.Offline, h.dirty = time.Time{}, true
	}
}

// save writes the file. An error is not worth a word: the next invocation finds out
// by itself.
func (h *health) save() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.dirty || h.dir == "" {
		return
	}
	h.dirty = false
	data, err := json.Marshal(h.known)
	if err != nil {
		return
	}
	_ = wholefile.WriteString(filepath.Join(h.dir, healthFile), string(data)+"\n")
}

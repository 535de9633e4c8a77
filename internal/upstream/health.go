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
// failure is over. What others have written meanwhile stays, but for what it knows
// better.
type health struct {
	dir string // "": nothing is remembered
	now func() time.Time

	once    sync.Once
	mu      sync.Mutex
	known   healthState
	changed map[string]bool // the upstreams of which it knows better, and offlineName
	stale   bool            // the file has what is not to be kept
}

// offlineName stands for [healthState.Offline] among the names of upstreams.
const offlineName = ""

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
	Failures int       `json:"failures"` // fetches in a row that ended in a failure
	Last     time.Time `json:"last"`
}

// load reads the file; whatever is wrong with it, nothing is known then.
func (h *health) load() {
	h.once.Do(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.changed = map[string]bool{}
		var data []byte
		if h.dir != "" {
			data, _ = os.ReadFile(filepath.Join(h.dir, healthFile)) // none: nothing is known
		}
		h.known, h.stale = h.parse(data)
	})
}

// parse reads what still counts, and reports whether there is what must not be kept.
func (h *health) parse(data []byte) (known healthState, stale bool) {
	known.Upstreams = map[string]record{}
	var state healthState
	if json.Unmarshal(data, &state) != nil {
		return known, false
	}
	known.Offline = state.Offline
	for name, rec := range state.Upstreams {
		if !isHealthName(name) {
			stale = true
			continue
		}
		if age := h.now().Sub(rec.Last); age >= 0 && age < healthAge && rec.Failures > 0 {
			known.Upstreams[name] = rec
		}
	}
	return known, stale
}

// loaded locks what is known, until unlock is called.
func (h *health) loaded() (unlock func()) {
	h.load()
	h.mu.Lock()
	return h.mu.Unlock
}

func (h *health) record(name string) record {
	defer h.loaded()()
	return h.known.Upstreams[name]
}

// set remembers a record; one without failures is forgotten.
func (h *health) set(name string, rec record) {
	defer h.loaded()()
	if rec.Failures > 0 {
		h.known.Upstreams[name], h.changed[name] = rec, true
	} else if _, ok := h.known.Upstreams[name]; ok {
		delete(h.known.Upstreams, name)
		h.changed[name] = true
	}
}

func (h *health) wasOffline(now time.Time) bool {
	defer h.loaded()()
	age := now.Sub(h.known.Offline)
	return age >= 0 && age < offlineMemory
}

func (h *health) offline(now time.Time) {
	defer h.loaded()()
	h.known.Offline, h.changed[offlineName] = now, true
}

func (h *health) online() {
	defer h.loaded()()
	if !h.known.Offline.IsZero() {
		h.known.Offline, h.changed[offlineName] = time.Time{}, true
	}
}

// save writes the file. An error is not worth a word: the next invocation finds out
// by itself.
func (h *health) save() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.stale && len(h.changed) == 0 || h.dir == "" {
		return
	}
	_ = wholefile.Update(filepath.Join(h.dir, healthFile), func(old []byte) (string, error) {
		state, _ := h.parse(old)
		for name := range h.changed {
			if name == offlineName {
				state.Offline = h.known.Offline
			} else if rec, ok := h.known.Upstreams[name]; ok {
				state.Upstreams[name] = rec
			} else {
				delete(state.Upstreams, name)
			}
		}
		data, err := json.Marshal(state)
		return string(data) + "\n", err
	})
	h.stale, h.changed = false, map[string]bool{}
}

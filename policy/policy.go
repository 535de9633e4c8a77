// Package policy knows what gosteady may do: the policy file a team commits,
// the layers around it, and whom each value is trusted by.
//
// # Layers
//
// Later over earlier: the built-in defaults, the system's file, the user's,
// the repository's, the GOSTEADY_* variables. A single value of a later layer
// replaces the earlier one; lists (proxies, sumdb, private, trust) add up; the
// rules of a later layer stand before those of an earlier one, and the
// built-in table after all of them. Every value knows its [Origin].
//
// # Trust
//
// A repository is a stranger. Each key and action is free (clamped to its
// ceiling), gated (ignored until this machine trusts the value) or never taken
// from a repository at all. The one table that says so is in keytable.go; the
// parser, the JSON Schema, the reference and "policy show" come from it.
//
// # What it does not do
//
// Loading never fails: a broken file gives a [Notice] and the layers below it
// apply. The package contacts nothing and expands nothing. [Policy.Decide] is
// pure: what is done about a failure is the relay's and the shim's part.
package policy

import (
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/goenv"
)

// A Policy is what gosteady may do in one invocation. Get one from [Default]
// or [Loader.Load].
type Policy struct {
	Off       bool       // GOSTEADY=off: every command goes to the real go untouched
	Proxies   []Upstream // further entries of GOPROXY; see EffectiveProxies
	SumDB     []string   // mirrors of the checksum database that may be used here
	Private   []string   // patterns to be added to GOPRIVATE
	Retry     Retry
	Timeouts  Timeouts
	Prefetch  bool          // false: nothing is fetched ahead of go
	Unpack    bool          // false: go hashes and extracts every zip itself
	Hedge     time.Duration // 0: no request is started twice
	Breaker   Breaker
	Notify    Notify
	Journal   Journal
	Alert     []string // a command that gets a failure as JSON on stdin; nil for none
	Serve     Serve
	Rules     []Rule   // in order of precedence, without the built-in table
	Trust     []string // what the user's and the system's layers trust, as "kind=value"
	Files     []File   // the files that were looked at
	Problems  []Problem
	Ignored   []Ignored         // values that would need trust
	origins   map[string]Origin // by key, and by "key=value" for items of lists
	whereFrom Loader            // for messages: how to name a file
	without   *Policy           // the policy without the repository's file; nil if there is none
}

// An Upstream is a further entry of GOPROXY.
type Upstream struct {
	URL string // without a final slash
	// Trusted is set where this machine's own layers name it or trust it. One
	// that is not is a well-known public proxy, and used only for modules that
	// another well-known public proxy is asked for anyway.
	Trusted bool
	Origin  Origin
}

// Retry says how often and how long a failed request is tried again.
type Retry struct {
	Attempts int             // tries in all, at least 1
	Waits    []time.Duration // before the second try, the third, …; the last repeats
	Budget   time.Duration   // waiting in one invocation, all in all
	Offline  time.Duration   // the same where there is no network at all
}

// Timeouts are the deadlines that go itself lacks.
type Timeouts struct {
	Connect   time.Duration // to connect, and again for the TLS handshake
	FirstByte time.Duration // until the answer's header
	Stall     time.Duration // without a byte of the body
}

// Breaker says when an upstream counts as down and for how long.
type Breaker struct {
	Failures int
	Cooldown time.Duration
}

// Serve is what gosteady serve goes by. No repository's file sets any of it.
type Serve struct {
	Listen          string
	Upstreams       string // as GOPROXY has them; "": those of GOPROXY
	Store           string // "": in the user's cache directory
	MaxSize         int64  // 0: any size
	TokenFile       string
	Cert, Key       string // files; "": no TLS
	Insecure        string // "on": no TLS, wherever it listens
	Hosts           []string
	StoreUnverified []string
	Log             string // "text" or "json"
}

// Notify says which lines go to stderr.
type Notify string

// The values of the key notify.
const (
	NotifyNever  Notify = "never"
	NotifyHealed Notify = "healed"
	NotifyAlways Notify = "always"
)

// Journal says what is kept on disk.
type Journal string

// The values of the key journal.
const (
	JournalOff      Journal = "off"
	JournalFailures Journal = "failures"
	JournalAll      Journal = "all"
)

// Default is the policy without any file and variable.
func Default() *Policy {
	p := &Policy{origins: map[string]Origin{}}
	for i := range keys {
		if k := &keys[i]; k.field != nil && k.def != nil {
			assign(k.field(p), k.def)
		}
	}
	return p
}

// IsPrivate reports whether a module path must not be told to anyone whom plain go
// would not ask for it: as Go's settings say, or this policy.
func (p *Policy) IsPrivate(s *goenv.Settings, modPath string) bool {
	return modPath != "" && (s.Private(modPath) || module.MatchPrefixPatterns(strings.Join(p.Private, ","), modPath))
}

// Origin says where the effective value of a key comes from, such as
// "retry.attempts"; for an item of a list, "proxies=https://goproxy.cn".
func (p *Policy) Origin(key string) Origin { return p.origins[key] }

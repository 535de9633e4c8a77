package policy

import (
	"slices"
	"strings"
	"time"
)

// A Class of trust says who may set a value.
type Class int

// The classes of trust.
const (
	Free  Class = iota // anyone, clamped
	Gated              // a repository only where this machine trusts the value
	Never              // never a repository
)

var classNames = [...]string{"free", "gated", "never"}

func (c Class) String() string { return classNames[c] }

// A kind is the type of a key's value.
type kind int

const (
	kindInt       kind = iota
	kindDuration       // 5s
	kindOrOff          // a duration, or off (0)
	kindDurations      // a list of them
	kindWord           // one of the key's words
	kindSwitch         // auto or off: a bool
	kindProxies        // addresses of module proxies
	kindSumDBs         // addresses of checksum databases or their mirrors
	kindPatterns       // module patterns as in GOPRIVATE
	kindCommand        // a command line
	kindTrust          // kind=value
	kindRequires       // >=0.2
	kindVersion        // 1
	kindClasses        // classes and groups
	kindActions        // actions
	kindRules          // the list of rules: a mapping each
	kindText           // a text: a path, an address
	kindSize           // 20G
	kindGOPROXY        // a list as GOPROXY has it
	kindGlobs          // module patterns that replace those of the layer before
	kindHosts          // host names
)

// A key is one row of the table: everything that is known of one key.
type key struct {
	name    string // with dots; those of a rule begin with "rules."
	kind    kind
	def     any
	words   []string
	min     any // below it is an error
	max     any // above it is clamped to it
	floor   any // a repository's value below it is clamped to it
	trust   Class
	doc     string
	example string
	field   func(*Policy) any // pointer to the value; nil where it is special
	rule    func(*Rule) any   // the same, for a key of a rule
}

const (
	minute = time.Minute
	second = time.Second
)

// keys is the one table. Defaults are the design's; each ceiling is what a
// person would still wait for, each floor what a slow but healthy network
// needs, so that a repository can neither stall nor starve a build.
var keys = []key{
	{name: "version", kind: kindVersion, def: nil,
		doc: "the format of the file", example: "1"},
	{name: "requires", kind: kindRequires, def: nil,
		doc: "the oldest gosteady that knows all keys of the file; an older one skips those it does not know, with a warning", example: `">=0.2"`},
	{name: "proxies", kind: kindProxies, trust: Gated,
		doc:     "further entries of GOPROXY, before a final `direct` or `off`. Well-known public proxies are free, for modules that GOPROXY discloses to a public proxy anyway",
		example: "[https://goproxy.cn]", field: func(p *Policy) any { return &p.Proxies }},
	{name: "sumdb", kind: kindSumDBs, trust: Gated,
		doc:     "mirrors of the checksum database: a proxy that carries `/sumdb/NAME`, or the database's own address. The well-known ones are free, as with `proxies`",
		example: "[https://sum.golang.google.cn]", field: func(p *Policy) any { return &p.SumDB }},
	{name: "private", kind: kindPatterns, trust: Gated,
		doc: "patterns added to GOPRIVATE", example: "[git.corp.example/*]", field: func(p *Policy) any { return &p.Private }},
	{name: "retry.attempts", kind: kindInt, def: 5, min: 1, max: 10,
		doc: "tries in all for one request", example: "5", field: func(p *Policy) any { return &p.Retry.Attempts }},
	{name: "retry.waits", kind: kindDurations, min: time.Duration(0), max: 60 * second,
		def: []time.Duration{200 * time.Millisecond, second, 4 * second, 10 * second},
		doc: "waits before the second try, the third, and so on, with jitter; the last one repeats. After a 429 or 503 never less than 1s; never less than `Retry-After`", example: "[200ms, 1s, 4s, 10s]", field: func(p *Policy) any { return &p.Retry.Waits }},
	{name: "retry.budget", kind: kindDuration, def: 2 * minute, min: time.Duration(0), max: 10 * minute,
		doc: "all waiting in one command; a good answer gives a second back", example: "2m", field: func(p *Policy) any { return &p.Retry.Budget }},
	{name: "retry.offline", kind: kindDuration, def: 5 * second, min: time.Duration(0), max: minute,
		doc: "the same where there is no network at all", example: "5s", field: func(p *Policy) any { return &p.Retry.Offline }},
	{name: "timeouts.connect", kind: kindDuration, def: 10 * second, min: time.Millisecond, max: minute, floor: second,
		doc: "to connect, and again for the TLS handshake", example: "10s", field: func(p *Policy) any { return &p.Timeouts.Connect }},
	{name: "timeouts.first-byte", kind: kindDuration, def: 10 * minute, min: time.Millisecond, max: 30 * minute, floor: 5 * second,
		doc: "from the request to the header of the answer; a proxy may be cloning meanwhile. Where `|` follows it is 15s, and up to 3m in a second run if nobody else has it", example: "10m", field: func(p *Policy) any { return &p.Timeouts.FirstByte }},
	{name: "timeouts.stall", kind: kindDuration, def: 30 * second, min: time.Millisecond, max: 5 * minute, floor: 2 * second,
		doc: "without a byte of the body, before it is resumed", example: "30s", field: func(p *Policy) any { return &p.Timeouts.Stall }},
	{name: "prefetch", kind: kindSwitch, def: true,
		doc: "fetch ahead what `go` will ask for", example: "auto", field: func(p *Policy) any { return &p.Prefetch }},
	{name: "unpack", kind: kindSwitch, def: true,
		doc: "hash and extract for `go mod download`, in one pass, what is fetched ahead and named by go.sum", example: "auto", field: func(p *Policy) any { return &p.Unpack }},
	{name: "hedge", kind: kindOrOff, def: 4 * second, min: time.Millisecond, max: 10 * minute, floor: second,
		doc: "start a request once more that has no answer after this time", example: "4s", field: func(p *Policy) any { return &p.Hedge }},
	{name: "breaker.failures", kind: kindInt, def: 5, min: 1, max: 100,
		doc: "failures in a row after which an upstream counts as down", example: "5", field: func(p *Policy) any { return &p.Breaker.Failures }},
	{name: "breaker.cooldown", kind: kindDuration, def: 30 * second, min: time.Duration(0), max: 10 * minute,
		doc: "how long it counts as down", example: "30s", field: func(p *Policy) any { return &p.Breaker.Cooldown }},
	{name: "notify", kind: kindWord, def: NotifyHealed, words: []string{"never", "healed", "always"},
		doc: "the line that ends a command: never, where failures were healed or waited for in vain, or always, also where nothing failed", example: "healed", field: func(p *Policy) any { return &p.Notify }},
	{name: "journal", kind: kindWord, def: JournalFailures, words: []string{"off", "failures", "all"},
		doc: "what is kept on disk for `go steady last` and `stats`", example: "failures", field: func(p *Policy) any { return &p.Journal }},
	{name: "alert", kind: kindCommand, trust: Never,
		doc: "a command that gets each unhealed failure as JSON on stdin; split as a shell would, nothing is expanded", example: `"notify-send gosteady"`, field: func(p *Policy) any { return &p.Alert }},
	{name: "trust", kind: kindTrust, trust: Never,
		doc: "gated values that repositories may use on this machine", example: "[proxy=https://athens.corp.example, rotate]", field: func(p *Policy) any { return &p.Trust }},
	{name: "serve.listen", kind: kindText, trust: Never, def: "127.0.0.1:7878",
		doc: "where `gosteady serve` listens", example: "127.0.0.1:7878", field: func(p *Policy) any { return &p.Serve.Listen }},
	{name: "serve.upstreams", kind: kindGOPROXY, trust: Never,
		doc: "the proxies behind it, as GOPROXY has them; none: those of GOPROXY", example: `"https://proxy.golang.org,direct"`, field: func(p *Policy) any { return &p.Serve.Upstreams }},
	{name: "serve.store", kind: kindText, trust: Never,
		doc: "the directory of its store; none: `gosteady/gateway` in the user's cache directory", example: "/var/cache/gosteady", field: func(p *Policy) any { return &p.Serve.Store }},
	{name: "serve.max-size", kind: kindSize, trust: Never, def: int64(20 << 30), min: int64(0),
		doc: "how large the store may become, in bytes or with K, M, G or T; 0 for any size", example: "20G", field: func(p *Policy) any { return &p.Serve.MaxSize }},
	{name: "serve.token-file", kind: kindText, trust: Never,
		doc: "the file with the token that clients show", example: "/etc/gosteady/token", field: func(p *Policy) any { return &p.Serve.TokenFile }},
	{name: "serve.tls-cert", kind: kindText, trust: Never,
		doc: "the file with its certificate", example: "/etc/gosteady/cert.pem", field: func(p *Policy) any { return &p.Serve.Cert }},
	{name: "serve.tls-key", kind: kindText, trust: Never,
		doc: "the file with the certificate's key", example: "/etc/gosteady/key.pem", field: func(p *Policy) any { return &p.Serve.Key }},
	{name: "serve.insecure", kind: kindWord, words: []string{"off", "on"}, trust: Never, def: "off",
		doc: "listen without TLS where other machines can connect", example: "on", field: func(p *Policy) any { return &p.Serve.Insecure }},
	{name: "serve.hosts", kind: kindHosts, trust: Never,
		doc: "further names by which clients may call it", example: "[gateway.corp.example]", field: func(p *Policy) any { return &p.Serve.Hosts }},
	{name: "serve.store-unverified", kind: kindGlobs, trust: Never,
		doc: "modules that are stored though no checksum database vouches for them, patterns as in GOPRIVATE, `*` for all", example: "[git.corp.example/*]", field: func(p *Policy) any { return &p.Serve.StoreUnverified }},
	{name: "serve.log", kind: kindWord, words: []string{"text", "json"}, trust: Never, def: "text",
		doc: "how its log is written", example: "json", field: func(p *Policy) any { return &p.Serve.Log }},
	{name: "rules", kind: kindRules,
		doc: "what to do about failures; the first rule that matches decides, then the built-in table", example: "[{on: [transient, integrity], do: [retry, rotate]}]", field: func(p *Policy) any { return &p.Rules }},

	{name: "rules.on", kind: kindClasses, doc: "classes and groups of failures", example: "[transient, integrity]", rule: func(r *Rule) any { return &r.On }},
	{name: "rules.modules", kind: kindPatterns, doc: "only for these modules, patterns as in GOPRIVATE", example: "[github.com/acme/*]", rule: func(r *Rule) any { return &r.Modules }},
	{name: "rules.when", kind: kindWord, words: []string{"ci", "local"}, doc: "only in CI, or only outside", example: "ci", rule: func(r *Rule) any { return &r.When }},
	{name: "rules.do", kind: kindActions, doc: "actions, in order", example: "[retry, rotate]", rule: func(r *Rule) any { return &r.Do }},
	{name: "rules.wait-for", kind: kindDuration, min: time.Duration(0), max: 15 * minute,
		doc: "how long to go on asking, outside the budget, such as for a mirror that lags behind", example: "10m", rule: func(r *Rule) any { return &r.WaitFor }},
	{name: "rules.retry.attempts", kind: kindInt, min: 1, max: 10, doc: "the rule's own `retry.attempts`", example: "3", rule: func(r *Rule) any { return &r.Retry.Attempts }},
	{name: "rules.retry.waits", kind: kindDurations, min: time.Duration(0), max: 60 * second,
		doc: "the rule's own `retry.waits`", example: "[1s, 5s]", rule: func(r *Rule) any { return &r.Retry.Waits }},
}

// env is the variable that sets the key; "" for those that only a file has.
func (k *key) env() string {
	if k.rule != nil || k.kind == kindVersion || k.kind == kindRequires || k.kind == kindTrust {
		return "" // GOSTEADY_TRUST sets trust, by its own reading
	}
	return "GOSTEADY_" + strings.ToUpper(strings.ReplaceAll(strings.ReplaceAll(k.name, ".", "_"), "-", "_"))
}

func keyNamed(name string) *key {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

// keysBelow returns the words that may stand at one level of the file: "" for
// the top, "retry." or "rules." for a mapping.
func keysBelow(prefix string) []string {
	var words []string
	for i := range keys {
		rest, ok := strings.CutPrefix(keys[i].name, prefix)
		if !ok {
			continue
		}
		word, _, _ := strings.Cut(rest, ".")
		if len(words) == 0 || words[len(words)-1] != word {
			words = append(words, word)
		}
	}
	return words
}

// nestedKey returns the full name of the key whose last word is nearest to
// what was written at the wrong level, "" if none is near. Those of serve are for
// nobody who did not begin with it.
func nestedKey(written string) string {
	byLast := map[string]string{}
	var words []string
	for i := range keys {
		dot := strings.LastIndexByte(keys[i].name, '.')
		last := keys[i].name[dot+1:]
		if _, known := byLast[last]; dot >= 0 && !known && !strings.HasPrefix(keys[i].name, "serve.") {
			byLast[last] = keys[i].name
			words = append(words, last)
		}
	}
	return byLast[nearest(written[strings.LastIndexByte(written, '.')+1:], words)]
}

// assign stores a parsed value where a row's field points.
func assign(field, v any) {
	switch dst := field.(type) {
	case *int:
		*dst = v.(int)
	case *int64:
		*dst = v.(int64)
	case *bool:
		*dst = v.(bool)
	case *time.Duration:
		*dst = v.(time.Duration)
	case *[]time.Duration:
		*dst = slices.Clone(v.([]time.Duration)) // a default is shared by all policies
	case *string:
		*dst = v.(string)
	case *Notify:
		*dst = toWord[Notify](v)
	case *Journal:
		*dst = toWord[Journal](v)
	case *[]string:
		*dst = v.([]string)
	case *[]Action:
		*dst = v.([]Action)
	}
}

func toWord[T ~string](v any) T {
	if w, ok := v.(T); ok {
		return w
	}
	return T(v.(string))
}

package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// effective is what a key amounts to, in words.
func effective(p *Policy, name string) string {
	var words []string
	for _, v := range p.Values() {
		if v.Key == name {
			words = append(words, strings.Trim(v.Value, `"`))
		}
	}
	return strings.Join(words, " ")
}

type keyTest struct {
	key      string
	file     string // value as YAML
	variable string
	want     string // of the user's file and of the variable
	stranger string // of the repository's file; "" for ignored or refused
	high     string // above the ceiling
	highWant string
	low      string // below the floor of a repository
	lowWant  string
}

// Each key once in each of its trust classes: what a file says and a variable
// says, what a stranger's file amounts to, and what above the ceiling becomes.
var keyTests = []keyTest{
	{key: "proxies", file: "[https://goproxy.io/, https://athens.corp.example]", variable: "https://goproxy.io,https://athens.corp.example",
		want: "https://goproxy.io https://athens.corp.example", stranger: "https://goproxy.io"},
	{key: "sumdb", file: "[https://sum.golang.google.cn, https://athens.corp.example]", variable: "https://sum.golang.google.cn https://athens.corp.example",
		want: "https://sum.golang.google.cn https://athens.corp.example", stranger: "https://sum.golang.google.cn"},
	{key: "private", file: "['*.corp.example', git.corp.example/a]", variable: "*.corp.example,git.corp.example/a", want: "*.corp.example git.corp.example/a"},
	{key: "retry.attempts", file: "3", variable: "3", want: "3", stranger: "3", high: "99", highWant: "10"},
	{key: "retry.waits", file: "[1s, 2s]", variable: "1s,2s", want: "[1s, 2s]", stranger: "[1s, 2s]", high: "[1h]", highWant: "[1m]"},
	{key: "retry.budget", file: "1m", variable: "1m", want: "1m", stranger: "1m", high: "24h", highWant: "10m"},
	{key: "retry.offline", file: "1s", variable: "1s", want: "1s", stranger: "1s", high: "24h", highWant: "1m"},
	{key: "timeouts.connect", file: "5s", variable: "5s", want: "5s", stranger: "5s", high: "24h", highWant: "1m", low: "2ms", lowWant: "1s"},
	{key: "timeouts.first-byte", file: "1m", variable: "1m", want: "1m", stranger: "1m", high: "24h", highWant: "30m", low: "2ms", lowWant: "5s"},
	{key: "timeouts.stall", file: "10s", variable: "10s", want: "10s", stranger: "10s", high: "24h", highWant: "5m", low: "2ms", lowWant: "2s"},
	{key: "prefetch", file: "off", variable: "off", want: "off", stranger: "off"},
	{key: "unpack", file: "off", variable: "off", want: "off", stranger: "off"},
	{key: "hedge", file: "off", variable: "off", want: "off", stranger: "off", high: "24h", highWant: "10m", low: "2ms", lowWant: "1s"},
	{key: "breaker.failures", file: "7", variable: "7", want: "7", stranger: "7", high: "1000", highWant: "100"},
	{key: "breaker.cooldown", file: "1s", variable: "1s", want: "1s", stranger: "1s", high: "24h", highWant: "10m"},
	{key: "notify", file: "never", variable: "never", want: "never", stranger: "never"},
	{key: "journal", file: "all", variable: "all", want: "all", stranger: "all"},
	{key: "alert", file: `"notify 'a b' c"`, variable: "notify 'a b' c", want: "notify a b c"},
	{key: "trust", file: "[rotate, 'proxy=https://A.example/']", want: "rotate proxy=https://a.example"},
	{key: "serve.listen", file: "0.0.0.0:80", variable: "0.0.0.0:80", want: "0.0.0.0:80"},
	{key: "serve.upstreams", file: `"https://u:p@a.example|https://b.example,direct"`, variable: "https://u:p@a.example|https://b.example,direct",
		want: "https://xxxxx@a.example|https://b.example,direct"},
	{key: "serve.store", file: "/var/cache/x y", variable: "/var/cache/x y", want: "/var/cache/x y"},
	{key: "serve.max-size", file: "512M", variable: "536870912", want: "512M"},
	{key: "serve.token-file", file: "/etc/token", variable: "/etc/token", want: "/etc/token"},
	{key: "serve.tls-cert", file: "cert.pem", variable: "cert.pem", want: "cert.pem"},
	{key: "serve.tls-key", file: "key.pem", variable: "key.pem", want: "key.pem"},
	{key: "serve.insecure", file: "on", variable: "on", want: "on"},
	{key: "serve.hosts", file: "[A.example, b]", variable: "a.example,b", want: "a.example b"},
	{key: "serve.store-unverified", file: "['*']", variable: "*", want: "*"},
	{key: "serve.log", file: "json", variable: "json", want: "json"},
	{key: "rules", file: "[{on: dns, when: ci, do: [retry, fail]}]", variable: "[{on: dns, when: ci, do: [retry, fail]}]",
		want: "{on: [dns], when: ci, do: [retry, fail]}", stranger: "{on: [dns], when: ci, do: [retry, fail]}"},
}

// inFile is a policy that sets one key.
func inFile(key, value string) string {
	if top, sub, ok := strings.Cut(key, "."); ok {
		return fmt.Sprintf("%s: {%s: %s}\n", top, sub, value)
	}
	return fmt.Sprintf("%s: %s\n", key, value)
}

func TestEachKey(t *testing.T) {
	for _, tt := range keyTests {
		t.Run(tt.key, func(t *testing.T) {
			def := effective(Default(), tt.key)

			m := newMachine(t, "")
			m.write("user/policy.yaml", inFile(tt.key, tt.file))
			p, _ := m.load()
			if got := effective(p, tt.key); got != tt.want || len(p.Problems) > 0 {
				t.Errorf("user's file: %q, want %q; %v", got, tt.want, problems(p))
			}

			if name := keyNamed(tt.key).env(); name != "" {
				m := newMachine(t, "")
				m.env[name] = tt.variable
				p, _ := m.load()
				if got := effective(p, tt.key); got != tt.want || len(p.Problems) > 0 {
					t.Errorf("%s: %q, want %q; %v", name, got, tt.want, problems(p))
				}
			}

			p, _ = newMachine(t, inFile(tt.key, tt.file)).load()
			want := tt.stranger
			if want == "" {
				want = def
			}
			if got := effective(p, tt.key); got != want {
				t.Errorf("repository's file: %q, want %q; %v", got, want, problems(p))
			}
			class := keyNamed(tt.key).trust
			if refused := len(errorsIn(p)) > 0; refused != (class == Never) {
				t.Errorf("repository's file: errors %v for a key that is %v", errorsIn(p), class)
			}
			if ignored := len(p.Ignored) > 0; ignored != (class == Gated) {
				t.Errorf("repository's file: ignored %v for a key that is %v", trusts(p), class)
			}
		})
	}
}

func TestEachClamp(t *testing.T) {
	for _, tt := range keyTests {
		k := keyNamed(tt.key)
		if (k.max != nil) != (tt.high != "") || (k.floor != nil) != (tt.low != "") {
			t.Errorf("%s: the table has bounds that the test has not, or the reverse", tt.key)
		}
		for value, want := range map[string]string{tt.high: tt.highWant, tt.low: tt.lowWant} {
			if value == "" {
				continue
			}
			p, notices := newMachine(t, inFile(tt.key, value)).load()
			if got := effective(p, tt.key); got != want {
				t.Errorf("%s: %s is %q, want %q", tt.key, value, got, want)
			}
			if len(p.Problems) == 0 || !p.Problems[0].Warning || len(notices) > 0 {
				t.Errorf("%s: %s: want a warning and no notice, got %v and %v", tt.key, value, problems(p), notices)
			}
		}
	}
	// The user's own floor is lower: nobody can be harmed but themselves.
	m := newMachine(t, "")
	m.write("user/policy.yaml", "timeouts: {stall: 20ms}\n")
	if p, _ := m.load(); effective(p, "timeouts.stall") != "20ms" {
		t.Errorf("a user's short deadline was clamped: %v", problems(p))
	}
}

func TestEachRuleBound(t *testing.T) {
	text := "rules: [{on: gone, do: retry, wait-for: 24h, retry: {attempts: 99, waits: [1h]}}]"
	p, _ := newMachine(t, text).load()
	want := "{on: [gone], do: [retry], wait-for: 15m, retry: {attempts: 10, waits: [1m]}}"
	if got := effective(p, "rules"); got != want {
		t.Errorf("rule is %s, want %s", got, want)
	}
}

// TestTable looks at the table itself, so that a new row cannot be forgotten
// anywhere.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for i := range keys {
		k := &keys[i]
		tested := slices.ContainsFunc(keyTests, func(tt keyTest) bool { return tt.key == k.name })
		if k.field != nil && !tested {
			t.Errorf("%s has no row in keyTests", k.name)
		}
		if k.doc == "" || k.example == "" || k.allowed() == "" {
			t.Errorf("%s: doc, example or allowed words are missing", k.name)
		}
		if env := k.env(); env != "" && seen[env] {
			t.Errorf("%s stands for two keys", env)
		}
		seen[k.env()] = true
		checkExample(t, k)
	}
}

// checkExample parses a key's example and its default.
func checkExample(t *testing.T, k *key) {
	examples := []string{k.example}
	if k.def != nil {
		examples = append(examples, k.format(k.def))
	}
	for _, text := range examples {
		file := inFile(k.name, text)
		if rest, ok := strings.CutPrefix(k.name, "rules."); ok {
			file = "rules:\n  - on: gone\n    do: retry\n    " + inFile(rest, text)
			if rest == "on" || rest == "do" {
				continue // part of every rule that is tested
			}
		}
		r := &reader{layer: User, file: "policy.yaml"}
		if r.read([]byte(file)); len(r.problems) > 0 {
			t.Errorf("%s: the example or default %q is wrong: %v", k.name, text, r.problems)
		}
	}
}

func TestDefault(t *testing.T) {
	p := Default()
	if !p.Prefetch || p.Retry.Attempts != 5 || len(p.Retry.Waits) != 4 || p.Notify != NotifyHealed || p.Journal != JournalFailures || p.Off {
		t.Errorf("unexpected defaults: %+v", p)
	}
	p.Retry.Waits[0] = 0
	if again := Default(); reflect.DeepEqual(again.Retry, p.Retry) {
		t.Error("two default policies share their waits")
	}
}

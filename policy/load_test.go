package policy

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLayers(t *testing.T) {
	m := newMachine(t, "retry: {attempts: 4}\nnotify: always\nproxies: [https://goproxy.io]\nrules: [{on: dns, do: retry}]\n")
	m.write("system/policy.yaml", "retry: {attempts: 2}\nhedge: 2s\nnotify: never\njournal: all\nproxies: [https://a.example]\nrules: [{on: dns, do: fail}]\n")
	m.write("user/policy.yaml", "retry: {attempts: 3}\nhedge: 3s\nproxies: [https://b.example]\nrules: [{on: reset, do: fail}]\n")
	m.env["GOSTEADY_RETRY_ATTEMPTS"] = "6"
	p, notices := m.load()
	if len(p.Problems)+len(notices) > 0 {
		t.Fatal(problems(p), notices)
	}
	for key, want := range map[string]string{
		"retry.attempts": "6 GOSTEADY_RETRY_ATTEMPTS",
		"notify":         "always .gosteady.yaml:2:9",
		"hedge":          "3s " + filepath.Join(m.root, "user/policy.yaml") + ":2:8",
		"journal":        "all " + filepath.Join(m.root, "system/policy.yaml") + ":4:10",
		"prefetch":       "auto built-in",
	} {
		if got := effective(p, key) + " " + p.Origin(key).String(); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
	if got := effective(p, "proxies"); got != "https://a.example https://b.example https://goproxy.io" {
		t.Errorf("proxies add up to %s", got)
	}
	if got := effective(p, "rules"); got != "{on: [dns], do: [retry]} {on: [reset], do: [fail]} {on: [dns], do: [fail]}" {
		t.Errorf("rules are %s", got)
	}
	if o := p.Origin("proxies=https://goproxy.io"); o.Layer != Repository || o.Line != 3 || o.Column != 11 {
		t.Errorf("the proxy comes from %v", o)
	}
}

func TestBrokenFileLeavesTheOthers(t *testing.T) {
	m := newMachine(t, "retry: {attempts: 9}\nrules: [{on: dns, do: retri}]\nnotfy: x\n")
	m.write("user/policy.yaml", "retry: {attempts: 3}\n")
	p, notices := m.load()
	if p.Retry.Attempts != 3 || len(p.Rules) > 0 {
		t.Errorf("attempts %d, rules %v: want the user's alone", p.Retry.Attempts, p.Rules)
	}
	if len(notices) != 1 || notices[0].Key != "" || !strings.Contains(notices[0].Text, "(1 more)") {
		t.Errorf("said %v, want one line each time", notices)
	}
}

func TestBadVariableLeavesTheOthers(t *testing.T) {
	m := newMachine(t, "")
	m.env["GOSTEADY_RETRY_ATTEMPTS"], m.env["GOSTEADY_HEDGE"], m.env["GOSTEADY_PREFETCH"] = "x", "1s", "on"
	p, notices := m.load()
	if p.Retry.Attempts != 5 || effective(p, "hedge") != "1s" || len(notices) != 2 {
		t.Errorf("attempts %d, hedge %v, said %v", p.Retry.Attempts, p.Hedge, notices)
	}
	want := `gosteady: GOSTEADY_PREFETCH: prefetch: "on" is unknown (allowed: auto or off); it is not used: see 'go steady policy check'`
	if !slices.ContainsFunc(notices, func(n Notice) bool { return n.Text == want }) {
		t.Errorf("said %v, want %s", notices, want)
	}
}

func TestPolicyVariable(t *testing.T) {
	m := newMachine(t, "retry: {attempts: 2}\n")
	m.write("repo/ci.yaml", "retry: {attempts: 3}\n")
	for named, want := range map[string]int{"": 2, "off": 5, "ci.yaml": 3, filepath.Join(m.root, "repo/ci.yaml"): 3, "none.yaml": 5} {
		m.env["GOSTEADY_POLICY"] = named
		p, notices := m.load()
		if p.Retry.Attempts != want || (len(notices) > 0) != (named == "none.yaml") {
			t.Errorf("GOSTEADY_POLICY=%s: %d attempts, said %v; want %d", named, p.Retry.Attempts, notices, want)
		}
	}
}

func TestNoFileNoVariable(t *testing.T) {
	p, notices := newMachine(t, "").load()
	if len(p.Files)+len(notices)+len(p.Problems) > 0 {
		t.Errorf("from nothing: files %v, said %v, %v", p.Files, notices, problems(p))
	}
}

func TestEmptyFiles(t *testing.T) {
	for _, text := range []string{"\n", "# only a comment\n", "---\n", "\ufeffversion: 1\r\nhedge: 5s\r\n", "version: 1", "null\n"} {
		if p, notices := newMachine(t, text).load(); len(p.Problems)+len(notices) > 0 {
			t.Errorf("%q: %v", text, problems(p))
		}
	}
}

func TestNewerFile(t *testing.T) {
	p, notices := newMachine(t, "requires: '>=99'\nteleport: yes\nretry: {attempts: 3}\nrules:\n  - {on: [gone], do: [pray]}\n  - {on: [dns], do: [fail]}\n").load()
	if p.Retry.Attempts != 3 || len(p.Rules) != 1 {
		t.Errorf("attempts %d, rules %v: want what is known to be used", p.Retry.Attempts, p.Rules)
	}
	if len(notices) != 1 || notices[0].Key == "" {
		t.Errorf("said %v, want one line a day", notices)
	}
}

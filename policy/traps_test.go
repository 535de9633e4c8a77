package policy

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestTraps(t *testing.T) {
	const rotate = "rules: [{on: transient, do: [retry, rotate]}]\n"
	tests := []struct {
		name    string
		goproxy string
		text    string
		want    string // part of the only trap, "" for none
	}{
		{"Go's default", "", "", ""},
		{"comma", "https://a.example,https://b.example", "", "an outage of the first never reaches the second"},
		{"comma that a rule passes", "https://proxy.golang.org,https://goproxy.cn", rotate, ""},
		{"comma that only trust would pass", "https://a.example,https://goproxy.cn", rotate, "an outage of the first never reaches the second"},
		{"semicolon", "https://u:p@a.example;direct", "", "a semicolon ends no entry"},
		{"pipe", "https://a.example|https://b.example", "", ""},
		{"after direct", "https://proxy.golang.org,direct,https://a.example", "", "https://a.example stands after direct"},
		{"after off", "off, https://u:p@a.example", "", "stands after direct or off"},
		{"direct behind a pipe", "https://a.example|direct", "", "refuses with 403"},
		{"public and direct behind a pipe", "https://proxy.golang.org|direct", "", ""},
		{"no proxy to add to", "direct", "proxies: [https://goproxy.cn]\n", "has no effect"},
		{"budget", "", "retry: {budget: 5s}\n", "ends before"},
		{"shadowed", "", "rules:\n  - {on: [dns, reset], do: retry}\n  - {on: dns, modules: [a.example], do: fail}\n", "never reached"},
		{"shadowed by a group", "", "rules:\n  - {on: transient, do: retry}\n  - {on: dns, do: fail}\n", "never reached"},
		{"group after its classes", "", "rules:\n  - {on: [bad-content, checksum], do: retry}\n  - {on: integrity, do: fail}\n", "never reached"},
		{"transient is more than its classes", "", "rules:\n  - {on: dns, do: retry}\n  - {on: transient, do: fail}\n", ""},
		{"only in CI before", "", "rules:\n  - {on: dns, when: ci, do: retry}\n  - {on: dns, do: fail}\n", ""},
		{"only some modules before", "", "rules:\n  - {on: dns, modules: [a.example], do: retry}\n  - {on: dns, do: fail}\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMachine(t, tt.text)
			m.env["GOPROXY"] = tt.goproxy
			p, _ := m.load()
			traps := p.Traps()
			if tt.want == "" && len(traps) > 0 || tt.want != "" && (len(traps) != 1 || !strings.Contains(traps[0], tt.want)) {
				t.Errorf("traps %q, want %q", traps, tt.want)
			}
			if strings.Contains(strings.Join(traps, ""), "u:p") {
				t.Error("a trap shows a credential")
			}
		})
	}
}

// A file that nobody reads must not look as if it were in force.
func TestMisplacedFile(t *testing.T) {
	m := newMachine(t, "retry: {attempts: 2}\n")
	m.write("repo/sub/"+FileName, "retry: {attempts: 3}\n")
	for dir, want := range map[string]int{"repo": 0, "repo/sub": 1, "home": 0} {
		l := m.loader()
		l.Dir = filepath.Join(m.root, dir)
		p, _ := l.Load()
		if traps := p.Traps(); len(traps) != want || want > 0 && !strings.Contains(traps[0], "is not read") {
			t.Errorf("%s: %q", dir, traps)
		}
	}
}

func TestUnknownVariables(t *testing.T) {
	environ := []string{"GOSTEADY_RETRY_ATEMPTS=3", "GOSTEADY_DEPTH=1:1", "GOSTEADY_TRUST=x", "GOSTEADY_PROXY=x", "HOME=/", "GOSTEADY=off"}
	want := "GOSTEADY_RETRY_ATEMPTS is no variable of gosteady, did you mean GOSTEADY_RETRY_ATTEMPTS?"
	if got := UnknownVariables(environ); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDetectCI(t *testing.T) {
	for env, want := range map[string]bool{"CI=true": true, "CI=false": false, "CI=": false, "GITLAB_CI=1": true, "TF_BUILD=True": true, "HOME=/": false} {
		name, value, _ := strings.Cut(env, "=")
		got := DetectCI(func(n string) string {
			if n == name {
				return value
			}
			return ""
		})
		if got != want {
			t.Errorf("%s: %v", env, got)
		}
	}
}

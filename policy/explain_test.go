package policy

import (
	"strings"
	"testing"

	"github.com/gosteady/gosteady/classify"
)

func TestExplain(t *testing.T) {
	m := newMachine(t, "rules:\n  - {on: gone, modules: [a.example], do: retry, wait-for: 10m, retry: {attempts: 2}}\n  - {on: dns, do: [retry, rotate]}\n")
	p, _ := m.load()
	tests := []struct {
		class  classify.Class
		module string
		want   []string
	}{
		{classify.Gone, "a.example/x", []string{"the rule at .gosteady.yaml:2:6", "2 tries in all", "for up to 10m"}},
		{classify.Gone, "b.example", []string{"the built-in table", "twice more, only for versions that go.sum names"}},
		{classify.DNS, "", []string{".gosteady.yaml:3:6", "only between well-known public proxies", "https://proxy.golang.org, direct"}},
		{classify.Configuration, "", []string{"never acted on", "fail"}},
	}
	for _, tt := range tests {
		e := p.Explain(classify.Failure{Class: tt.class, Transient: tt.class == classify.DNS}, tt.module, false)
		text := strings.Join(append(append(e.Details, e.Why), e.Actions...), "\n")
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s %s: no %q in\n%s", tt.class, tt.module, want, text)
			}
		}
	}
}

func TestEffectiveListHidesCredentials(t *testing.T) {
	m := newMachine(t, "")
	m.env["GOPROXY"] = "https://u:p@a.example|file:///x,https://b.example,off"
	m.write("user/policy.yaml", "proxies: [https://u:p@c.example]\n")
	p, _ := m.load()
	if got := strings.Join(p.EffectiveList(), " "); got != "https://xxxxx@a.example| file:///x, https://b.example, https://xxxxx@c.example, off" {
		t.Errorf("the list is %s", got)
	}
	if got := effective(p, "proxies"); strings.Contains(got, ":p@") {
		t.Errorf("shown as %s", got)
	}
}

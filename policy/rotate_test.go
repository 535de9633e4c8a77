package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/proxylist"
)

func TestRotatesTo(t *testing.T) {
	const golang, cn, corp = "https://proxy.golang.org", "https://goproxy.cn", "https://athens.corp.example"
	rotates := Decision{Actions: []Action{ActRetry, ActRotate}}
	trusted := Decision{Actions: []Action{ActRotate}, RotateTrusted: true}
	tests := []struct {
		name    string
		list    string
		from    int
		d       Decision
		class   classify.Class
		private bool
		want    []int
	}{
		{"between public ones", golang + "," + cn + ",direct", 0, rotates, classify.ServerError, false, []int{1}},
		{"not to a stranger", golang + "," + corp, 0, rotates, classify.ServerError, false, nil},
		{"nor from one", corp + "," + golang, 0, rotates, classify.ServerError, false, nil},
		{"a rule that is trusted", golang + "," + corp + "," + cn, 0, trusted, classify.ServerError, false, []int{1, 2}},
		{"nothing private", golang + "," + cn, 0, trusted, classify.ServerError, true, nil},
		{"go goes on by itself", golang + "|" + cn, 0, trusted, classify.ServerError, false, nil},
		{"after a missing version, too", golang + "," + cn, 0, trusted, classify.Gone, false, nil},
		{"no rule", golang + "," + cn, 0, Decision{Actions: []Action{ActRetry}}, classify.ServerError, false, nil},
		{"not past direct", golang + ",direct," + cn, 0, trusted, classify.ServerError, false, nil},
		{"not to itself", golang + "," + golang + "/," + cn, 0, trusted, classify.ServerError, false, []int{2}},
		{"not where go would refuse", golang + ",http://u:p@corp.example", 0, trusted, classify.ServerError, false, nil},
		{"the last one", golang + "," + cn, 1, trusted, classify.ServerError, false, nil},
	}
	for _, tt := range tests {
		list, err := proxylist.Parse(tt.list)
		if err != nil {
			t.Fatal(err)
		}
		if got := tt.d.RotatesTo(list, tt.from, tt.class, tt.private); !slices.Equal(got, tt.want) {
			t.Errorf("%s: to %v, want %v", tt.name, got, tt.want)
		}
	}
}

// What is explained is what would be done.
func TestExplainRotate(t *testing.T) {
	m := newMachine(t, "rules:\n  - {on: [transient, gone], do: [retry, rotate]}\n")
	m.env["GOPROXY"] = "https://proxy.golang.org,https://goproxy.cn,direct"
	m.env["GOPRIVATE"] = "corp.example"
	p, _ := m.load()
	for _, tt := range []struct {
		class        classify.Class
		module, want string
		none         string // must not be there
	}{
		{classify.ServerError, "example.com/m", "rotate: in the place of https://proxy.golang.org: https://goproxy.cn", ""},
		{classify.ServerError, "corp.example/m", "rotate: not for a private module", "goproxy.cn"},
		{classify.Gone, "example.com/m", "rotate: not after an answer that says missing", "in the place of"},
	} {
		e := p.Explain(classify.Failure{Class: tt.class, Transient: true}, tt.module, false)
		text := strings.Join(append(e.Details, e.Actions...), "\n")
		if !strings.Contains(text, tt.want) || tt.none != "" && strings.Contains(text, tt.none) {
			t.Errorf("%s %s: explained as\n%s", tt.class, tt.module, text)
		}
		if tt.none != "" && slices.Contains(e.Actions, "rotate") {
			t.Errorf("%s %s: says that it would rotate: %v", tt.class, tt.module, e.Actions)
		}
	}
	m.env["GOPROXY"] = "https://athens.corp.example,https://goproxy.cn"
	p, _ = m.load()
	if e := p.Explain(classify.Failure{Class: classify.DNS, Transient: true}, "", false); !strings.Contains(strings.Join(e.Details, "\n"), "nobody to ask") {
		t.Errorf("untrusted, explained as %v", e.Details)
	}
}

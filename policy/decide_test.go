package policy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
)

func TestBuiltInTable(t *testing.T) {
	type row struct {
		class     classify.Class
		transient bool
		want      string
		known     bool
	}
	tests := []row{
		{classify.DNS, true, "retry", false},
		{classify.Connect, true, "retry", false},
		{classify.Timeout, true, "retry", false},
		{classify.Reset, true, "retry", false},
		{classify.Truncated, true, "retry", false},
		{classify.HTTP2, true, "retry", false},
		{classify.TLSHandshake, true, "retry", false},
		{classify.ServerError, true, "retry", false},
		{classify.ServerError, false, "fail", false}, // 501
		{classify.RateLimited, true, "retry", false},
		{classify.NotFound, false, "retry", true},
		{classify.NotFound, true, "retry", false}, // the proxy's own trouble
		{classify.Gone, false, "retry", true},
		{classify.Unauthorized, false, "fail", false},
		{classify.Forbidden, false, "fail", false},
		{classify.TLSVerify, false, "fail", false},
		{classify.HTTPProxy, false, "fail", false},
		{classify.BadContent, true, "retry", false},
		{classify.Checksum, false, "retry purge", false},
		{classify.SumDBUnreachable, true, "retry", false},
		{classify.SumDBMissing, false, "fail", false},
		{classify.VCSNetwork, true, "retry", false},
		{classify.VCSAuth, false, "fail", false},
		{classify.VCSMissing, false, "fail", false},
		{classify.CacheCorrupt, false, "purge retry", false},
		{classify.CacheIO, false, "fail", false},
		{classify.Toolchain, true, "retry", false}, // as its cause
		{classify.Toolchain, false, "fail", false},
		{classify.Configuration, true, "fail", false},
		{classify.NotFetch, true, "fail", false},
	}
	for _, tt := range tests {
		d := Default().Decide(classify.Failure{Class: tt.class, Transient: tt.transient}, "", false)
		if got := strings.Join(d.Words(), " "); got != tt.want || d.KnownOnly != tt.known || d.Origin != (Origin{}) {
			t.Errorf("%s, transient %v: %s, known only %v, origin %v; want %s, %v", tt.class, tt.transient, got, d.KnownOnly, d.Origin, tt.want, tt.known)
		}
	}
	for _, info := range classify.Table() {
		if !slices.ContainsFunc(tests, func(tt row) bool { return tt.class == info.Class }) {
			t.Errorf("class %s has no row here", info.Class)
		}
	}
}

// user loads a policy whose rules are the user's own.
func user(t *testing.T, text string) *Policy {
	t.Helper()
	m := newMachine(t, "")
	m.write("user/policy.yaml", text)
	p, _ := m.load()
	if len(p.Problems) > 0 {
		t.Fatal(problems(p))
	}
	return p
}

func TestDecideRules(t *testing.T) {
	p := user(t, `
rules:
  - on: [gone, not-found]
    modules: [github.com/acme/*, "*.corp.example"]
    do: [retry]
    wait-for: 10m
  - on: [server-error]
    when: ci
    do: [fail]
  - on: [auth]
    do: [retry, rotate, direct]
  - on: [transient, integrity]
    do: [retry, rotate]
    retry: {attempts: 2}
`)
	tests := []struct {
		name   string
		f      classify.Failure
		module string
		ci     bool
		want   string
		line   int // of the rule, 0 for the built-in table
	}{
		{"by module", classify.Failure{Class: classify.Gone}, "github.com/acme/tool", false, "retry", 3},
		{"by a prefix of it", classify.Failure{Class: classify.Gone}, "git.corp.example/a/b/c", false, "retry", 3},
		{"other module", classify.Failure{Class: classify.Gone}, "github.com/other/tool", false, "retry", 0},
		{"unknown module", classify.Failure{Class: classify.Gone}, "", false, "retry", 0},
		{"in CI", classify.Failure{Class: classify.ServerError, Transient: true}, "", true, "fail", 7},
		{"not in CI", classify.Failure{Class: classify.ServerError, Transient: true}, "", false, "retry rotate", 12},
		{"group auth does not let forbidden cross", classify.Failure{Class: classify.Forbidden}, "", false, "retry direct", 10},
		{"nor unauthorized", classify.Failure{Class: classify.Unauthorized}, "", false, "retry direct", 10},
		{"vcs-auth is no matter of proxies", classify.Failure{Class: classify.VCSAuth}, "", false, "retry rotate direct", 10},
		{"group transient takes what is transient now", classify.Failure{Class: classify.NotFound, Transient: true}, "x.example/y", false, "retry rotate", 12},
		{"group integrity", classify.Failure{Class: classify.Checksum}, "", false, "retry rotate", 12},
		{"a transient toolchain failure", classify.Failure{Class: classify.Toolchain, Transient: true}, "", false, "retry rotate", 12},
		{"never touched", classify.Failure{Class: classify.NotFetch, Transient: true}, "", false, "fail", 0},
	}
	for _, tt := range tests {
		d := p.Decide(tt.f, tt.module, tt.ci)
		if got := strings.Join(d.Words(), " "); got != tt.want || d.Origin.Line != tt.line {
			t.Errorf("%s: %s by the rule at %v, want %s at line %d", tt.name, got, d.Origin, tt.want, tt.line)
		}
	}
	d := p.Decide(classify.Failure{Class: classify.Gone}, "github.com/acme/tool", false)
	if d.WaitFor != 10*time.Minute || d.Retry != nil {
		t.Errorf("decision is %+v, want to wait for 10m with the policy's retry", d)
	}
	d = p.Decide(classify.Failure{Class: classify.DNS, Transient: true}, "", false)
	if d.Retry == nil || d.Retry.Attempts != 2 || len(d.Retry.Waits) != 4 || d.Retry.Budget != 2*time.Minute {
		t.Errorf("the rule's own retry is %+v, want 2 attempts and the policy's other values", d.Retry)
	}
	if !d.RotateTrusted {
		t.Error("the user's own rule may not rotate past a comma")
	}
}

func TestForbiddenNamedItself(t *testing.T) {
	p := user(t, "rules: [{on: [forbidden], do: [rotate]}]")
	d := p.Decide(classify.Failure{Class: classify.Forbidden}, "", false)
	if !d.Has(ActRotate) || !d.NamesForbidden {
		t.Errorf("a rule that names forbidden decides %v", d.Actions)
	}
	// What is left of a rule that may not rotate is a failure.
	p = user(t, "rules: [{on: [auth], do: [rotate]}]")
	if d := p.Decide(classify.Failure{Class: classify.Forbidden}, "", false); !slices.Equal(d.Actions, []Action{ActFail}) || d.NamesForbidden {
		t.Errorf("a rule on the group decides %v", d.Actions)
	}
}

func TestOffDecidesNothing(t *testing.T) {
	m := newMachine(t, "rules: [{on: dns, do: retry}]")
	m.env["GOSTEADY"] = "off"
	p, notices := m.load()
	if d := p.Decide(classify.Failure{Class: classify.DNS, Transient: true}, "", false); !p.Off || d.Has(ActRetry) || len(notices) > 0 {
		t.Errorf("switched off, it decides %v and says %v", d.Actions, notices)
	}
}

func TestDecisionsDoNotShareState(t *testing.T) {
	p := user(t, "rules: [{on: [auth], do: [rotate, retry, direct]}]")
	first := p.Decide(classify.Failure{Class: classify.Forbidden}, "", false)
	first.Actions[0] = ActFail
	if second := p.Decide(classify.Failure{Class: classify.VCSAuth}, "", false); second.Actions[0] != ActRotate {
		t.Errorf("a decision changed the rule: %v", second.Actions)
	}
}

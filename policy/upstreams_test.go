package policy

import (
	"net/url"
	"testing"

	"github.com/gosteady/gosteady/internal/proxylist"
)

func TestWellKnownProxy(t *testing.T) {
	for address, want := range map[string]bool{
		"https://proxy.golang.org":            true,
		"https://PROXY.golang.org:443/":       true,
		"https://goproxy.cn/":                 true,
		"https://mirrors.aliyun.com/goproxy/": true,
		"https://mirrors.aliyun.com/":         false,
		"http://proxy.golang.org":             false,
		"https://u:p@proxy.golang.org":        false,
		"https://proxy.golang.org/x":          false,
		"https://proxy.golang.org.evil.com":   false,
		"https://proxy.golang.org:8443":       false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := WellKnownProxy(u); got != want {
			t.Errorf("WellKnownProxy(%s) = %v", address, got)
		}
	}
	if WellKnownProxy(nil) {
		t.Error("direct is a well-known proxy")
	}
}

func TestEffectiveProxies(t *testing.T) {
	const cn, corp, athens = "https://goproxy.cn", "https://goproxy.corp.example", "https://athens.corp.example"
	tests := []struct {
		base      string
		trusted   []string
		untrusted []string
		want      string
	}{
		{"https://proxy.golang.org,direct", nil, []string{cn}, "https://proxy.golang.org," + cn + ",direct"},
		{"https://proxy.golang.org", nil, []string{cn}, "https://proxy.golang.org," + cn},
		{"https://proxy.golang.org,off", nil, []string{cn}, "https://proxy.golang.org," + cn + ",off"},
		{"https://proxy.golang.org|direct", nil, []string{cn, "https://goproxy.io"}, "https://proxy.golang.org|" + cn + "|https://goproxy.io|direct"},
		{cn + "/,direct", nil, []string{cn}, cn + "/,direct"}, // there already
		// The disclosure rule: what the company's proxy alone knows stays there.
		{corp + ",direct", nil, []string{cn}, corp + ",direct"},
		{corp + "|direct", nil, []string{cn}, corp + "|direct"},
		{corp, nil, []string{cn}, corp},
		{corp + ",https://proxy.golang.org,direct", nil, []string{cn}, corp + ",https://proxy.golang.org," + cn + ",direct"},
		{corp + ",direct", []string{"https://proxy.golang.org"}, []string{cn}, corp + ",https://proxy.golang.org," + cn + ",direct"},
		{corp + ",direct", []string{athens}, []string{cn}, corp + "," + athens + ",direct"},
		// No http(s) entry: left alone, off most of all.
		{"off", []string{athens}, []string{cn}, "off"},
		{"direct", []string{athens}, []string{cn}, "direct"},
		{"file:///srv/goproxy,off", []string{athens}, nil, "file:///srv/goproxy,off"},
		{"file:///srv/goproxy," + corp, []string{athens}, nil, "file:///srv/goproxy," + corp + "," + athens},
	}
	for _, tt := range tests {
		base, err := proxylist.Parse(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		p := Default()
		for _, a := range tt.trusted {
			p.Proxies = append(p.Proxies, Upstream{URL: a, Trusted: true})
		}
		for _, a := range tt.untrusted {
			p.Proxies = append(p.Proxies, Upstream{URL: a})
		}
		if got := proxylist.Format(p.EffectiveProxies(base)); got != tt.want {
			t.Errorf("%s + %v + %v = %s, want %s", tt.base, tt.trusted, tt.untrusted, got, tt.want)
		}
		if again := proxylist.Format(base); again != tt.base {
			t.Errorf("the list that was given changed: %s", again)
		}
	}
	if got := Default().EffectiveProxies(nil); len(got) != 0 {
		t.Errorf("an empty list became %v", got)
	}
}

// The core case: nothing but a committed file, GOPROXY as Go has it.
func TestCoreCaseNeedsNoTrust(t *testing.T) {
	m := newMachine(t, "version: 1\nproxies: [https://goproxy.cn]\nrules:\n  - on: [transient, integrity]\n    do: [retry, rotate]\n")
	p, notices := m.load()
	if len(p.Problems)+len(p.Ignored)+len(notices) > 0 {
		t.Fatalf("it was not silent: %v %v %v", problems(p), p.Ignored, notices)
	}
	if list := p.EffectiveProxies(p.whereFrom.proxies()); proxylist.Format(list) != "https://proxy.golang.org,https://goproxy.cn,direct" {
		t.Errorf("GOPROXY becomes %s", proxylist.Format(list))
	}
}

func TestSumDBFollowsDisclosure(t *testing.T) {
	for base, want := range map[string]int{
		"":                                1,
		"https://goproxy.cn,direct":       1,
		"https://goproxy.corp.example":    0,
		"direct":                          0,
		"https://corp.example,direct":     0,
		"https://proxy.golang.org|direct": 1,
	} {
		m := newMachine(t, "sumdb: [https://sum.golang.google.cn]")
		m.env["GOPROXY"] = base
		if p, _ := m.load(); len(p.SumDB) != want || len(p.SumDB)+len(p.Ignored) != 1 {
			t.Errorf("GOPROXY=%s: sumdb %v, ignored %v", base, p.SumDB, p.Ignored)
		}
	}
}

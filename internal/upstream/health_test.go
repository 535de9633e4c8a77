package upstream

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/instant"
)

const (
	pathToken  = "t0psecret"
	secretPath = "/" + pathToken + "/go"
)

// TestHealthFile: failures are remembered, forgotten when they are over, and
// nothing is written where nothing failed.
func TestHealthFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	file := filepath.Join(dir, healthFile)
	clock := instant.New()
	session := func(f func(h *health)) {
		h := &health{dir: dir, now: clock.Now}
		f(h)
		h.save()
	}
	session(func(h *health) { h.set("https://a.example", record{}); h.online() })
	if _, err := os.Stat(dir); err == nil {
		t.Fatal("written for nothing")
	}
	session(func(h *health) {
		h.set("https://a.example", record{Failures: 3, Last: clock.Now()})
		h.offline(clock.Now())
	})
	session(func(h *health) {
		if h.record("https://a.example").Failures != 3 || !h.wasOffline(clock.Now()) {
			t.Error("not remembered")
		}
		h.set("https://a.example", record{})
		h.online()
	})
	session(func(h *health) {
		if h.record("https://a.example").Failures != 0 || h.wasOffline(clock.Now()) {
			t.Error("not forgotten")
		}
		h.set("https://b.example", record{Failures: 1, Last: clock.Now()})
	})
	clock.Sleep(t.Context(), 2*healthAge)
	session(func(h *health) {
		if h.record("https://b.example").Failures != 0 {
			t.Error("remembered for ever")
		}
	})
	for _, garbage := range []string{"", "{", `{"upstreams": 7}`, "\x00"} {
		writeFile(t, file, garbage)
		session(func(h *health) {
			if h.record("https://b.example").Failures != 0 {
				t.Errorf("%q", garbage)
			}
		})
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*-*")); len(left) != 0 {
		t.Error("left behind:", left)
	}
}

// TestHealthSideBySide: of two commands that end at once, neither loses what the other
// found, and each keeps what it knows better.
func TestHealthSideBySide(t *testing.T) {
	clock := instant.New()
	dir := t.TempDir()
	down := record{Failures: 3, Last: clock.Now()}
	open := func() *health { return &health{dir: dir, now: clock.Now} }
	first := open()
	first.set("https://gone.example", down)
	first.save()
	one, two := open(), open()
	one.set("https://a.example", down)
	one.offline(clock.Now())
	two.set("https://b.example", down)
	two.set("https://gone.example", record{})
	one.save()
	two.save()
	got := open()
	for name, want := range map[string]int{"https://a.example": 3, "https://b.example": 3, "https://gone.example": 0} {
		if n := got.record(name).Failures; n != want {
			t.Errorf("%s: %d failures, want %d", name, n, want)
		}
	}
	if !got.wasOffline(clock.Now()) {
		t.Error("that one was offline is lost")
	}
}

func TestHealthName(t *testing.T) {
	for address, want := range map[string]string{
		"https://proxy.golang.org":                   "https://proxy.golang.org",
		"https://user:pass@proxy.example:8443/?q=1":  "https://proxy.example:8443/",
		"https://mirrors.aliyun.com/goproxy/":        "https://mirrors.aliyun.com/goproxy/",
		"https://u:p@dl.cloudsmith.io" + secretPath:  "dl.cloudsmith.io#",
		"http://mirrors.aliyun.com/goproxy":          "mirrors.aliyun.com#",
		"https://mirrors.aliyun.com/goproxy/private": "mirrors.aliyun.com#",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		name := healthName(u)
		host, sum, hashed := strings.Cut(name, "#")
		if hashed {
			name = host + "#"
		}
		if name != want || hashed && len(sum) != 12 {
			t.Errorf("%s is %q, %q; want %s", address, name, sum, want)
		}
		if !isHealthName(healthName(u)) || hashed && isHealthName(u.Scheme+"://"+u.Host+u.Path) {
			t.Errorf("%s: old and new names are not told apart", address)
		}
	}
	one, two := &url.URL{Scheme: "https", Host: "h", Path: "/a"}, &url.URL{Scheme: "https", Host: "h", Path: "/b"}
	if healthName(one) == healthName(two) {
		t.Error("two proxies of one host share their health")
	}
}

// What an earlier version wrote with its path goes with the next invocation.
func TestHealthDropsAddressesWithPaths(t *testing.T) {
	clock, state := instant.New(), t.TempDir()
	now, _ := clock.Now().MarshalText()
	file := writeFile(t, filepath.Join(state, healthFile), `{"upstreams":{`+
		`"https://a.example`+secretPath+`":{"failures":3,"last":"`+string(now)+`"},`+
		`"https://b.example":{"failures":3,"last":"`+string(now)+`"}}}`)
	h := &health{dir: state, now: clock.Now}
	if h.record("https://b.example").Failures != 3 {
		t.Error("what has no path is forgotten")
	}
	h.save()
	if data, err := os.ReadFile(file); err != nil || strings.Contains(string(data), pathToken) || !strings.Contains(string(data), "b.example") {
		t.Errorf("%s %v", data, err)
	}
}

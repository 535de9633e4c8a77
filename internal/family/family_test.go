package family

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const name = "storage.example"

// TestNext: by what a host is dialed next, after failures of IPv4 and IPv6 (4, 6),
// good answers (a, b), and finding that it lacks one (x, y); and what the next command
// does.
func TestNext(t *testing.T) {
	for _, tt := range []struct {
		what        string
		next, later Family
		found       bool
	}{
		{"", Any, Any, false},
		{"6", IPv4, Any, false},      // not known to be better yet
		{"6a", IPv4, IPv4, true},     // it is
		{"b6a", IPv4, Any, false},    // it had worked: one failure among others
		{"6a4", IPv6, IPv4, true},    // fails as well: back, but that is no better yet
		{"6a4b", IPv6, Any, true},    // which it is
		{"4b", IPv6, IPv6, true},     // the other way round
		{"64", IPv6, Any, false},     // neither
		{"6x", Any, Any, false},      // there is no other
		{"x6", Any, Any, false},      // known before
		{"6x6", Any, Any, false},     // and after
		{"6y", IPv4, Any, false},     // it is the failed one that it lacks
		{"6aa66a", IPv4, IPv4, true}, // told once
	} {
		now := time.Unix(1700000000, 0)
		m := &Memory{Dir: t.TempDir(), Now: func() time.Time { return now }}
		found := 0
		for _, c := range tt.what {
			switch c {
			case '4':
				m.Failed(name, IPv4)
			case '6':
				m.Failed(name, IPv6)
			case 'a', 'b':
				if m.Worked(name, map[rune]Family{'a': IPv4, 'b': IPv6}[c]) {
					found++
				}
			case 'x':
				m.Lacks(name, IPv4)
			case 'y':
				m.Lacks(name, IPv6)
			}
		}
		if got := m.Next(name); got != tt.next {
			t.Errorf("%q: next %q, want %q", tt.what, got, tt.next)
		}
		if (found > 0) != tt.found || found > 1 {
			t.Errorf("%q: found %d times, want %v", tt.what, found, tt.found)
		}
		m.Save()
		later := &Memory{Dir: m.Dir, Now: m.Now}
		if got := later.Next(name); got != tt.later {
			t.Errorf("%q: later %q, want %q", tt.what, got, tt.later)
		}
		now = now.Add(Lasting)
		if got := (&Memory{Dir: m.Dir, Now: m.Now}).Next(name); got != Any {
			t.Errorf("%q: much later %q", tt.what, got)
		}
	}
}

// TestElsewhere: a finding of an earlier command, in another network perhaps, is not
// gone by again where the better family leads nowhere.
func TestElsewhere(t *testing.T) {
	now := func() time.Time { return time.Unix(1700000000, 0) }
	m := &Memory{Dir: t.TempDir(), Now: now}
	m.Failed(name, IPv6)
	m.Worked(name, IPv4)
	m.Save()
	later := &Memory{Dir: m.Dir, Now: now}
	if got := later.Next(name); got != IPv4 {
		t.Fatalf("next %q", got)
	}
	later.Lacks(name, IPv4)
	if got := later.Next(name); got != Any {
		t.Errorf("next %q", got)
	}
}

// TestFile: what is in the file may be anything, and nothing is written without need.
func TestFile(t *testing.T) {
	now := func() time.Time { return time.Unix(1700000000, 0) }
	for _, text := range []string{"", "null", "{", `[{"host":"h","avoid":"IPv9","last":"2023-11-14T22:00:00Z"}]`, `[{"host":"h","avoid":"IPv6","last":"2033-11-14T22:00:00Z"}]`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		m := &Memory{Dir: dir, Now: now}
		if got := m.Next("h"); got != Any {
			t.Errorf("%s: %q", text, got)
		}
	}
	dir := t.TempDir()
	m := &Memory{Dir: dir, Now: now}
	m.Worked("h", IPv6)
	m.Save()
	if list, _ := os.ReadDir(dir); len(list) > 0 {
		t.Error("written")
	}
}

// TestSideBySide: of two commands that end at once, neither loses what the other found.
func TestSideBySide(t *testing.T) {
	dir := t.TempDir()
	now := func() time.Time { return time.Unix(1700000000, 0) }
	one, two := &Memory{Dir: dir, Now: now}, &Memory{Dir: dir, Now: now}
	for name, m := range map[string]*Memory{"one": one, "two": two} {
		m.Failed(name, IPv6)
		m.Worked(name, IPv4)
	}
	one.Save()
	two.Save()
	third := &Memory{Dir: dir, Now: now}
	third.Worked("one", IPv6)
	third.Save()
	if got := Known(dir, now()); len(got) != 1 || got[0].Host != "two" {
		t.Errorf("%v", got)
	}
}

func TestOf(t *testing.T) {
	for text, want := range map[string]Family{"127.0.0.1": IPv4, "::1": IPv6, "::ffff:1.2.3.4": IPv4, "": Any} {
		if got := Of(&net.TCPAddr{IP: net.ParseIP(text)}); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if Of(&net.UnixAddr{}) != Any || IPv4.Network() != "tcp4" || IPv6.Network() != "tcp6" || Any.Network() != "tcp" {
		t.Error("networks")
	}
}

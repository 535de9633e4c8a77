package policy

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestDueOnceADay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "gosteady")
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	one, other := Notice{Text: "x", Key: "1"}, Notice{Text: "y", Key: "2"}
	steps := []struct {
		n    Notice
		at   time.Time
		want bool
	}{
		{one, now, true}, {one, now, false}, {other, now, true}, {one, now.Add(time.Hour), false},
		{other, now.Add(time.Hour), false}, {one, now.Add(13 * time.Hour), true}, {one, now.Add(13 * time.Hour), false},
		{Notice{Text: "each time"}, now, true}, {Notice{Text: "each time"}, now, true},
	}
	for i, s := range steps {
		if got := s.n.Due(dir, s.at); got != s.want {
			t.Errorf("step %d: due %v, want %v", i, got, s.want)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "notices"))
	if err != nil || strings.Count(string(data), "\n") != 1 {
		t.Errorf("yesterday is kept: %q, %v", data, err)
	}
}

func TestDueWithoutMemory(t *testing.T) {
	n := Notice{Key: "1"}
	for _, dir := range []string{"", filepath.Join(os.DevNull, "none")} {
		for i := range 2 {
			if !n.Due(dir, time.Now()) {
				t.Errorf("with %q it is not said (%d)", dir, i)
			}
		}
	}
}

func TestNoticePerRepository(t *testing.T) {
	keys := map[string]bool{}
	for range 2 {
		_, notices := newMachine(t, "private: ['*']\n").load()
		keys[notices[0].Key] = true
	}
	if len(keys) != 2 {
		t.Error("two repositories share their once a day")
	}
}

func TestIgnoredLine(t *testing.T) {
	m := newMachine(t, "proxies: [https://a.example, https://b.example]\nprivate: ['*.a.example', b.example]\nrules: [{on: dns, do: [direct]}]\n")
	_, notices := m.load()
	want := "gosteady: .gosteady.yaml asks for what this machine does not trust, ignored; to trust it: " +
		"go steady policy trust proxy=https://a.example proxy=https://b.example 'private=*.a.example' private=b.example direct"
	if runtime.GOOS == "windows" {
		want = strings.ReplaceAll(want, "'private=*.a.example'", `"private=*.a.example"`)
	}
	if len(notices) != 1 || notices[0].Text != want {
		t.Errorf("said %v\nwant %s", notices, want)
	}
	m.env["GOSTEADY_NOTIFY"] = "never"
	if _, notices := m.load(); len(notices) > 0 {
		t.Errorf("notify: never, and it says %v", notices)
	}
}

// TestShellQuote asks a real shell what it makes of the quoted words.
func TestShellQuote(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("no sh")
	}
	for _, s := range []string{"rotate", "private=*.a.example/[ab]?", "a'b", "$HOME `id`", "a b", "", "!x", "~/x", "a;b&c|d"} {
		out, err := exec.Command(sh, "-c", "printf %s "+shellQuote(s)).Output()
		if err != nil || string(out) != s {
			t.Errorf("%q is quoted as %s, which sh reads as %q, %v", s, shellQuote(s), out, err)
		}
	}
}

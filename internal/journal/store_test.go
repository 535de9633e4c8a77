package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/environ"
)

// writerEnv makes the test binary one of many writers.
const writerEnv = "JOURNAL_TEST_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerEnv); dir != "" {
		writeMany(dir)
		return
	}
	os.Exit(m.Run())
}

const linesEach = 20

func writeMany(dir string) {
	s := Store{dir: dir, maxFile: 80 << 10} // more than a quarter of all lines, of the longest, also where two rotate at once
	for i := range linesEach {
		if err := s.Append(met(fmt.Sprintf("%d-%d", os.Getpid(), i))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// met is an invocation that met something.
func met(name string) Invocation {
	return Invocation{
		Time: noon, Command: []string{"build", name},
		Events: []Event{{Time: noon, Outcome: Healed, Class: classify.Reset, Text: strings.Repeat("x", 100)}},
	}
}

func names(s Store) []string {
	var list []string
	for inv := range s.All() {
		list = append(list, inv.Command[1])
	}
	return list
}

func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet")
	s := NewStore(dir)
	if _, err := s.Last(); !errors.Is(err, ErrEmpty) {
		t.Errorf("Last of nothing: %v", err)
	}
	for _, inv := range []Invocation{met("a"), met("b"), {Time: noon, Command: []string{"list", "quiet"}}} {
		if err := s.Append(inv); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(names(s)); got != "[a b quiet]" {
		t.Errorf("All = %s", got)
	}
	last, err := s.Last()
	if err != nil || last.Command[1] != "b" {
		t.Errorf("Last = %v, %v; want the last that met something", last.Command, err)
	}
	if runtime.GOOS != "windows" {
		fi, err := os.Stat(filepath.Join(dir, currentName))
		if err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v; the journal is the user's own", fi.Mode(), err)
		}
	}
}

func TestStoreRotates(t *testing.T) {
	s := Store{dir: t.TempDir(), maxFile: 2000}
	for i := range 100 {
		if err := s.Append(met(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	list := names(s)
	if len(list) < 5 || len(list) > 30 || list[len(list)-1] != "99" {
		t.Errorf("%d invocations are kept: %v", len(list), list)
	}
	for i := 1; i < len(list); i++ {
		if list[i-1] >= list[i] {
			t.Errorf("out of order: %v", list)
		}
	}
	for _, name := range []string{currentName, oldName} {
		if fi, err := os.Stat(s.path(name)); err != nil && name == oldName || err == nil && fi.Size() > 3000 {
			t.Errorf("%s: %v", name, fi)
		}
	}
}

func TestStoreSkipsDamage(t *testing.T) {
	s := NewStore(t.TempDir())
	if err := s.Append(met("a")); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(s.path(currentName), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("{\"time\": \"cut\n\n[]\n\x00\x00\n"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := s.Append(met("b")); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(names(s)); got != "[a b]" {
		t.Errorf("All = %s", got)
	}
}

// TestStoreConcurrently: fifty processes write at once; every line is whole,
// and as many as the bound allows are there.
func TestStoreConcurrently(t *testing.T) {
	const writers = 50
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), writerEnv+"="+dir)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("a writer: %v\n%s", err, out)
			}
		}()
	}
	wg.Wait()
	s := NewStore(dir)
	lines, whole := 0, len(names(s))
	for _, name := range []string{oldName, currentName} {
		data, err := os.ReadFile(s.path(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		lines += strings.Count(string(data), "\n")
	}
	if whole != lines || whole < writers*linesEach/4 {
		t.Errorf("%d of %d lines are whole", whole, lines)
	}
}

func TestFlush(t *testing.T) {
	for _, tt := range []struct {
		level  Level
		events []Event
		want   int
	}{
		{Failures, nil, 0},
		{Failures, []Event{{Outcome: Noted}}, 0},
		{Failures, []Event{{Outcome: Healed}}, 1},
		{Failures, []Event{{Outcome: Unhealed}}, 1},
		{All, nil, 1},
		{Off, []Event{{Outcome: Unhealed}}, 0},
	} {
		dir := filepath.Join(t.TempDir(), "state")
		r := NewRecorder([]string{"build", "x"}, "", time.Now)
		for _, e := range tt.events {
			r.Add(e)
		}
		if err := r.Flush(NewStore(dir), tt.level, 0); err != nil {
			t.Fatal(err)
		}
		if got := len(names(NewStore(dir))); got != tt.want {
			t.Errorf("level %d, %v: %d lines, want %d", tt.level, tt.events, got, tt.want)
		}
		if _, err := os.Stat(dir); tt.want == 0 && err == nil {
			t.Errorf("level %d, %v: the directory was made for nothing", tt.level, tt.events)
		}
		if err := r.Flush(Store{}, tt.level, 0); err != nil {
			t.Errorf("the zero Store complains: %v", err)
		}
	}
}

func TestStateDir(t *testing.T) {
	home := t.TempDir()
	missing := filepath.Join(home, "missing")
	for _, tt := range []struct{ goos, env, want string }{
		{"linux", "HOME=%", "%/.local/state/gosteady"},
		{"linux", "HOME=% XDG_STATE_HOME=%/xdg", "%/xdg/gosteady"},
		{"linux", "HOME=" + missing + " XDG_STATE_HOME=%", "%/gosteady"},
		{"linux", "HOME=" + missing + " XDG_STATE_HOME=%/xdg", ""},
		{"linux", "HOME=% XDG_STATE_HOME=relative", "%/.local/state/gosteady"},
		{"linux", "HOME=" + missing, ""},
		{"linux", "HOME=relative", ""},
		{"linux", "", ""},
		{"linux", "HOME=% GOSTEADY_STATE=%/s", "%/s"},
		{"linux", "HOME=% GOSTEADY_STATE=off", ""},
		{"darwin", "HOME=%", "%/Library/Application Support/gosteady/state"},
		{"windows", "HOME=% LOCALAPPDATA=%", "%/gosteady/state"},
		{"windows", "HOME=%", ""},
	} {
		var env []string
		for _, kv := range strings.Fields(tt.env) {
			env = append(env, filepath.FromSlash(strings.ReplaceAll(kv, "%", home)))
		}
		want := filepath.FromSlash(strings.ReplaceAll(tt.want, "%", filepath.ToSlash(home)))
		if got := stateDir(environ.Of(tt.goos).Getter(env), tt.goos); got != want {
			t.Errorf("%s %s: %q, want %q", tt.goos, tt.env, got, want)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a home directory was made")
	}
}

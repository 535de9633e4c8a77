//go:build unix

package policy

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestDiscovery(t *testing.T) {
	tests := []struct {
		name   string
		files  []string // directories end in a slash
		module string
		work   string
		dir    string
		want   string
	}{
		{"module", []string{"r/.git/", "r/m/" + FileName, "r/" + FileName}, "r/m", "", "r/m/pkg", "r/m"},
		{"workspace", []string{"r/.git/", "r/w/m/", "r/w/" + FileName, "r/" + FileName}, "r/w/m", "r/w", "r/w/m", "r/w"},
		{"repository", []string{"r/.git/", "r/a/m/", "r/" + FileName}, "r/a/m", "", "r/a/m", "r"},
		{"worktree", []string{"r/.git", "r/a/", "r/" + FileName}, "r/a", "", "r/a", "r"},
		{"outside a module", []string{"r/.git/", "r/a/b/", "r/" + FileName}, "", "", "r/a/b", "r"},
		{"nowhere between", []string{"r/.git/", "r/a/m/", "r/a/" + FileName}, "r/a/m", "", "r/a/m", ""},
		{"not above the repository", []string{"r/.git/", "r/m/", FileName}, "r/m", "", "r/m", ""},
		{"no repository", []string{"r/m/", "r/" + FileName, FileName}, "r/m", "", "r/m", ""},
		{"not the home directory's", []string{"home/.git/", "home/p/m/", "home/" + FileName}, "home/p/m", "", "home/p/m", ""},
		{"a module in the home directory", []string{"home/" + FileName}, "home", "", "home", "home"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMachine(t, "")
			for _, name := range tt.files {
				if dir, ok := strings.CutSuffix(name, "/"); ok {
					if err := os.MkdirAll(filepath.Join(m.root, dir), 0o755); err != nil {
						t.Fatal(err)
					}
					continue
				}
				m.write(name, "retry: {attempts: 2}\n")
			}
			at := func(dir string) string {
				if dir == "" {
					return ""
				}
				return filepath.Join(m.root, dir)
			}
			l := m.loader()
			l.Dir, l.ModuleRoot, l.WorkspaceRoot = at(tt.dir), at(tt.module), at(tt.work)
			want := ""
			if tt.want != "" {
				want = filepath.Join(at(tt.want), FileName)
			}
			if got, _ := l.complete().findFile(); got != want {
				t.Errorf("found %q, want %q", got, want)
			}
		})
	}
}

func TestDirectoryGone(t *testing.T) {
	l := newMachine(t, "").loader()
	l.Dir, l.ModuleRoot = "", ""
	if p, notices := l.Load(); len(p.Files)+len(notices) > 0 {
		t.Errorf("without a directory: %v, %v", p.Files, notices)
	}
}

func TestBelieved(t *testing.T) {
	const text = "retry: {attempts: 2}\n"
	tests := []struct {
		name   string
		change func(file string) error
		reason string // "" for believed
	}{
		{"as usual", func(f string) error { return nil }, ""},
		{"read-only", func(f string) error { return os.Chmod(f, 0o444) }, ""},
		{"world-writable", func(f string) error { return os.Chmod(f, 0o666) }, "everyone can write to it"},
		{"link", func(f string) error { return os.Symlink(rename(f), f) }, "not a regular file"},
		{"directory", func(f string) error { rename(f); return os.Mkdir(f, 0o755) }, "not a regular file"},
		{"fifo", func(f string) error { rename(f); return syscall.Mkfifo(f, 0o644) }, "not a regular file"},
		{"large", func(f string) error { return os.Truncate(f, maxFile+1) }, "larger than"},
	}
	if os.Geteuid() == 0 {
		tests = append(tests, tests[0])
		tests[len(tests)-1].name = "another user's"
		tests[len(tests)-1].change = func(f string) error { return os.Chown(f, 12345, 12345) }
		tests[len(tests)-1].reason = "belongs to another user (uid 12345)"
		tests = append(tests, tests[0])
		tests[len(tests)-1].name = "group-writable"
		tests[len(tests)-1].change = func(f string) error { return os.Chmod(f, 0o664) }
		tests[len(tests)-1].reason = "its group can write to it"
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMachine(t, text)
			if err := tt.change(filepath.Join(m.root, "repo", FileName)); err != nil {
				t.Fatal(err)
			}
			p, notices := m.load()
			if believed := p.Retry.Attempts == 2; believed != (tt.reason == "") {
				t.Fatalf("believed: %v, want reason %q", believed, tt.reason)
			}
			if tt.reason == "" {
				return
			}
			if len(notices) != 1 || !strings.Contains(notices[0].Text, tt.reason) || notices[0].Key == "" {
				t.Errorf("said %v, want one line a day with %q", notices, tt.reason)
			}
		})
	}
}

// rename moves a file aside and returns its new name.
func rename(file string) string {
	if err := os.Rename(file, file+".aside"); err != nil {
		panic(err)
	}
	return file + ".aside"
}

func TestNamedFileOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	m := newMachine(t, "retry: {attempts: 2}\n")
	file := filepath.Join(m.root, "repo", FileName)
	if err := os.Chown(file, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	m.env["GOSTEADY_POLICY"] = file
	if p, notices := m.load(); p.Retry.Attempts != 2 {
		t.Errorf("named, it is not used: %v", notices)
	}
}

func TestPrivateGroup(t *testing.T) {
	for _, tt := range []struct {
		uid, gid uint32
		want     bool
	}{{1000, 1000, true}, {1000, 20, false}, {0, 0, false}} {
		if got := privateGroup(&syscall.Stat_t{Uid: tt.uid, Gid: tt.gid}); got != tt.want {
			t.Errorf("uid %d, gid %d: %v", tt.uid, tt.gid, got)
		}
	}
}

// A mount point or a directory of another owner ends the search.
func TestOtherOwnerEndsTheSearch(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	m := newMachine(t, "retry: {attempts: 2}\n")
	repo := filepath.Join(m.root, "repo")
	sub := filepath.Join(repo, "m")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(repo, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	l := m.loader()
	l.Dir, l.ModuleRoot = sub, sub
	if got, _ := l.complete().findFile(); got != "" {
		t.Errorf("found %s in another user's directory", got)
	}
}

func TestUserDir(t *testing.T) {
	for name, tt := range map[string]struct{ home, xdg, want string }{
		"no home":       {"", "", ""},
		"relative home": {"home", "rel", ""},
		"xdg":           {"/h", "/x", "/x/gosteady"},
	} {
		got := userDir(func(v string) string { return map[string]string{"HOME": tt.home, "XDG_CONFIG_HOME": tt.xdg}[v] })
		if got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

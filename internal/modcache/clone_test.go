package modcache

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A gitWorld is a module cache whose one module came from a real git
// repository, by GOPROXY=direct.
type gitWorld struct {
	*world
	clone string
}

func newGitWorld(t *testing.T) *gitWorld {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	w := emptyWorld(t)
	repo := t.TempDir()
	for name, text := range content[low] {
		w.check(os.WriteFile(filepath.Join(repo, name), []byte(text), 0o666))
	}
	// example.com is a real host; instead of it, git is told to go to the folder.
	w.env = append(w.env, "GOPROXY=direct", "GOSUMDB=off", "GIT_ALLOW_PROTOCOL=file:https", "HOME="+t.TempDir(),
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=url."+repo+".insteadOf", "GIT_CONFIG_VALUE_0=https://git.example.com/low",
		"GIT_CONFIG_KEY_1=safe.directory", "GIT_CONFIG_VALUE_1=*",
		"GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@example.com", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@example.com")
	w.check(os.WriteFile(filepath.Join(repo, "go.mod"), []byte("module git.example.com/low.git\n"), 0o666))
	for _, line := range []string{"init -q", "add .", "commit -q -m one", "tag v1.0.0", "commit -q --allow-empty -m two", "tag v1.1.0"} {
		cmd := exec.Command(git, strings.Fields(line)...)
		cmd.Dir, cmd.Env = repo, w.env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", line, err, out)
		}
	}
	w.write("go.mod", "module example.com/main\n")
	g := &gitWorld{world: w}
	g.must("mod", "download", "git.example.com/low.git@v1.0.0")
	clones := g.cache.Clones()
	if len(clones) != 1 {
		t.Fatalf("clones: %q", clones)
	}
	g.clone = clones[0]
	return g
}

// fetchNext makes the go command use the clone.
func (g *gitWorld) fetchNext() (string, error) {
	return g.goCommand(nil, "mod", "download", "git.example.com/low.git@v1.1.0")
}

var cloneDamages = map[string]func(g *gitWorld){
	"HEAD missing":   func(g *gitWorld) { g.remove(filepath.Join(g.clone, "HEAD")) },
	"HEAD garbage":   func(g *gitWorld) { g.overwrite(filepath.Join(g.clone, "HEAD"), "\x00\x00\x00") },
	"config missing": func(g *gitWorld) { g.overwrite(filepath.Join(g.clone, "config"), "") },
	"refs missing":   func(g *gitWorld) { g.remove(filepath.Join(g.clone, "refs")) },
	"objects empty": func(g *gitWorld) {
		g.eachObject(func(file string) { g.overwrite(file, "") })
	},
	"objects garbage": func(g *gitWorld) {
		g.eachObject(func(file string) { g.overwrite(file, "garbage, of which git cannot make anything at all") })
	},
}

func (g *gitWorld) eachObject(do func(file string)) {
	g.check(filepath.WalkDir(filepath.Join(g.clone, "objects"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".idx") {
			do(path)
		}
		return err
	}))
}

func TestQuarantineClone(t *testing.T) {
	for name, damage := range cloneDamages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitWorld(t)
			if err := CheckClone(t.Context(), "git", g.clone); err != nil {
				t.Fatalf("a right clone: %v", err)
			}
			damage(g)
			out, err := g.fetchNext()
			if err == nil {
				t.Skip("this git gets on with it")
			}
			s := g.cache.Suspects(out, nil)
			if len(s.Clones) == 0 { // not every message has the folder
				s.Clones = g.cache.Clones()
			}
			h := g.cache.Heal(t.Context(), s, nil, nil, true)
			if !h.Healed() || len(h.Clones) != 1 {
				t.Fatalf("not set aside; go said: %s", out)
			}
			if out, err := g.fetchNext(); err != nil {
				t.Fatalf("go cannot clone again: %s", out)
			}
			g.check(h.Clones[0].Finish(t.Context()))
			if left, _ := filepath.Glob(g.clone + quarantineMark + "*"); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// Offline a damaged clone stays: something of it may still be of use. And one
// that was set aside comes back if no other took its place.
func TestCloneRestored(t *testing.T) {
	g := newGitWorld(t)
	g.remove(filepath.Join(g.clone, "HEAD"))
	before := g.snapshot()
	if h := g.cache.Heal(t.Context(), Suspects{Clones: []string{g.clone}}, nil, nil, false); h.Healed() {
		t.Error("set aside offline")
	}
	h := g.cache.Heal(t.Context(), Suspects{Clones: []string{g.clone}}, nil, nil, true)
	os.MkdirAll(g.clone, 0o777) // what a go command that fails may leave
	for _, a := range h.Clones {
		g.check(a.Finish(t.Context()))
	}
	sameFiles(t, before, g.snapshot())
}

// What a killed process set aside goes with the next one, after a day.
func TestSweepQuarantines(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "clone")
	now := time.Unix(1_700_000_000, 0)
	for _, name := range []string{dir, dir + quarantineMark + "1699990000-1", dir + quarantineMark + "1600000000-2", dir + quarantineMark + "x", dir + "x"} {
		if err := os.Mkdir(name, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	sweepQuarantines(dir, now)
	left, _ := filepath.Glob(dir + "*")
	if len(left) != 4 || existing(dir+quarantineMark+"1600000000-2") != "" {
		t.Errorf("left: %q", left)
	}
}

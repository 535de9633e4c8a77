//go:build unix

package journal

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Root keeps nothing in a home that is another user's.
func TestForeignHome(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const other = 4321
	home := t.TempDir()
	getenv := func(name string) string {
		return map[string]string{"HOME": home}[name]
	}
	if OpenStore(getenv).Dir() == "" {
		t.Fatal("no store in an own home")
	}
	state := OpenStore(getenv).Dir()
	if err := os.MkdirAll(state, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, theirs := range []string{home, filepath.Dir(state), state} {
		if err := os.Chown(theirs, other, other); err != nil {
			t.Fatal(err)
		}
		if dir := OpenStore(getenv).Dir(); dir != "" {
			t.Errorf("%s is another's, and the store is in %s", theirs, dir)
		}
		if err := os.Chown(theirs, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	if OpenStore(getenv).Dir() != state {
		t.Error("no store in an own home")
	}
}

// A link in the place of the journal is not written through.
func TestJournalIsNoLink(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := NewStore(filepath.Join(dir, "state"))
	if err := s.Create(); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, s.path(currentName)); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(Invocation{Time: time.Now()}); err == nil {
		t.Error("no error")
	}
	if fi, err := os.Stat(victim); err != nil || fi.Size() > 0 {
		t.Errorf("written through a link: %v", err)
	}
}

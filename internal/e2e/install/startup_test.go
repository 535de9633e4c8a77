//go:build unix

package install

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

func TestAddPath(t *testing.T) {
	tests := []struct {
		shell, file, before string
		check               []string // starts the shell as a terminal would
	}{
		{"bash", ".bashrc", "export PATH=GOROOT/bin:$PATH # no newline at the end", []string{"bash", "-ic"}},
		{"zsh", ".zshrc", "", []string{"zsh", "-ic"}},
		{"fish", ".config/fish/config.fish", "fish_add_path --path GOROOT/bin\n", []string{"fish", "-ic"}},
		{"dash", ".profile", "PATH=GOROOT/bin:$PATH\n\n\n", []string{"dash", "-lc"}},
	}
	for _, tt := range tests {
		t.Run(tt.shell, func(t *testing.T) {
			if tt.shell == "bash" && runtime.GOOS == "darwin" {
				tt.file, tt.check = ".bash_profile", []string{"bash", "-lc"}
			}
			m := newMachine(t)
			m.env["SHELL"] = "/bin/" + tt.shell
			if tt.before != "" {
				m.write(tt.file, strings.ReplaceAll(tt.before, "GOROOT", modtest.GOROOT()))
			}
			before := m.tree()

			m.install("--add-path")
			once := read(t, filepath.Join(m.home, tt.file))
			m.install("--add-path")
			if twice := read(t, filepath.Join(m.home, tt.file)); twice != once {
				t.Errorf("the second run made %q of %q", twice, once)
			}
			if strings.Count(once, m.dir()) != 1 {
				t.Errorf("%s has %q", tt.file, once)
			}
			if _, err := exec.LookPath(tt.shell); err == nil {
				out, _ := m.run(tt.check[0], append(tt.check[1:], "command -v go")...)
				if !strings.HasSuffix(out, m.dir()+"/go\n") {
					t.Errorf("a new %s finds %q", tt.shell, out)
				}
			}

			m.script("--uninstall")
			for _, dir := range []string{".config/fish/functions", ".config/fish/completions", ".config/fish/conf.d", ".config/fish", ".local/share/fish", ".local/share", ".local", ".cache"} {
				removeShellsOwn(filepath.Join(m.home, dir))
			}
			want := before
			if tt.before != "" && !strings.HasSuffix(tt.before, "\n") {
				want = "" // the newline that we had to add stays
			}
			if got := m.tree(); want != "" && got != want {
				t.Errorf("left behind:\n%s\nbefore:\n%s", got, want)
			}
		})
	}
}

// removeShellsOwn removes what a started fish writes for itself.
func removeShellsOwn(dir string) {
	if filepath.Base(dir) == "fish" {
		os.Remove(filepath.Join(dir, "fish_variables"))
	}
	if strings.HasSuffix(dir, ".local/share/fish") || filepath.Base(dir) == ".cache" {
		os.RemoveAll(dir)
	}
	os.Remove(dir) // only if empty
}

func TestAddPathKeepsALinkAndReplacesAnOldLine(t *testing.T) {
	m := newMachine(t)
	m.env["SHELL"] = "/bin/zsh"
	m.write("dotfiles/zshrc", "alias ll='ls -l'\n")
	if err := os.Symlink("dotfiles/zshrc", filepath.Join(m.home, ".zshrc")); err != nil {
		t.Fatal(err)
	}
	before := m.tree()
	m.install("--add-path", "--prefix", m.home+"/one")
	m.install("--add-path", "--prefix", m.home+"/two")
	if got := read(t, m.home+"/dotfiles/zshrc"); strings.Contains(got, "/one") || strings.Count(got, "/two") != 1 || !strings.HasPrefix(got, "alias") {
		t.Errorf("zshrc has %q", got)
	}
	m.script("--uninstall", "--prefix", m.home+"/one")
	m.script("--uninstall", "--prefix", m.home+"/two")
	if got := m.tree(); got != before {
		t.Errorf("left behind:\n%s\nbefore:\n%s", got, before)
	}
}

// Whatever a start-up file is, it stays so: its mode, its other names, its bytes.
func TestShellFileStaysWhatItIs(t *testing.T) {
	theirs := "alias caf\xe9='true' # Latin-1\nset -u\n"
	for _, shape := range []string{"file", "links", "hard link"} {
		t.Run(shape, func(t *testing.T) {
			m := newMachine(t)
			file, other := m.home+"/.profile", m.home+"/dotfiles/deep/profile"
			m.write("dotfiles/deep/profile", theirs)
			m.write("dotfiles/notes", "")
			var err error
			switch shape {
			case "file":
				err = os.Rename(other, file)
				other = file
			case "links":
				err = errors.Join(os.Symlink(m.home+"/dotfiles/link", file), os.Symlink("deep/profile", m.home+"/dotfiles/link"))
			case "hard link":
				err = os.Link(other, file)
			}
			if err = errors.Join(err, os.Chmod(other, 0o640)); err != nil {
				t.Fatal(err)
			}
			before := m.tree()
			m.install("--add-path")
			for _, name := range []string{file, other} {
				fi, err := os.Stat(name)
				if err != nil || fi.Mode() != 0o640 || !strings.HasPrefix(read(t, name), theirs+"export PATH=") {
					t.Errorf("%s: %v, %v, %q", name, fi.Mode(), err, read(t, name))
				}
			}
			m.script("--uninstall")
			if got := m.tree(); got != before {
				t.Errorf("left behind:\n%s\nbefore:\n%s", got, before)
			}
		})
	}
}

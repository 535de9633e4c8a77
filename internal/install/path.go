package install

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// marker ends every line that we add to a start-up file: by it the line is found again.
const marker = "# added by gosteady"

// A shellFile is a start-up file, and the line that puts the shims first in PATH there.
type shellFile struct {
	name string
	line string
}

func shLine(dir string) string {
	return `export PATH="` + escaped(dir, "\\\"$`") + `:$PATH"`
}

func fishLine(dir string) string {
	return `fish_add_path --path --prepend --move "` + escaped(dir, `\"$`) + `"`
}

func imageLine(dir string) string { return `ENV PATH="` + escaped(dir, `\"$`) + `:$PATH"` }

// escaped puts a backslash before the bytes that a pair of quotes leaves their meaning.
func escaped(s, special string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(special, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// startupFile is where a shell sets PATH last: of all users, or of the user's shell.
func (in *Installer) startupFile(dir string, system bool, goos string) (shellFile, error) {
	if system {
		files := systemProfiles()
		if goos == "darwin" {
			return shellFile{files[1], shLine(dir)}, nil
		}
		return shellFile{files[0], shLine(dir)}, nil
	}
	home := in.Getenv("HOME")
	if home == "" {
		return shellFile{}, fmt.Errorf("HOME is not set; --add-path knows no file to edit")
	}
	switch filepath.Base(in.Getenv("SHELL")) {
	case "bash":
		if goos == "darwin" { // its terminals start login shells, which do not read .bashrc
			return shellFile{filepath.Join(home, ".bash_profile"), shLine(dir)}, nil
		}
		return shellFile{filepath.Join(home, ".bashrc"), shLine(dir)}, nil
	case "zsh":
		return shellFile{filepath.Join(cmp.Or(in.Getenv("ZDOTDIR"), home), ".zshrc"), shLine(dir)}, nil
	case "fish":
		return shellFile{filepath.Join(cmp.Or(in.Getenv("XDG_CONFIG_HOME"), filepath.Join(home, ".config")), "fish", "config.fish"), fishLine(dir)}, nil
	}
	return shellFile{filepath.Join(home, ".profile"), shLine(dir)}, nil
}

// startupFiles are all that a line of ours may be in.
func (in *Installer) startupFiles(system bool) []string {
	var list []string
	if home := in.Getenv("HOME"); home != "" {
		for _, name := range []string{".bashrc", ".bash_profile", ".profile"} {
			list = append(list, filepath.Join(home, name))
		}
		list = append(list, filepath.Join(cmp.Or(in.Getenv("ZDOTDIR"), home), ".zshrc"),
			filepath.Join(cmp.Or(in.Getenv("XDG_CONFIG_HOME"), filepath.Join(home, ".config")), "fish", "config.fish"))
	}
	if system {
		list = append(list, systemProfiles()...)
	}
	return list
}

// add writes the line, in the place of one that is there.
func (f shellFile) add(in *Installer) error {
	marked := f.line + " " + marker
	if old, err := os.ReadFile(f.name); err == nil && slices.Contains(strings.Split(string(old), "\n"), marked) {
		in.Say(f.name + " has the line already")
		return nil
	}
	_ = os.MkdirAll(filepath.Dir(f.name), 0o755) // the file's own error says more
	err := rewrite(f.name, func(old []byte) []byte {
		text := withoutMarked(old)
		// A last line without its newline must not swallow ours.
		if len(text) > 0 && text[len(text)-1] != '\n' {
			text = append(text, '\n')
		}
		return append(text, marked+"\n"...)
	})
	if err != nil {
		return fmt.Errorf("cannot write %s (%w); add this line yourself: %s", f.name, err, f.line)
	}
	in.Say("added to " + f.name + ": " + f.line)
	in.Say("it holds in new shells; for this one: " + f.line)
	return nil
}

// isMarked tells the lines that we added.
func isMarked(line []byte) bool { return bytes.Contains(line, []byte(marker)) }

// withoutMarked is a file without our lines.
func withoutMarked(text []byte) []byte { return without(text, isMarked) }

func without(text []byte, gone func(line []byte) bool) []byte {
	var kept []byte
	for line := range bytes.Lines(text) {
		if !gone(line) {
			kept = append(kept, line...)
		}
	}
	return kept
}

// withoutLine is a file without our line for a directory.
func withoutLine(text []byte, dir string) []byte {
	return without(text, func(line []byte) bool {
		return isMarked(line) && (bytes.HasPrefix(line, []byte(shLine(dir))) || bytes.HasPrefix(line, []byte(fishLine(dir))))
	})
}

// hasLine reports whether a start-up file has our line for a directory. One that we
// cannot read has not.
func hasLine(name, dir string) bool {
	text, err := os.ReadFile(name)
	return err == nil && len(withoutLine(text, dir)) < len(text)
}

// forgetLine takes our line for a directory out of a start-up file. A file that we made
// is empty then, and goes.
func forgetLine(name, dir string) (did bool, err error) {
	if !hasLine(name, dir) {
		return false, nil
	}
	if err := rewrite(name, func(text []byte) []byte { return withoutLine(text, dir) }); err != nil {
		return false, fmt.Errorf("cannot write %s (%w); remove the line with %q yourself", name, err, marker)
	}
	if fi, err := os.Lstat(name); err == nil && fi.Mode().IsRegular() && fi.Size() == 0 {
		return true, os.Remove(name)
	}
	return true, nil
}

// tellGitHub puts the directory into PATH for the later steps of a job.
func (in *Installer) tellGitHub(dir string) error {
	file := in.Getenv("GITHUB_PATH")
	if file == "" {
		return nil
	}
	if _, told := in.toldGitHub(dir); !told {
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return fmt.Errorf("cannot append to GITHUB_PATH: %w", err)
		}
		_, err = f.WriteString(dir + "\n")
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("cannot append to GITHUB_PATH: %w", err)
		}
	}
	in.Say("appended to GITHUB_PATH: later steps use it, unless one of them runs setup-go, which puts its go first")
	return nil
}

// toldGitHub reports whether the directory is in the file of GITHUB_PATH.
func (in *Installer) toldGitHub(dir string) (file string, told bool) {
	file = in.Getenv("GITHUB_PATH")
	old, err := os.ReadFile(file)
	return file, err == nil && slices.Contains(strings.Split(string(old), "\n"), dir)
}

func (in *Installer) forgetGitHub(dir string) (did bool, err error) {
	file, told := in.toldGitHub(dir)
	if !told {
		return false, nil
	}
	err = rewrite(file, func(old []byte) []byte {
		lines := slices.DeleteFunc(strings.SplitAfter(string(old), "\n"), func(line string) bool { return strings.TrimSuffix(line, "\n") == dir })
		return []byte(strings.Join(lines, ""))
	})
	if err != nil {
		return false, fmt.Errorf("cannot write %s (%w); remove the line %s yourself", file, err, dir)
	}
	return true, nil
}

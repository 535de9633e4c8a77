package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/tui"
	"github.com/gosteady/gosteady/shim/front"
)

// shellPatience bounds what a login shell may take to start.
const shellPatience = 3 * time.Second

// checkGo says which go is first, for whom, and which is the real one.
func (d *doctor) checkGo(ctx context.Context) []Check {
	checks := []Check{d.checkShell(), d.checkReal()}
	checks = append(checks, d.checkLogin(ctx)...)
	checks = append(checks, d.checkToolchains()...)
	return append(checks, d.checkEditors()...)
}

// checkShell looks at PATH as this process got it.
func (d *doctor) checkShell() Check {
	first := lookIn(d.Place.Getenv, "go")
	switch {
	case first == "":
		return Check{Verdict: tui.Fail, Text: "no go in PATH", Fix: d.pathLine()}
	case d.isOurs(first):
		return Check{Verdict: tui.OK, Text: "this shell runs gosteady: " + first}
	case d.Place.Getenv("GITHUB_ACTIONS") == "true" && strings.Contains(filepath.ToSlash(first), "/hostedtoolcache/"):
		return Check{Verdict: tui.Warn, Text: "actions/setup-go put its go before gosteady: " + first,
			Fix: "install gosteady in a step after actions/setup-go"}
	}
	return Check{Verdict: tui.Warn, Text: "this shell runs another go: " + first, Fix: d.pathLine()}
}

// pathLine is what to type for our go to come first.
func (d *doctor) pathLine() string {
	dir := filepath.Dir(d.Self)
	if runtime.GOOS == "windows" {
		return "put " + dir + " first in Path"
	}
	return fmt.Sprintf("export PATH=%q:\"$PATH\"", dir)
}

func (d *doctor) checkReal() Check {
	if d.realErr != nil {
		text, fix, _ := strings.Cut(bare(d.realErr.Error()), "; ")
		return Check{Verdict: tui.Fail, Text: text, Fix: cmp.Or(fix, "set GOSTEADY_GO to the real go command")}
	}
	version := d.settings.LocalVersion()
	if d.real.GOROOT == "" {
		return Check{Verdict: tui.Note, Text: fmt.Sprintf("the real go is itself a wrapper: %s (%s)", d.real.Path, d.real.Why)}
	}
	return Check{Verdict: tui.OK, Text: fmt.Sprintf("the real go: %s %s (%s)", d.real.Path, version, d.real.Why)}
}

// checkLogin asks the user's shell which go a new login would run: editors
// and desktop programs get their PATH that way.
func (d *doctor) checkLogin(ctx context.Context) []Check {
	shell := d.Place.Getenv("SHELL")
	if runtime.GOOS == "windows" || !filepath.IsAbs(shell) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, shellPatience)
	defer cancel()
	out, err := d.Place.Output(ctx, shell, "-l", "-c", "command -v go")
	lines := strings.Fields(out) // a profile may print something first
	switch {
	case err != nil || len(lines) == 0:
		return []Check{{Verdict: tui.Note, Text: "a login shell (" + shell + ") finds no go, or did not say within " + shellPatience.String()}}
	case d.isOurs(lines[len(lines)-1]):
		return []Check{{Verdict: tui.OK, Text: "login shells, and the editors that ask them, run gosteady"}}
	}
	return []Check{{Verdict: tui.Warn, Text: "a login shell runs another go: " + lines[len(lines)-1],
		Fix: "put this last into the start-up file of " + filepath.Base(shell) + ": " + d.pathLine()}}
}

// checkEditors finds settings of VS Code that name a go, past any PATH.
func (d *doctor) checkEditors() []Check {
	var files []string
	if root := d.workspace.Root(); root != "" {
		files = append(files, filepath.Join(root, ".vscode", "settings.json"))
	}
	if home := d.Place.Getenv("HOME"); filepath.IsAbs(home) {
		for _, dir := range []string{".config", "Library/Application Support"} {
			files = append(files, filepath.Join(home, dir, "Code", "User", "settings.json"))
		}
	}
	var checks []Check
	for _, file := range files {
		if key := namesGo(file); key != "" {
			checks = append(checks, Check{Verdict: tui.Note, Text: fmt.Sprintf("%s sets %s: VS Code does not run gosteady", file, key),
				Fix: "remove " + key + ", or name " + filepath.Join(filepath.Dir(d.Self), "go") + " in go.alternateTools"})
		}
	}
	return checks
}

// namesGo returns the key by which an editor's settings name a go command. A
// file with comments is not JSON and is searched as text.
func namesGo(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	var settings map[string]any
	if json.Unmarshal(data, &settings) != nil {
		if strings.Contains(string(data), `"go.goroot"`) {
			return "go.goroot"
		}
		return ""
	}
	if root, _ := settings["go.goroot"].(string); root != "" {
		return "go.goroot"
	}
	if tools, _ := settings["go.alternateTools"].(map[string]any); tools["go"] != nil {
		return "go.alternateTools"
	}
	return ""
}

// lookIn returns the first program of a name in PATH, "" if there is none.
func lookIn(getenv func(string) string, name string) string {
	for _, dir := range filepath.SplitList(getenv("PATH")) {
		for _, program := range front.ProgramNames(name, getenv) {
			file := filepath.Join(dir, program)
			if fi, err := os.Stat(file); dir != "" && err == nil && fi.Mode().IsRegular() && (runtime.GOOS == "windows" || fi.Mode()&0o111 != 0) {
				return file
			}
		}
	}
	return ""
}

// isOurs reports whether a file is gosteady: this executable, or the go that
// was installed beside it.
func (d *doctor) isOurs(file string) bool {
	fi, err := os.Stat(file)
	if err != nil {
		return false
	}
	for _, ours := range []string{d.Self, filepath.Join(filepath.Dir(d.Self), filepath.Base(file))} {
		if other, err := os.Stat(ours); err == nil && os.SameFile(fi, other) {
			return true
		}
	}
	return false
}

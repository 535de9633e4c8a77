package front

import (
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// missingToolchain returns the toolchain that the command will have to
// download before it does anything else, "" if none. It follows
// toolchain.Select as far as go.mod and the settings tell; whatever it does not
// foresee, plain go does on its own.
func (p *Plan) missingToolchain() string {
	local := p.Settings.LocalVersion()
	if local == "" || p.exemptFromSelect() {
		return ""
	}
	want := p.selectToolchain(local)
	if want == "" || want == local || !strings.HasPrefix(want, "go1") {
		return ""
	}
	if _, err := exec.LookPath(want); err == nil {
		return ""
	}
	dir := "toolchain@v0.0.1-" + want + "." + runtime.GOOS + "-" + runtime.GOARCH
	if _, err := os.Stat(filepath.Join(p.Settings.Get("GOMODCACHE"), "golang.org", dir)); err == nil {
		return ""
	}
	return want
}

// exemptFromSelect: the commands for which toolchain.Select returns at once,
// and a go that was selected already.
func (p *Plan) exemptFromSelect() bool {
	if v, _ := Lookup(p.Environ, "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION"); v != "" {
		return true
	}
	if p.Settings.Get("GO111MODULE") == "off" {
		return true
	}
	switch a := p.Inv.Args; {
	case len(a) == 2 && a[0] == "env":
		return a[1] == "GOTOOLCHAIN" || a[1] == "GOMOD" || a[1] == "GOWORK"
	case len(a) == 3 && a[0] == "env":
		return a[1] == "-w" && strings.HasPrefix(a[2], "GOTOOLCHAIN=")
	}
	return false
}

// selectToolchain returns the toolchain that the settings and go.mod ask for.
func (p *Plan) selectToolchain(local string) string {
	setting := p.Settings.Get("GOTOOLCHAIN")
	first, mode, plus := strings.Cut(setting, "+")
	if first == "auto" && !plus {
		first, mode = "local", "auto"
	}
	want := first
	if first == "local" {
		want = local
	}
	if mode != "auto" { // "path" never downloads
		if mode == "path" || first == "path" {
			return ""
		}
		return want
	}
	w := p.Workspace()
	if w == nil || w.Toolchain == "default" {
		return want
	}
	return newest(want, w.Toolchain, firstRelease(w.GoVersion))
}

// firstRelease is the toolchain that a go line asks for: the language version
// 1.21 and later means its .0 release.
func firstRelease(goLine string) string {
	if goLine == "" {
		return ""
	}
	v := "go" + goLine
	if version.Lang(v) == v && version.Compare(v, "go1.21") >= 0 {
		v += ".0"
	}
	return v
}

func newest(first string, others ...string) string {
	for _, v := range others {
		if version.IsValid(v) && version.Compare(v, first) > 0 {
			first = v
		}
	}
	return first
}

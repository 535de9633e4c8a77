package front

import (
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// LacksToolchain reports whether the command has to download a toolchain before it does
// anything else.
func (p *Plan) LacksToolchain() bool { return p.Toolchain != "" || p.missingToolchain() != "" }

// missingToolchain returns the toolchain that the command will have to
// download before it does anything else, "" if none. It follows
// toolchain.Select as far as go.mod and the settings tell; whatever it does not
// foresee, plain go does on its own.
func (p *Plan) missingToolchain() string {
	if p.exemptFromSelect() {
		return ""
	}
	want := p.selectToolchain()
	if !strings.HasPrefix(want, "go1") || want == p.Settings.LocalVersion() {
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
	if v := p.Getenv("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION"); v != "" {
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

// selectToolchain returns the toolchain that the settings and go.mod ask for,
// "" for the local one. Files are read only as far as the answer needs them:
// this runs before every "go version".
func (p *Plan) selectToolchain() string {
	first, mode, plus := strings.Cut(p.Settings.Get("GOTOOLCHAIN"), "+")
	if first == "auto" && !plus {
		first, mode = "local", "auto"
	}
	if mode == "path" || first == "path" { // never downloads
		return ""
	}
	if first == "local" {
		first = ""
	}
	if mode != "auto" {
		return first
	}
	w := p.Workspace()
	if w == nil || w.Toolchain == "default" || w.Toolchain == "" && w.GoVersion == "" {
		return first
	}
	local := p.Settings.LocalVersion()
	if local == "" {
		return ""
	}
	if first == "" {
		first = local
	}
	return newest(first, w.Toolchain, firstRelease(w.GoVersion))
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

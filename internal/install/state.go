package install

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gosteady/gosteady/shim/front"
)

// State tells how we stand in a GOROOT, for doctor.
type State int

const (
	Absent      State = iota // its go is the toolchain's own, and there is no go.real
	Standing                 // its go is ours, and forwards to go.real
	Overwritten              // a go.real is there, and go is the toolchain's own again: an upgrade
	Stranded                 // its go is ours, and there is no go.real to forward to
)

// StateOf looks at a GOROOT.
func StateOf(root string) State {
	t := treeAt(root)
	ours, kept := front.IsGosteady(t.bin), isThere(t.real)
	switch {
	case ours && kept:
		return Standing
	case ours:
		return Stranded
	case kept:
		return Overwritten
	}
	return Absent
}

// Mismatch tells of a go.real that is not the go of its GOROOT: another program, or one
// of another version, as after an upgrade that kept bin/go; "" if all is well.
func Mismatch(root string) string {
	real := treeAt(root).real
	if err := isGo(real); err != nil {
		return err.Error()
	}
	bi, err := buildinfo.ReadFile(real)
	if err != nil {
		return err.Error()
	}
	data, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		return "" // built from git
	}
	// Behind a space are experiments.
	line, _, _ := strings.Cut(string(data), "\n")
	want, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	got, _, _ := strings.Cut(bi.GoVersion, " ")
	if got == want {
		return ""
	}
	return fmt.Sprintf("%s is %s, and %s is %s", real, got, root, want)
}

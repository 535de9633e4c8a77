package install

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gosteady/gosteady/shim/front"
)

// A tree is a GOROOT in which we stand, or will.
type tree struct {
	root   string // links resolved
	bin    string // bin/go
	real   string // bin/go.real
	owner  string // a package that owns bin/go, which --force stands in for; "" for none
	divert bool   // dpkg is to put its go at go.real
}

func treeAt(root string) *tree {
	bin := filepath.Join(root, "bin")
	return &tree{root: root, bin: filepath.Join(bin, exe("go")), real: filepath.Join(bin, front.RealName())}
}

// checkTree refuses what is no toolchain, and where we could not be taken away again or
// would be overwritten by somebody else.
func (in *Installer) checkTree(dir string, force bool) (*tree, error) {
	root, err := filepath.EvalSymlinks(dir)
	if err == nil {
		root, err = filepath.Abs(root)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no Go toolchain: %w", dir, err)
	}
	t := treeAt(root)
	if err := t.isToolchain(); err != nil {
		return nil, err
	}
	if strings.Contains(filepath.ToSlash(root), "/golang.org/toolchain@") {
		return nil, fmt.Errorf("%s lies in the module cache, whose files must stay as they are; cmd/go chooses it by itself", root)
	}
	if err := t.checkReal(); err != nil {
		return nil, err
	}
	if err := t.checkOwner(force); err != nil {
		return nil, err
	}
	if err := writable(filepath.Dir(t.bin)); err != nil {
		return nil, fmt.Errorf("%s cannot be written (%w); become its owner", filepath.Dir(t.bin), err)
	}
	return t, nil
}

// isToolchain judges a GOROOT as cmd/go does (cfg.findGOROOT), and by its go. Builds
// from git have no VERSION, and small images no sources of cmd/go.
func (t *tree) isToolchain() error {
	if tools := filepath.Join("pkg", "tool"); !isThere(filepath.Join(t.root, tools)) {
		return fmt.Errorf("%s is no Go toolchain: it has no %s", t.root, tools)
	}
	if front.IsGosteady(t.bin) {
		return nil // then go.real is looked at
	}
	return isGo(t.bin)
}

// isGo is an error where a file is not cmd/go, by its build information.
func isGo(file string) error {
	bi, err := buildinfo.ReadFile(file)
	switch {
	case err != nil:
		return fmt.Errorf("%s is no go command: %w", file, err)
	case bi.Path != "cmd/go":
		return fmt.Errorf("%s is no go command but %s", file, bi.Path)
	}
	return nil
}

// checkReal looks at what is at go.real: nothing, or the go that an installation of
// ours put there. After an upgrade of Go it is the old one.
func (t *tree) checkReal() error {
	ours := front.IsGosteady(t.bin)
	_, err := os.Lstat(t.real)
	switch {
	case errors.Is(err, fs.ErrNotExist) && ours:
		return fmt.Errorf("%s is gosteady, and %s is missing; install Go there anew", t.bin, t.real)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	if err := isGo(t.real); err != nil {
		return fmt.Errorf("%w; remove it, or install Go there anew", err)
	}
	return nil
}

// checkOwner refuses a go that a package manager would overwrite, or complain of.
func (t *tree) checkOwner(force bool) error {
	file := t.bin
	if front.IsGosteady(t.bin) {
		file = t.real
	}
	o := ownerOf(file)
	if o.manager == "" {
		o = ownerOf(t.bin)
	}
	switch {
	case o.manager == "":
		return nil
	case o.immutable:
		return fmt.Errorf("%s belongs to %s, which allows no changes; use shims (gosteady install)", t.root, o)
	case !force:
		return fmt.Errorf("%s belongs to %s; use shims (gosteady install), or --goroot with --force", t.root, o)
	}
	t.owner, t.divert = o.String(), o.manager == "dpkg"
	return nil
}

// writable tries to make something in a directory.
func writable(dir string) error {
	return staged(filepath.Join(dir, "probe"), func(string) error { return errNothing })
}

// install puts us at bin/go. The order is such that a kill at any step leaves a go that
// works, and that a record of it is there before anything changes.
func (t *tree) install(in *Installer, rec *records) error {
	dropStages(filepath.Dir(t.bin), aDay)
	if err := rec.add(Record{Kind: "goroot", Dir: t.root}); err != nil {
		in.Warn(err.Error())
	}
	if !front.IsGosteady(t.bin) {
		// The toolchain's own, or the newer one after an upgrade.
		if err := keepReal(t.bin, t.real); err != nil && StateOf(t.root) != Standing { // by another installation, just now
			return fmt.Errorf("cannot keep %s as %s: %w", t.bin, t.real, err)
		}
	}
	if t.divert {
		if err := divert(t.bin, t.real); err != nil {
			return err
		}
	}
	return putProgram(in.Self, t.bin)
}

// keepReal gives the go a second name, so that it is never without one: a link, or a
// copy where there are no links; of a symbolic link, a symbolic link. What has that name
// is looked at once more: another installation may just have put gosteady there.
func keepReal(bin, real string) error {
	fi, err := os.Lstat(bin)
	if err != nil {
		return err
	}
	return staged(real, func(stage string) error {
		if fi.Mode()&fs.ModeSymlink == 0 {
			return keepGo(bin, stage)
		}
		to, err := os.Readlink(bin)
		if err != nil {
			return err
		}
		return os.Symlink(to, stage)
	})
}

func keepGo(bin, stage string) error {
	if err := linkOrCopy(bin, stage); err != nil {
		return err
	}
	return isGo(stage)
}

// restore undoes install: the go.real becomes go again where bin/go is ours; after an
// upgrade of Go only the go.real goes. It says what it did, "" for nothing.
func (t *tree) restore() (did string, err error) {
	dropStages(filepath.Dir(t.bin), 0)
	switch {
	case !isThere(t.real):
		if front.IsGosteady(t.bin) {
			return "", fmt.Errorf("%s is gosteady, and %s is missing: install Go there anew", t.bin, t.real)
		}
		return "", undivert(t.bin, t.real) // it may have been killed between the two
	case isGo(t.real) != nil:
		return "", fmt.Errorf("%s is not the go that was kept there; nothing was changed", t.real)
	case front.IsGosteady(t.bin):
		did, err = "restored "+t.bin, rename(t.real, t.bin)
	case isGo(t.bin) == nil: // installed over ours since, or never replaced
		did, err = "removed "+t.real+", as "+t.bin+" is the toolchain's own", removeFile(t.real)
	default:
		return "", fmt.Errorf("%s is neither gosteady nor a go command; nothing was changed", t.bin)
	}
	if err != nil {
		return "", fmt.Errorf("cannot restore %s: %w", t.bin, err)
	}
	return did, errors.Join(undivert(t.bin, t.real), syncDir(filepath.Dir(t.bin)))
}

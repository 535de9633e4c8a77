package install

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// An owner is who else changes a file, and would overwrite ours: a package manager.
type owner struct {
	manager   string // "" for none
	pkg       string
	immutable bool // what it installed can never be changed
}

func (o owner) String() string {
	if o.pkg == "" {
		return o.manager
	}
	return fmt.Sprintf("the package %s (%s)", o.pkg, o.manager)
}

// Some are told by where their files lie.
var byPlace = []struct {
	part string // of the path, with slashes
	owner
}{
	{"/nix/store/", owner{manager: "Nix", immutable: true}},
	{"/gnu/store/", owner{manager: "Guix", immutable: true}},
	{"/snap/", owner{manager: "snap", immutable: true}},
	{"/Cellar/", owner{manager: "Homebrew"}},
	{"/opt/local/", owner{manager: "MacPorts"}},
	{"/scoop/apps/", owner{manager: "Scoop"}},
	{"/chocolatey/", owner{manager: "Chocolatey"}},
}

// The others are asked: the words print the package that owns the file behind them, or
// fail.
var byAsking = []struct {
	manager string
	words   []string
	pkg     func(out, file string) string
	data    []string // patterns of its database, if it would make one where there is none
}{
	{"dpkg", []string{"dpkg-query", "-S"}, func(out, _ string) string { pkg, _, _ := strings.Cut(out, ":"); return pkg }, nil},
	// On Debian, where rpm is a tool to look into packages, it makes a database in HOME.
	{"rpm", []string{"rpm", "-qf", "--qf", "%{NAME}\n"}, func(out, _ string) string { return out }, []string{"/var/lib/rpm/*", "/usr/lib/sysimage/rpm/*"}},
	{"apk", []string{"apk", "info", "-qW"}, func(out, _ string) string { return out }, nil},
	{"pacman", []string{"pacman", "-Qqo"}, func(out, _ string) string { return out }, nil},
}

// isEmpty reports whether no file of a package manager's database is there.
func isEmpty(data []string) bool {
	return len(data) > 0 && !slices.ContainsFunc(data, func(pattern string) bool {
		files, _ := filepath.Glob(pattern)
		return len(files) > 0
	})
}

// askPatience bounds what a package manager's data base may take to answer.
const askPatience = 10 * time.Second

// ownerOf tells who installed a file; the zero owner is nobody that we know.
func ownerOf(file string) owner {
	if resolved, err := filepath.EvalSymlinks(file); err == nil {
		file = resolved
	}
	for _, p := range byPlace {
		if strings.Contains(strings.ToLower(filepath.ToSlash(file)), strings.ToLower(p.part)) {
			return p.owner
		}
	}
	for _, a := range byAsking {
		program, err := exec.LookPath(a.words[0])
		if err != nil || isEmpty(a.data) {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), askPatience)
		out, err := exec.CommandContext(ctx, program, append(a.words[1:], file)...).Output()
		cancel()
		if line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n"); err == nil && line != "" {
			return owner{manager: a.manager, pkg: a.pkg(line, file)}
		}
	}
	return owner{}
}

// divert has dpkg put the go of later versions at go.real. The file itself has been
// kept there already: dpkg-divert's own renaming would leave a moment without a go.
func divert(bin, real string) error {
	return dpkgDivert("--no-rename", "--divert", real, "--add", bin)
}

// undivert takes that back, if dpkg was told of it.
func undivert(bin, real string) error {
	out, err := exec.Command("dpkg-divert", "--truename", bin).Output()
	if err != nil || strings.TrimSpace(string(out)) != real {
		return nil // there is no dpkg, or it knows of none
	}
	return dpkgDivert("--no-rename", "--remove", bin)
}

func dpkgDivert(args ...string) error {
	out, err := exec.Command("dpkg-divert", append([]string{"--quiet", "--local"}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("dpkg-divert failed (%w): %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

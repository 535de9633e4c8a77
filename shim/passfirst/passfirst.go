//go:build unix

// Package passfirst lets the real go replace us before almost any other package
// of the program is initialised, for the commands that editors and scripts call
// all the time.
//
// It does nothing but what [front.Begin] would come to, and only where a few
// stats suffice to know that: the command passes, the real go lies in a GOROOT,
// and it needs no other toolchain. Any doubt is left to main.
//
// Go initialises the packages of a program in the order of their paths, each as
// soon as those that it imports are ready; nearly everything waits for package
// strings, which waits for unicode. So this package imports os and syscall only,
// and comes before cryptography, networking, regular expressions and YAML.
// Measured on two cores over a bare execve wrapper: 1.2 ms from main, 0.7 ms
// from here, of which nearly all is the runtime's work on a large executable.
//
// Only main imports it, since importing it may end the process.
package passfirst

import (
	"os"
	"syscall"
)

// commands are those of the pass route whose start-up time is felt.
var commands = [...]string{"env", "help", "version"}

func init() {
	if path := quick(os.Args, os.Getenv); path != "" {
		// If this fails, main tries the same and reports it.
		_ = syscall.Exec(path, append([]string{path}, os.Args[1:]...), os.Environ())
	}
}

// quick returns the real go that may replace us at once, "" if main must look
// more closely.
func quick(args []string, getenv func(string) string) string {
	if len(args) < 2 || base(args[0]) != "go" || !passes(args[1:]) {
		return ""
	}
	// An outer gosteady, a chain of wrappers, another tree, a toolchain chosen before.
	for _, name := range []string{
		"GOSTEADY", "GOSTEADY_INNER", "GOSTEADY_DEPTH", "GOROOT", "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION",
	} {
		if getenv(name) != "" {
			return ""
		}
	}
	path := realGo(args[0], getenv)
	if path == "" || !localToolchain(goroot(path), getenv) {
		return ""
	}
	return path
}

func passes(args []string) bool {
	if len(args) > 1 && args[0] == "help" && args[1] == "steady" {
		return false // ours
	}
	for _, c := range commands {
		if args[0] == c {
			// -C and -modfile name another module.
			return len(args) == 1 || !hasPrefix(args[1], "-C") && !hasPrefix(args[1], "--C") && !anyPrefix(args, "-modfile", "--modfile")
		}
	}
	return false
}

// realGo returns the go that GOSTEADY_GO names, the go.real beside us, or the go
// that follows us in PATH, if it lies in a GOROOT.
func realGo(argv0 string, getenv func(string) string) string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	self, err := os.Lstat(exe)
	if err != nil || !self.Mode().IsRegular() { // a link, which not every system has resolved for us
		return ""
	}
	if named := getenv("GOSTEADY_GO"); named != "" {
		return inTree(named, self)
	}
	if beside := exe + ".real"; exists(beside) {
		return inTree(beside, self)
	}
	if base(argv0) != argv0 { // started by a path: which entry of PATH that is takes more to tell
		return ""
	}
	found := false // ourselves
	for list := getenv("PATH"); list != ""; {
		var dir string
		dir, list = cut(list, ':')
		if !hasPrefix(dir, "/") {
			return ""
		}
		path := dir + "/go"
		fi, err := os.Stat(path)
		switch {
		case err != nil:
		case os.SameFile(fi, self):
			found = true
		case found:
			return inTree(path, self)
		}
	}
	return ""
}

// inTree returns path if it is an executable of a GOROOT and not ourselves, nor
// perhaps another gosteady that stands in that GOROOT.
func inTree(path string, self os.FileInfo) string {
	fi, err := os.Stat(path)
	if err != nil || exists(path+".real") || !hasPrefix(path, "/") || !fi.Mode().IsRegular() || fi.Mode()&0o111 != 0o111 || os.SameFile(fi, self) {
		return ""
	}
	if tool, err := os.Stat(goroot(path) + "/pkg/tool"); err != nil || !tool.IsDir() {
		return ""
	}
	return path
}

// goroot is the tree of .../bin/go or .../bin/go.real.
func goroot(path string) string {
	for _, tail := range []string{"/bin/go", "/bin/go.real"} {
		if len(path) > len(tail) && path[len(path)-len(tail):] == tail {
			return path[:len(path)-len(tail)]
		}
	}
	return "/nonexistent"
}

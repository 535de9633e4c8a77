package front

import (
	"os"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/goflag"
	"golang.org/x/mod/module"
)

// An Invocation is one command line of go, as far as we understand it.
type Invocation struct {
	Args    []string // all arguments, without the program's name
	Dir     string   // -C; "" for the working directory
	Command string   // "build", "mod download"; "" if there is none that we know
	FlagsAt int      // index in Args behind the command and -C: where a flag can be put in
	Flags   []string // the command's flags, "name=value" or "name", GOFLAGS first
	Rest    []string // positional arguments
}

// Parse reads a command line. goflags are the fields of GOFLAGS.
func Parse(args, goflags []string) Invocation {
	in := Invocation{Args: args}
	in.FlagsAt = in.chdir(0)
	in.command()
	if in.Command == "" {
		return in
	}
	for _, f := range goflags {
		in.Flags = append(in.Flags, strings.TrimLeft(f, "-"))
	}
	in.flags()
	return in
}

// chdir reads -C where cmd/go does: as the first thing behind the words of
// the command (main.go, handleChdirFlag).
func (in *Invocation) chdir(at int) int {
	if at >= len(in.Args) {
		return at
	}
	a := in.Args[at]
	if name, dir, ok := strings.Cut(a, "="); ok && (name == "-C" || name == "--C") {
		in.Dir = dir
		return at + 1
	}
	if (a == "-C" || a == "--C") && at+1 < len(in.Args) {
		in.Dir = in.Args[at+1]
		return at + 2
	}
	return at
}

// command finds the one or two words of the subcommand from FlagsAt on.
func (in *Invocation) command() {
	i := in.FlagsAt
	for words := 1; words <= 2 && i < len(in.Args); words++ {
		in.Command = strings.TrimSpace(in.Command + " " + in.Args[i])
		i++
		if in.Dir == "" { // between the words and behind them it is read just the same
			i = in.chdir(i)
		}
		if commandNamed(in.Command).name != "" {
			in.FlagsAt = i
			return
		}
	}
	in.Command = ""
}

// flags splits what follows the command into flags and positional arguments.
func (in *Invocation) flags() {
	anywhere := commandNamed(in.Command).flagsAnywhere()
	args := in.Args[in.FlagsAt:]
	for i := 0; i < len(args); i++ {
		a := args[i]
		name := strings.TrimPrefix(strings.TrimPrefix(a, "-"), "-")
		switch {
		case a == "--" || a == "-args" || a == "--args":
			if !anywhere {
				in.Rest = append(in.Rest, args[i+1:]...)
			}
			return
		case len(a) < 2 || a[0] != '-':
			in.Rest = append(in.Rest, a)
			if !anywhere {
				in.Rest = append(in.Rest, args[i+1:]...)
				return
			}
		case takesNext(name) && i+1 < len(args):
			in.Flags = append(in.Flags, name+"="+args[i+1])
			i++
		default:
			in.Flags = append(in.Flags, name)
		}
	}
}

// takesNext reports whether the next argument is the value of a flag, as written
// without its dashes.
func takesNext(name string) bool {
	f, _ := goflag.Lookup(name)
	return f.TakesValue() // false for "name=value" too, which is no flag's name
}

// Flag returns the value of a flag; the last one wins, as with GOFLAGS before
// the command line. A flag without a value is "true".
func (in *Invocation) Flag(name string) (string, bool) {
	for _, f := range slices.Backward(in.Flags) {
		n, v, hasValue := strings.Cut(f, "=")
		if n != name {
			continue
		}
		if !hasValue {
			v = "true"
		}
		return v, true
	}
	return "", false
}

// Bool reports whether a boolean flag is set.
func (in *Invocation) Bool(name string) bool {
	v, ok := in.Flag(name)
	return ok && v != "false" && v != "0" && v != "f" && v != "F" && v != "FALSE" && v != "False"
}

// Packages returns the positional arguments that name packages or modules:
// those of "run" and "tool" end where the program's own arguments begin.
func (in *Invocation) Packages() []string {
	switch in.Command {
	case "tool":
		return in.Rest[:min(1, len(in.Rest))]
	case "run":
		n := 0
		for n < len(in.Rest) && strings.HasSuffix(in.Rest[n], ".go") {
			n++
		}
		return in.Rest[:max(n, min(1, len(in.Rest)))]
	}
	return in.Rest
}

// AtVersion reports whether a package or module is named with a version
// ("m@latest"): such a command looks past the main module and its vendor
// directory.
func (in *Invocation) AtVersion() bool {
	return slices.ContainsFunc(in.Packages(), func(a string) bool {
		return strings.Contains(a, "@") && !strings.HasPrefix(a, "./") && !strings.HasPrefix(a, "/")
	})
}

// Named returns the paths that are given with a version, which are modules or
// packages of modules; what it means is left to go, so no version is returned.
func (in *Invocation) Named() []module.Version {
	var named []module.Version
	for _, a := range in.Packages() {
		if p, _, ok := strings.Cut(a, "@"); ok && module.CheckPath(p) == nil {
			named = append(named, module.Version{Path: p})
		}
	}
	return named
}

// Loads returns the part of the command line that decides what is loaded: two
// commands that differ only in a test's name, say, load the same.
func (in *Invocation) Loads() []string {
	loads := []string{in.Command, in.Dir}
	for _, f := range in.Flags {
		name, _, _ := strings.Cut(f, "=")
		if known, _ := goflag.Lookup(name); known.Loads() {
			loads = append(loads, "-"+f)
		}
	}
	return append(loads, in.Packages()...)
}

// With returns the arguments with flags put in right behind the command.
func (in *Invocation) With(flags ...string) []string {
	return slices.Insert(slices.Clone(in.Args), in.FlagsAt, flags...)
}

// RefusesDryRun reports whether the command line says -n=false, which would win over
// an -n that is put in.
func (in *Invocation) RefusesDryRun() bool {
	_, given := in.Flag("n")
	return given && !in.Bool("n")
}

// RunsUserCode reports whether the command as given executes code of the user.
func (in *Invocation) RunsUserCode() bool {
	if commandNamed(in.Command).route != Warm || in.Bool("n") {
		return false
	}
	return in.Command != "test" || !in.Bool("c")
}

// RunsTools reports whether flags make a command run programs of the user
// that would notice being run twice.
func (in *Invocation) RunsTools() bool {
	return slices.ContainsFunc(in.Flags, func(f string) bool {
		name, _, _ := strings.Cut(f, "=")
		known, _ := goflag.Lookup(name)
		return known.RunsTool()
	})
}

// ReportsOnStdout reports whether the command writes failures of fetching to
// standard output, or what it has in spite of them, as list does with packages, and
// test with the packages that it cannot build.
func (in *Invocation) ReportsOnStdout() bool {
	if commandNamed(in.Command).route == Warm && !in.RunsUserCode() {
		return true
	}
	return in.Bool("json") || in.Command == "list" && (!in.Bool("m") || in.Bool("e") || flagIsSet(in, "json"))
}

// ReportsErrors reports whether the command ends well although it failed, and says
// so in what it prints.
func (in *Invocation) ReportsErrors() bool { return in.Command == "list" && in.Bool("e") }

// flagIsSet: list takes -json=Fields, which is no boolean value.
func flagIsSet(in *Invocation, name string) bool {
	_, ok := in.Flag(name)
	return ok
}

// listBuffer is how much go list holds before it writes (bufio's default).
const listBuffer = 4096

// MindsOutput reports whether go ends with status 1 where so many bytes on standard
// output cannot be written. List looks at no error of its last buffer, nor of JSON;
// most others look at none.
func (in *Invocation) MindsOutput(size int64) bool {
	switch in.Command {
	case "list":
		return !flagIsSet(in, "json") && size > listBuffer
	case "vet":
		return true
	}
	return false
}

// ReportsDamage reports whether the command was asked for what is wrong with
// the module cache: its answer must not be repaired away under it.
func (in *Invocation) ReportsDamage() bool { return in.Command == "mod verify" }

// Repeatable reports whether a run that failed for want of a module left no
// trace, so that the command may be run again although its standard output is
// not read.
func (in *Invocation) Repeatable() bool {
	return commandNamed(in.Command).repeatable() && !in.RunsTools() && !in.ReadsPipe()
}

// ReadsPipe reports whether an argument names something that can be read only
// once, such as the /dev/fd path of a shell's <(…).
func (in *Invocation) ReadsPipe() bool {
	return slices.ContainsFunc(in.Args, func(a string) bool {
		if _, v, ok := strings.Cut(a, "="); ok {
			a = v
		}
		if strings.HasPrefix(a, "/dev/fd/") || a == "/dev/stdin" || strings.HasPrefix(a, "/proc/self/fd/") {
			return true
		}
		fi, err := os.Stat(a)
		return err == nil && fi.Mode()&os.ModeNamedPipe != 0
	})
}

package front

import (
	"os"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// A Route is how an invocation is carried out.
type Route int

const (
	Pass      Route = iota // the real go replaces us
	Supervise              // relay on, the real go as a child, healed and perhaps run again
	Warm                   // the same command with -n under supervision first, then Pass
)

func (r Route) String() string { return [...]string{"pass", "supervise", "warm"}[r] }

// commands has every subcommand of go1.21 to go1.26 with its route, before the
// settings and flags have their say. What is not in it passes: we fail open.
var commands = map[string]Route{
	"bug":          Pass,
	"build":        Supervise,
	"clean":        Supervise, // with packages; else see passes
	"doc":          Supervise,
	"env":          Pass,
	"fix":          Supervise,
	"fmt":          Supervise,
	"generate":     Warm,
	"get":          Supervise,
	"help":         Pass,
	"install":      Supervise,
	"list":         Supervise,
	"mod download": Supervise,
	"mod edit":     Pass,
	"mod graph":    Supervise,
	"mod init":     Pass,
	"mod tidy":     Supervise,
	"mod vendor":   Supervise,
	"mod verify":   Supervise,
	"mod why":      Supervise,
	"run":          Warm,
	"telemetry":    Pass,
	"test":         Warm,
	"tool":         Warm, // a module's tool; else see passes
	"version":      Pass,
	"vet":          Supervise,
	"work edit":    Pass,
	"work init":    Pass,
	"work sync":    Supervise,
	"work use":     Supervise,
	"work vendor":  Supervise,
}

// honoursVendor names the commands that read an automatic vendor directory
// instead of fetching (modload.setDefaultBuildMod).
var honoursVendor = []string{"build", "install", "run", "test", "vet", "list", "generate", "tool"}

// valueFlags are the flags, of any command, that take the next argument as
// their value when written without "=". An unknown flag is taken for a
// boolean: at worst its value is read as a package, and the command passes or
// is supervised for nothing.
var valueFlags = strings.Fields(`
	C p covermode coverpkg asmflags buildmode compiler gccgoflags gcflags installsuffix
	ldflags mod modfile overlay pgo pkgdir tags toolexec o exec
	f reuse go compat vettool fixtool run skip http
	bench benchtime blockprofile blockprofilerate count coverprofile cpu cpuprofile fuzz
	fuzzcachedir fuzzminimizetime fuzztime list memprofile memprofilerate mutexprofile
	mutexprofilefraction outputdir parallel shuffle timeout trace testlogfile vet`)

// testFlagsAfterPackages: go test and go vet read flags after the packages too.
var flagsAnywhere = []string{"test", "vet", "fix"}

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
		if _, ok := commands[in.Command]; ok {
			in.FlagsAt = i
			return
		}
	}
	in.Command = ""
}

// flags splits what follows the command into flags and positional arguments.
func (in *Invocation) flags() {
	anywhere := slices.Contains(flagsAnywhere, in.Command)
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
		case !strings.Contains(name, "=") && slices.Contains(valueFlags, strings.TrimPrefix(name, "test.")) && i+1 < len(args):
			in.Flags = append(in.Flags, name+"="+args[i+1])
			i++
		default:
			in.Flags = append(in.Flags, name)
		}
	}
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

// laterFlags have no say in what is loaded, and so in what is fetched.
var laterFlags = strings.Fields(`v x json run skip bench benchtime count cpu failfast fullpath fuzz fuzzminimizetime fuzztime
	list parallel short shuffle timeout benchmem blockprofile blockprofilerate coverprofile cpuprofile memprofile
	memprofilerate mutexprofile mutexprofilefraction outputdir trace o p exec`)

// Loads returns the part of the command line that decides what is loaded: two
// commands that differ only in a test's name, say, load the same.
func (in *Invocation) Loads() []string {
	loads := []string{in.Command, in.Dir}
	for _, f := range in.Flags {
		name, _, _ := strings.Cut(f, "=")
		if !slices.Contains(laterFlags, strings.TrimPrefix(name, "test.")) {
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
	if commands[in.Command] != Warm || in.Bool("n") {
		return false
	}
	return in.Command != "test" || !in.Bool("c")
}

// RunsTools reports whether flags make a command run programs of the user
// that would notice being run twice.
func (in *Invocation) RunsTools() bool {
	for _, name := range []string{"toolexec", "vettool", "exec", "fixtool"} {
		if _, ok := in.Flag(name); ok {
			return true
		}
	}
	return false
}

// ReportsOnStdout reports whether the command writes failures of fetching to
// standard output, or what it has in spite of them, as list does with packages, and
// test with the packages that it cannot build.
func (in *Invocation) ReportsOnStdout() bool {
	if commands[in.Command] == Warm && !in.RunsUserCode() {
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
// the module cache: its answer must not be mended away under it.
func (in *Invocation) ReportsDamage() bool { return in.Command == "mod verify" }

// repeatable names the commands that write nothing to standard output, and
// change nothing, before they have fetched all that they need. (list -m, graph
// and why print at their end; fmt and fix edit as they go.)
var repeatable = []string{
	"build", "doc", "get", "install", "list", "mod download", "mod graph", "mod tidy", "mod vendor",
	"mod verify", "mod why", "vet", "work sync", "work use", "work vendor",
}

// Repeatable reports whether a run that failed for want of a module left no
// trace, so that the command may be run again although its standard output is
// not read.
func (in *Invocation) Repeatable() bool {
	return slices.Contains(repeatable, in.Command) && !in.RunsTools() && !in.ReadsPipe()
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

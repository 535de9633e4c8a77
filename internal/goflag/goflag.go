// Package goflag knows the flags of the go commands that may fetch modules.
//
// Whoever reads a command line of go has to know which flags take the next
// argument as their value; whoever compares two has to know which flags decide
// what is loaded; and whoever keeps one has to know which values may be kept.
// It is one table, and a test holds it against the sources of the installed
// toolchain.
package goflag

import "strings"

// A Flag is a flag of go, of whichever command. Three take a value with one
// command and none with another; they stand here as they are used most. A value
// that is taken for a package, or a package for a value, does no harm: at worst
// the command is looked at for nothing, or not looked at.
type Flag struct {
	Name string
	traits
}

type traits uint8

const (
	// value: the next argument is its value when it is written without "=".
	value traits = 1 << iota
	// open: its value says what is loaded, and cannot hold anything of the user's own.
	open
	// later: it has no say in what is loaded, and so in what is fetched.
	later
	// tool: it names a program of the user's, which go runs at every run.
	tool
)

// TakesValue reports whether the next argument is the flag's value when it is
// written without "=".
func (f Flag) TakesValue() bool { return f.traits&value != 0 }

// Recordable reports whether the flag's value may be kept: not one that may hold
// whatever the user likes, a password for -ldflags=-X included.
func (f Flag) Recordable() bool { return f.traits&(value|open) != value }

// Loads reports whether the flag has a say in what is loaded.
func (f Flag) Loads() bool { return f.traits&later == 0 }

// RunsTool reports whether the flag makes go run a program of the user's that
// would notice being run twice.
func (f Flag) RunsTool() bool { return f.traits&tool != 0 }

// Lookup finds a flag by its name without dashes. Go test's own flags are known
// with "test." before them too. An unknown flag takes no value and has a say.
func Lookup(name string) (Flag, bool) {
	name = strings.TrimPrefix(name, "test.")
	for _, f := range table {
		if f.Name == name {
			return f, true
		}
	}
	return Flag{Name: name}, false
}

// table is in the order of the alphabet. It is an array of constants, since a
// map would be made at every start.
var table = [...]Flag{
	{"a", 0},
	{"all", 0},
	{"artifacts", later},
	{"asan", 0},
	{"asmflags", value},
	{"bench", value | later},
	{"benchmem", later},
	{"benchtime", value | later},
	{"blockprofile", value | later},
	{"blockprofilerate", value | later},
	{"buildmode", value | open},
	{"buildvcs", 0},
	{"C", value | open},
	{"c", 0},
	{"cache", 0},
	{"cmd", 0},
	{"compat", value | open},
	{"compiled", 0},
	{"compiler", value},
	{"count", value | later},
	{"cover", 0},
	{"covermode", value},
	{"coverpkg", value},
	{"coverprofile", value | later},
	{"cpu", value | later},
	{"cpuprofile", value | later},
	{"d", 0},
	{"debug-actiongraph", value | later},
	{"debug-runtime-trace", value | later},
	{"debug-trace", value | later},
	{"deps", 0},
	{"diff", 0},
	{"e", 0},
	{"ex", 0},
	{"exec", value | later | tool},
	{"export", 0},
	{"f", value},
	{"failfast", later},
	{"find", 0},
	{"fix", 0},
	{"fixtool", value | tool},
	{"fullpath", later},
	{"fuzz", value | later},
	{"fuzzcache", 0},
	{"fuzzcachedir", value | later},
	{"fuzzminimizetime", value | later},
	{"fuzztime", value | later},
	{"gccgoflags", value},
	{"gcflags", value},
	{"go", value | open},
	{"http", 0},
	{"i", 0},
	{"insecure", 0},
	{"installsuffix", value},
	{"json", later},
	{"ldflags", value},
	{"linkshared", 0},
	{"list", value | later},
	{"m", 0},
	{"memprofile", value | later},
	{"memprofilerate", value | later},
	{"mod", value | open},
	{"modcache", 0},
	{"modcacherw", 0},
	{"modfile", value | open},
	{"msan", 0},
	{"mutexprofile", value | later},
	{"mutexprofilefraction", value | later},
	{"n", 0},
	{"o", value | open | later},
	{"outputdir", value | later},
	{"overlay", value},
	{"p", value | open | later},
	{"parallel", value | later},
	{"pgo", value},
	{"pkgdir", value},
	{"r", 0},
	{"race", 0},
	{"retracted", 0},
	{"reuse", value | open},
	{"run", value | open | later},
	{"short", later},
	{"shuffle", value | later},
	{"skip", value | later},
	{"src", 0},
	{"t", 0},
	{"tags", value | open},
	{"test", 0},
	{"testcache", 0},
	{"testlogfile", value | later},
	{"timeout", value | later},
	{"tool", 0},
	{"toolexec", value | tool},
	{"trace", value | later},
	{"trimpath", 0},
	{"u", 0},
	{"v", later},
	{"vcs", 0},
	{"vendor", 0},
	{"versions", 0},
	{"vet", value},
	{"vettool", value | tool},
	{"work", 0},
	{"x", later},
}

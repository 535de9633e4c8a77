package journal

import (
	"strings"
	"sync"
)

// A flagKind says what is kept of a flag of go's.
type flagKind int

const (
	theirs flagKind = iota // none of go's: it and what follows belong to the user's own program
	alone                  // takes no value of its own
	plain                  // takes a value that says what was loaded, and cannot hold anything of the user's
	secret                 // takes a value that may hold anything
)

// flagKinds are the flags of the go commands that may fetch. The table is made
// on first use: most invocations record nothing.
var flagKinds = sync.OnceValue(func() map[string]flagKind {
	table := make(map[string]flagKind)
	for kind, names := range map[flagKind]string{
		alone: "a asan artifacts benchmem buildvcs c compiled cover d deps diff e export failfast find fix fullpath i json " +
			"linkshared m modcacherw msan n race retracted short t test tool trimpath u v vcs versions work x",
		plain: "C buildmode compat go mod modfile o p reuse run tags",
		secret: "asmflags bench benchtime blockprofile blockprofilerate compiler count covermode coverpkg coverprofile cpu " +
			"cpuprofile exec f fuzz fuzzminimizetime fuzztime gccgoflags gcflags installsuffix ldflags list memprofile " +
			"memprofilerate mutexprofile mutexprofilefraction outputdir overlay parallel pgo pkgdir shuffle skip timeout " +
			"toolexec trace vet vettool",
	} {
		for name := range strings.FieldsSeq(names) {
			table[name] = kind
		}
	}
	return table
})

// redactArgs keeps what says which modules a command loads: its words, its
// packages, and the values of a few flags. The arguments of the user's own
// program, or of a test's, are not kept at all.
func redactArgs(args []string) []string {
	kept := make([]string, 0, len(args))
	var sub string // the subcommand
	files := false // go run is given files, so that its program's arguments begin after the last
	for i := 0; i < len(args); i++ {
		arg := args[i]
		isFile := strings.HasSuffix(arg, ".go")
		switch {
		case strings.HasPrefix(arg, "-"):
			more, value, rest := redactFlag(arg)
			if kept = append(kept, more); rest {
				return elide(kept, args[i+1:])
			}
			if value != theirs && i+1 < len(args) {
				i++
				kept = append(kept, redactValue(value, args[i]))
			}
		case sub == "":
			sub = arg
			kept = append(kept, arg)
		case files && !isFile:
			return elide(kept, args[i:])
		default:
			kept = append(kept, Redact(arg))
			files = sub == "run" && isFile
			if sub == "tool" || sub == "run" && !isFile {
				return elide(kept, args[i+1:])
			}
		}
	}
	return kept
}

// redactFlag returns what is kept of a flag, the kind of the value that is the
// next argument (theirs: there is none), and whether all that follows is the
// user's own.
func redactFlag(arg string) (kept string, value flagKind, rest bool) {
	name, text, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	switch kind := flagKinds()[name]; {
	case name == "args" || arg == "--":
		return arg, theirs, true
	case hasValue:
		return arg[:len(arg)-len(text)] + redactValue(kind, text), theirs, false
	case kind == theirs:
		return Redact(arg), theirs, true
	case kind == alone:
		return arg, theirs, false
	default:
		return arg, kind, false
	}
}

func redactValue(kind flagKind, text string) string {
	if kind == alone || kind == plain {
		return Redact(text)
	}
	return hidden
}

// elide marks that arguments were left out.
func elide(kept, rest []string) []string {
	if len(rest) == 0 {
		return kept
	}
	return append(kept, "…")
}

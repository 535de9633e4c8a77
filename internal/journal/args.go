package journal

import (
	"strings"

	"github.com/gosteady/gosteady/internal/goflag"
	"github.com/gosteady/gosteady/internal/mask"
)

// redactArgs keeps what says which modules a command loads: its words, its
// packages, and the values of a few flags. The arguments of the user's own
// program, or of a test's, are not kept at all.
func redactArgs(args []string) []string {
	kept := keptArgs(args)
	for i := range kept {
		kept[i] = mask.Characters(kept[i])
	}
	return kept
}

func keptArgs(args []string) []string {
	kept := make([]string, 0, len(args))
	var sub string // the subcommand
	files := false // go run is given files, so that its program's arguments begin after the last
	for i := 0; i < len(args); i++ {
		arg := args[i]
		isFile := strings.HasSuffix(arg, ".go")
		switch {
		case strings.HasPrefix(arg, "-"):
			more, next, rest := redactFlag(arg)
			if kept = append(kept, more); rest {
				return elide(kept, args[i+1:])
			}
			if next.TakesValue() && i+1 < len(args) {
				i++
				kept = append(kept, redactValue(next, args[i]))
			}
		case sub == "":
			sub = arg
			kept = append(kept, mask.Line(arg))
		case files && !isFile:
			return elide(kept, args[i:])
		default:
			kept = append(kept, mask.Line(arg))
			files = sub == "run" && isFile
			if sub == "tool" || sub == "run" && !isFile {
				return elide(kept, args[i+1:])
			}
		}
	}
	return kept
}

// redactFlag returns what is kept of a flag, the flag whose value is the next
// argument (one that takes none: there is none), and whether all that follows is
// the user's own, as it is behind a flag that go does not have.
func redactFlag(arg string) (kept string, next goflag.Flag, rest bool) {
	name, text, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	flag, known := goflag.Lookup(name)
	switch {
	case name == "args" || arg == "--":
		return arg, next, true
	case hasValue && !known:
		return arg[:len(arg)-len(text)] + mask.Hidden, next, false
	case hasValue:
		return arg[:len(arg)-len(text)] + redactValue(flag, text), next, false
	case !known:
		return mask.Line(arg), next, true
	default:
		return arg, flag, false
	}
}

func redactValue(flag goflag.Flag, text string) string {
	if flag.Recordable() {
		return mask.Line(text)
	}
	return mask.Hidden
}

// elide marks that arguments were left out.
func elide(kept, rest []string) []string {
	if len(rest) == 0 {
		return kept
	}
	return append(kept, "…")
}

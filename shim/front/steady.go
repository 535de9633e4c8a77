package front

import "strings"

// Steady reports whether a command line of go is one for gosteady itself, and returns
// its own arguments: "go steady …", in the directory dir of a -C before or behind that
// word as cmd/go takes it, and "go help steady …".
func Steady(args []string) (dir string, own []string, ok bool) {
	if len(args) == 0 || args[0] != "steady" && args[0] != "help" && !strings.HasPrefix(args[0], "-") {
		return "", nil, false // the usual case
	}
	in := Invocation{Args: args}
	at := in.chdir(0)
	switch rest := args[at:]; {
	case len(rest) > 0 && rest[0] == "steady":
		at++
		if in.Dir == "" {
			at = in.chdir(at)
		}
		return in.Dir, args[at:], true
	case len(rest) > 1 && rest[0] == "help" && rest[1] == "steady":
		return in.Dir, append([]string{"help"}, rest[2:]...), true
	}
	return "", nil, false
}

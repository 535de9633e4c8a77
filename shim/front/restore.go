package front

import (
	"os"
	"os/exec"
	"strings"
)

// restoreWord is how go run is told to start a program through us under
// -exec: the program gets the environment back that the user gave.
const restoreWord = "restore-env"

// nothingWord is how go run and go test are told to start nothing in the place of what
// they have compiled.
const nothingWord = "run-nothing"

// RestoreEnv runs "go steady restore-env PROGRAM ARGS…": PROGRAM replaces us,
// in the environment as it was before the relay, with the standard error that
// was kept for it. "go steady run-nothing PROGRAM ARGS…" ends at once. It returns if args
// are neither command.
func RestoreEnv(args, env []string) {
	if len(args) > 1 && args[0] == nothingWord {
		os.Exit(0)
	}
	if len(args) < 2 || args[0] != restoreWord {
		return
	}
	if in, ok := ParseInner(env); ok {
		env = in.Restore(env)
		restoreStderr(in.Stderr)
	}
	path, err := exec.LookPath(args[1])
	if err == nil {
		err = Exec(path, args[2:], env)
	}
	os.Exit(Fatal(&NotFoundError{Msg: "cannot run " + args[1] + ": " + err.Error(), Code: 126}))
}

// RestoreCommand returns the words that start a program through RestoreEnv.
// self is our own executable, under a name by which it is the go command.
func RestoreCommand(self string) []string { return []string{self, "steady", restoreWord} }

// NothingCommand returns the words that start nothing in the place of a program.
func NothingCommand(self string) []string { return []string{self, "steady", nothingWord} }

// ExecFlag returns an -exec flag for go run and go test. It is false for no
// words, and where one cannot be written.
func ExecFlag(words []string) (flag string, ok bool) {
	quoted := make([]string, len(words))
	for i, word := range words {
		if strings.Contains(word, "'") && strings.Contains(word, `"`) {
			return "", false
		}
		quoted[i] = quote(word)
	}
	return "-exec=" + strings.Join(quoted, " "), len(words) > 0
}

// quote writes a field as cmd/internal/quoted reads it: there are no escapes.
// A field with both kinds of quotes cannot be written.
func quote(field string) string {
	for _, r := range field {
		switch r {
		case '\'':
			return `"` + field + `"`
		case ' ', '\t', '\n', '"':
			return "'" + field + "'"
		}
	}
	return field
}

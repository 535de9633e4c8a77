package front

import (
	"os"
	"os/exec"
)

// restoreWord is how go run is told to start a program through us under
// -exec: the program gets the environment back that the user gave.
const restoreWord = "restore-env"

// RestoreEnv runs "go steady restore-env PROGRAM ARGS…": PROGRAM replaces us,
// in the environment as it was before the relay, with the standard error that
// was kept for it. It returns if args are not that command.
func RestoreEnv(args, environ []string) {
	if len(args) < 2 || args[0] != restoreWord {
		return
	}
	if in, ok := ParseInner(environ); ok {
		environ = in.Restore(environ)
		restoreStderr(in.Stderr)
	}
	path, err := exec.LookPath(args[1])
	if err == nil {
		err = Exec(path, args[2:], environ)
	}
	os.Exit(Fatal(&NotFoundError{Msg: "cannot run " + args[1] + ": " + err.Error(), Code: 126}))
}

// ExecFlag returns the -exec flag that has go run start programs through
// RestoreEnv. self is our own executable, started as "go".
func ExecFlag(self string) string {
	return "-exec=" + quote(self) + " steady " + restoreWord
}

// quote writes a field as cmd/internal/quoted reads it: there are no escapes.
// A path with both kinds of quotes cannot be written.
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

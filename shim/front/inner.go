package front

import (
	"os"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/internal/environ"
)

// innerEnv tells a go command below ours that a relay serves it already, and
// keeps what the variables that we changed were before. Set for the child of
// the supervise route; cleared before user code runs, directives of go
// generate apart.
const innerEnv = "GOSTEADY_INNER"

// An Inner is what innerEnv says, separated by semicolons: "pid stderr",
// "goproxy", and one "NAME=value" or "-NAME" for each variable as it was. It is
// one line, for those who read an environment line by line; a value may have
// lines itself, as YAML makes them.
type Inner struct {
	PID     int      // of the process that runs the relay
	Stderr  int      // descriptor of the user's own standard error, 0 if not kept
	GOPROXY string   // the relay's
	Before  []string // the changed variables before: "NAME=value", or "-NAME" where unset
}

// Wrap returns env with changes applied, the last one of a name winning,
// and an Inner that undoes them.
func Wrap(env, changes []string, goproxy string, stderr int) []string {
	in := Inner{PID: os.Getpid(), Stderr: stderr, GOPROXY: goproxy}
	out := env
	for _, change := range changes {
		name, _, _ := environ.Cut(change)
		if old, ok := environ.Lookup(env, name); ok {
			in.Before = append(in.Before, name+"="+old)
		} else {
			in.Before = append(in.Before, "-"+name)
		}
		out = environ.Set(out, change)
	}
	return environ.Set(out, innerEnv+"="+in.String())
}

func (in Inner) String() string {
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, ";", `\s`)
	parts := []string{strconv.Itoa(in.PID) + " " + strconv.Itoa(in.Stderr), escape.Replace(in.GOPROXY)}
	for _, b := range in.Before {
		parts = append(parts, escape.Replace(b))
	}
	return strings.Join(parts, ";")
}

// ParseInner reads innerEnv from env; ok is false where there is none.
func ParseInner(env []string) (in Inner, ok bool) {
	v, ok := environ.Lookup(env, innerEnv)
	if !ok {
		return Inner{}, false
	}
	parts := strings.Split(v, ";")
	pid, stderr, _ := strings.Cut(parts[0], " ")
	var err1, err2 error
	in.PID, err1 = strconv.Atoi(pid)
	in.Stderr, err2 = strconv.Atoi(stderr)
	if err1 != nil || err2 != nil || len(parts) < 2 {
		return Inner{}, false
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\s`, ";")
	for i, part := range parts {
		parts[i] = unescape.Replace(part)
	}
	in.GOPROXY, in.Before = parts[1], parts[2:]
	return in, true
}

// Serves reports whether the relay still serves this environment: its process
// is alive and nobody has set another GOPROXY since.
func (in Inner) Serves(env []string) bool {
	goproxy := environ.Get(env, "GOPROXY")
	return goproxy == in.GOPROXY && alive(in.PID)
}

// Restore returns env as it was before Wrap, but for variables that
// somebody has changed since.
func (in Inner) Restore(env []string) []string {
	out := environ.Unset(env, innerEnv)
	if goproxy := environ.Get(env, "GOPROXY"); goproxy != in.GOPROXY {
		return out
	}
	for _, b := range in.Before {
		if name, isUnset := strings.CutPrefix(b, "-"); isUnset {
			out = environ.Unset(out, name)
		} else {
			out = environ.Set(out, b)
		}
	}
	return out
}

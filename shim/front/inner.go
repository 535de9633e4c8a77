package front

import (
	"os"
	"slices"
	"strconv"
	"strings"
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

// Wrap returns environ with changes applied, the last one of a name winning,
// and an Inner that undoes them.
func Wrap(environ, changes []string, goproxy string, stderr int) []string {
	in := Inner{PID: os.Getpid(), Stderr: stderr, GOPROXY: goproxy}
	out := environ
	for _, change := range changes {
		name, _, _ := strings.Cut(change, "=")
		if old, ok := Lookup(environ, name); ok {
			in.Before = append(in.Before, name+"="+old)
		} else {
			in.Before = append(in.Before, "-"+name)
		}
		out = set(out, change)
	}
	return set(out, innerEnv+"="+in.String())
}

func (in Inner) String() string {
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, ";", `\s`)
	parts := []string{strconv.Itoa(in.PID) + " " + strconv.Itoa(in.Stderr), escape.Replace(in.GOPROXY)}
	for _, b := range in.Before {
		parts = append(parts, escape.Replace(b))
	}
	return strings.Join(parts, ";")
}

// ParseInner reads innerEnv from environ; ok is false where there is none.
func ParseInner(environ []string) (in Inner, ok bool) {
	v, ok := Lookup(environ, innerEnv)
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
func (in Inner) Serves(environ []string) bool {
	goproxy, _ := Lookup(environ, "GOPROXY")
	return goproxy == in.GOPROXY && alive(in.PID)
}

// Restore returns environ as it was before Wrap, but for variables that
// somebody has changed since.
func (in Inner) Restore(environ []string) []string {
	out := unset(environ, innerEnv)
	if goproxy, _ := Lookup(environ, "GOPROXY"); goproxy != in.GOPROXY {
		return out
	}
	for _, b := range in.Before {
		if name, isUnset := strings.CutPrefix(b, "-"); isUnset {
			out = unset(out, name)
		} else {
			out = set(out, b)
		}
	}
	return out
}

// Lookup returns the value of a variable as a child process would see it: the
// last one wins, and Windows does not tell case apart.
func Lookup(environ []string, name string) (string, bool) {
	for _, kv := range slices.Backward(environ) {
		if k, v, ok := strings.Cut(kv, "="); ok && sameName(k, name) {
			return v, true
		}
	}
	return "", false
}

// set returns a copy of environ with one variable replaced or added.
func set(environ []string, kv string) []string {
	name, _, _ := strings.Cut(kv, "=")
	return append(unset(environ, name), kv)
}

func unset(environ []string, name string) []string {
	out := make([]string, 0, len(environ)+1)
	for _, kv := range environ {
		if k, _, _ := strings.Cut(kv, "="); !sameName(k, name) {
			out = append(out, kv)
		}
	}
	return out
}

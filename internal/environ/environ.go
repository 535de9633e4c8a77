// Package environ reads and changes environments in the form of [os.Environ].
//
// It is the only place that compares the names of variables. Windows does not tell
// their case apart (it spells LOCALAPPDATA and Path), other systems do. Of several
// values of one name the last counts, as for a program that is started with them.
package environ

import (
	"runtime"
	"strings"
)

// A Folding says whether names that differ only in case are one variable.
type Folding bool

// Of is the folding of a system, named as GOOS names it.
func Of(goos string) Folding { return goos == "windows" }

const native Folding = runtime.GOOS == "windows"

// Lookup returns the value of a variable, and whether it is set.
func Lookup(list []string, name string) (string, bool) { return native.Lookup(list, name) }

// Get returns the value of a variable, "" if it is not set.
func Get(list []string, name string) string { return native.Get(list, name) }

// Getter is Get for one environment.
func Getter(list []string) func(name string) string { return native.Getter(list) }

// Set returns a copy of list in which one variable has the value of "NAME=value".
func Set(list []string, kv string) []string { return native.Set(list, kv) }

// Unset returns a copy of list without a variable.
func Unset(list []string, name string) []string { return native.Unset(list, name) }

// Same reports whether two names are of one variable.
func Same(a, b string) bool { return native.Same(a, b) }

// Cut splits "NAME=value". Windows has variables whose names begin with "=".
func Cut(kv string) (name, value string, ok bool) {
	if kv == "" {
		return "", "", false
	}
	i := strings.IndexByte(kv[1:], '=')
	if i < 0 {
		return kv, "", false
	}
	return kv[:i+1], kv[i+2:], true
}

// Lookup is [Lookup] on such a system.
func (f Folding) Lookup(list []string, name string) (string, bool) {
	for i := len(list) - 1; i >= 0; i-- {
		kv := list[i]
		// The length first: this loop runs for every setting of every go command.
		if len(kv) > len(name) && kv[len(name)] == '=' && name != "" && f.Same(kv[:len(name)], name) {
			return kv[len(name)+1:], true
		}
	}
	return "", false
}

// Get is [Get] on such a system.
func (f Folding) Get(list []string, name string) string {
	value, _ := f.Lookup(list, name)
	return value
}

// Getter is [Getter] on such a system.
func (f Folding) Getter(list []string) func(name string) string {
	return func(name string) string { return f.Get(list, name) }
}

// Set is [Set] on such a system.
func (f Folding) Set(list []string, kv string) []string {
	name, _, _ := Cut(kv)
	return append(f.Unset(list, name), kv)
}

// Unset is [Unset] on such a system.
func (f Folding) Unset(list []string, name string) []string {
	out := make([]string, 0, len(list)+1)
	for _, kv := range list {
		if k, _, _ := Cut(kv); !f.Same(k, name) {
			out = append(out, kv)
		}
	}
	return out
}

// Same is [Same] on such a system.
func (f Folding) Same(a, b string) bool {
	return a == b || bool(f) && len(a) == len(b) && strings.EqualFold(a, b)
}

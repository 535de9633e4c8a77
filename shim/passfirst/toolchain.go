//go:build unix

package passfirst

import (
	"os"
	"syscall"
)

// localToolchain reports whether the toolchain in goroot certainly serves the
// working directory: GOTOOLCHAIN is local, or it is auto and go.mod asks for
// nothing newer.
func localToolchain(goroot string, getenv func(string) string) bool {
	user, ok := readUserFile(getenv("GOENV"))
	if !ok || sets(user, "GOROOT") {
		return false
	}
	mode := getenv("GOTOOLCHAIN")
	if mode == "" {
		system, ok := read(goroot + "/go.env")
		if !ok || sets(user, "GOTOOLCHAIN") {
			system = user
		}
		mode = value(system, "GOTOOLCHAIN")
	}
	switch mode {
	case "local":
		return true
	case "auto":
		return getenv("GOWORK") == "" && !sets(user, "GOWORK") && !sets(user, "GO111MODULE") && moduleServed(goroot)
	}
	return false
}

// readUserFile reads what go env -w writes, following GOENV.
func readUserFile(goenv string) (text string, ok bool) {
	switch goenv {
	case "off":
		return "", true
	case "":
		dir, err := os.UserConfigDir()
		if err != nil {
			return "", true // then there is no such file
		}
		goenv = dir + "/go/env"
	}
	return read(goenv)
}

// moduleServed reports whether the toolchain in goroot is new enough for the
// module around the working directory, if there is one.
func moduleServed(goroot string) bool {
	text, ok := read(goroot + "/VERSION")
	line, _ := cut(text, '\n')
	local, known := number(line)
	dir, err := os.Getwd()
	if !ok || !known || err != nil {
		return false
	}
	mod := ""
	for {
		if exists(dir + "/go.work") {
			return false
		}
		if mod == "" && exists(dir+"/go.mod") {
			mod = dir + "/go.mod"
		}
		if dir == "" || dir == "/" {
			return mod == "" || servedBy(mod, local)
		}
		for dir[len(dir)-1] != '/' {
			dir = dir[:len(dir)-1]
		}
		dir = dir[:len(dir)-1]
	}
}

// servedBy reports whether neither the go line nor the toolchain line of a
// go.mod asks for more than the local version.
func servedBy(mod string, local [3]int) bool {
	text, ok := read(mod)
	if !ok {
		return false
	}
	for text != "" {
		var line string
		line, text = cut(text, '\n')
		for line = trim(line); line != "" && (line[0] <= ' ' || line[0] >= 0x80); {
			line = line[1:] // space of other kinds, which main and go trim as well
		}
		for _, key := range []string{"go", "toolchain"} {
			if !hasPrefix(line, key) || len(line) > len(key) && inPath(line[len(key)]) {
				continue // golang.org/x/mod, go.uber.org/zap
			}
			value := trim(line[len(key):])
			if key[0] == 'g' {
				value = "go" + value
			}
			want, ok := number(value)
			if !ok || newer(want, local) {
				return false
			}
		}
	}
	return true
}

// inPath reports whether a word of go.mod goes on: with anything else, main decides
// where it ends.
func inPath(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '.' || c == '-' || c == '_' || c == '~' || c == '/'
}

// number reads a released version, "go1.24" or "go1.24.3". Anything else, such
// as a release candidate or a comment behind, is for main to understand.
func number(version string) (n [3]int, ok bool) {
	if !hasPrefix(version, "go") {
		return n, false
	}
	rest := version[len("go"):]
	for i := range n {
		var part string
		part, rest = cut(rest, '.')
		if part == "" || len(part) > 4 {
			return n, false
		}
		for _, c := range []byte(part) {
			if c < '0' || c > '9' {
				return n, false
			}
			n[i] = 10*n[i] + int(c-'0')
		}
		if rest == "" {
			return n, i > 0
		}
	}
	return n, false
}

func newer(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] > b[i]
		}
	}
	return false
}

// space is for one file at a time. Being static, it costs only the pages that
// are written.
var space [64 << 10]byte

// read returns a small file. One that is not there is empty; ok is false where
// it cannot be read, is large or no regular file. It does without os.File, which would set up
// the runtime's poller.
func read(name string) (text string, ok bool) {
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err == syscall.ENOENT {
		return "", true
	}
	if err != nil {
		return "", false
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if syscall.Fstat(fd, &st) != nil || st.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return "", false // a FIFO's content, say, is for go to read
	}
	for n := 0; n < len(space); {
		got, err := syscall.Read(fd, space[n:])
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return "", false
		}
		if got <= 0 {
			return string(space[:n]), true
		}
		n += got
	}
	return "", false
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// sets reports whether a file of settings has a line for the name.
func sets(text, name string) bool {
	_, ok := lookup(text, name)
	return ok
}

func value(text, name string) string {
	v, _ := lookup(text, name)
	return v
}

// lookup returns what a file of settings says of the name; the last line wins.
func lookup(text, name string) (value string, ok bool) {
	for text != "" {
		var line string
		if line, text = cut(text, '\n'); hasPrefix(line, name+"=") {
			value, ok = line[len(name)+1:], true
		}
	}
	return value, ok
}

// The few functions of package strings that are needed: see the package comment.

func hasPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && s[:len(prefix)] == prefix
}

func anyPrefix(list []string, prefixes ...string) bool {
	for _, s := range list {
		for _, p := range prefixes {
			if hasPrefix(s, p) {
				return true
			}
		}
	}
	return false
}

func cut(s string, sep byte) (before, after string) {
	for i := range len(s) {
		if s[i] == sep {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func trim(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t' || s[0] == '\r') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t' || s[len(s)-1] == '\r') {
		s = s[:len(s)-1]
	}
	return s
}

func base(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[i+1:]
		}
	}
	return path
}

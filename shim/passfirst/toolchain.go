//go:build unix

package passfirst

import (
	"os"
	"syscall"
)

// localToolchain reports whether the toolchain in goroot certainly serves the
// working directory: no file of settings asks for anything but the default, and
// go.mod for nothing newer.
func localToolchain(goroot, goenv string) bool {
	switch goenv {
	case "off":
	case "":
		dir, err := os.UserConfigDir()
		if err != nil {
			break // then there is no such file
		}
		goenv = dir + "/go/env"
		fallthrough
	default:
		if text, ok := read(goenv); !ok || sets(text, "GOROOT", "GOTOOLCHAIN", "GOWORK", "GO111MODULE") {
			return false
		}
	}
	text, ok := read(goroot + "/go.env")
	if !ok || !containsLine(text, "GOTOOLCHAIN=auto") && !containsLine(text, "GOTOOLCHAIN=local") {
		return false
	}
	text, ok = read(goroot + "/VERSION")
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
			break
		}
		for dir[len(dir)-1] != '/' {
			dir = dir[:len(dir)-1]
		}
		dir = dir[:len(dir)-1]
	}
	return mod == "" || servedBy(mod, local)
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
		line = trim(line)
		for _, key := range []string{"go ", "go\t", "toolchain ", "toolchain\t"} {
			if !hasPrefix(line, key) {
				continue
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
// it cannot be read or is large. It does without os.File, which would set up
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

// sets reports whether a file of settings has a line for one of the names.
func sets(text string, names ...string) bool {
	for text != "" {
		var line string
		line, text = cut(text, '\n')
		for _, name := range names {
			if hasPrefix(line, name+"=") {
				return true
			}
		}
	}
	return false
}

func containsLine(text, want string) bool {
	for text != "" {
		var line string
		if line, text = cut(text, '\n'); line == want {
			return true
		}
	}
	return false
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

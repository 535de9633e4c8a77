package classify

import (
	"bytes"
	"strings"
)

// IsProgress reports whether a line, with its end, is go's own news of what it does.
func IsProgress(line []byte) bool {
	for _, p := range []string{"go: downloading ", "go: finding ", "go: extracting "} {
		if bytes.HasPrefix(line, []byte(p)) && line[len(line)-1] == '\n' {
			return true
		}
	}
	return false
}

// IsSwitching reports whether a line, with its end, is
// "go: example.com/m@v1.2.0 requires go >= 1.99.0; switching to go1.99.0", news of what
// the go command goes on as.
func IsSwitching(line []byte) bool {
	return bytes.HasPrefix(line, []byte("go: ")) && bytes.Contains(line, []byte(" requires go >= ")) &&
		bytes.Contains(line, []byte("; switching to go")) && line[len(line)-1] == '\n'
}

// Header returns the package of a line under which go prints what a compiler has said of
// it: "# path", or "# path [path.test]".
func Header(line []byte) (pkg string, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("# "))
	path, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
	return string(path), ok
}

// HasErrorField reports whether what go prints as JSON tells of an error.
func HasErrorField(text string) bool { return strings.Contains(text, `Err": "`) }

package classify

import (
	"slices"
	"strings"
)

// Live reads strictly what go itself printed on its standard error, the most
// decisive failure first; nil if there is none. Lines must have go's own form:
// nothing is unwrapped, unquoted or guessed, and lines of "-x" do not count.
// Errors in go's JSON output are read too.
func Live(stderr string) []Failure {
	r := &reader{lines: liveLines(stderr), versions: map[string]string{}, compiled: map[int]bool{}}
	for i := 0; i < len(r.lines); {
		l := r.lines[i]
		if m, ok := progress(l.text); ok {
			r.fetching = m
			r.remember(m)
		}
		if l.indent > 0 || news(l.text) || !spoken(l.text) {
			i++
			continue
		}
		i = r.one(i)
	}
	return r.failures()
}

// liveLines splits go's output, and takes the errors out of its JSON.
func liveLines(stderr string) []line {
	var lines []line
	for raw := range strings.Lines(stderr) {
		raw = strings.TrimRight(raw, "\r\n")
		text := strings.TrimLeft(raw, "\t ")
		indent := len(raw) - len(text)
		if quoted, ok := jsonError(text); ok {
			for part := range strings.SplitSeq(strings.TrimSuffix(unescaper.Replace(quoted), "\n"), "\n") {
				text := strings.TrimLeft(part, "\t ")
				lines = append(lines, line{text: text, indent: len(part) - len(text)})
			}
			continue
		}
		lines = append(lines, line{text: text, indent: indent})
	}
	return lines
}

// jsonError returns the value of a line `"Error": "…",` of go's JSON, or of an event
// of its build. (Events of tests carry what tests print.)
func jsonError(text string) (string, bool) {
	if _, rest, ok := strings.Cut(text, buildOutput); ok && strings.HasPrefix(text, `{"ImportPath":"`) {
		return strings.TrimSuffix(rest, `"}`), true
	}
	for _, key := range []string{`"Error": "`, `"Err": "`} {
		if rest, ok := strings.CutPrefix(text, key); ok {
			return strings.TrimSuffix(strings.TrimSuffix(rest, ","), `"`), true
		}
	}
	return "", false
}

// buildOutput is what -json of build and test has made of a line of standard error.
const buildOutput = `"Action":"build-output","Output":"`

// loadWords are what the errors of loading begin with behind a position in a file,
// where they do not begin with a path.
var loadWords = []string{
	"Get \"", "ambiguous import", "cannot find ", "cannot query ", "could not import ", "dial tcp", "flate: ", "git ", "go: ",
	"import lookup ", "invalid character ", "invalid github", "invalid import path", "invalid version", "lstat ", "malformed ", "missing go.sum entry", "mkdir ", "module ", "no protocol found", "no required module ", "no secure protocol found", "no such host",
	"open ", "package ", "read ", "reading ", "stat ", "stream error", "unexpected EOF", "unknown import path ",
	"unrecognized import path ", "unzip ", "verifying ", "write ", "zip: ",
}

// loading reports whether what follows a position in a file is an error of loading.
// Compilers put positions before theirs as well, and quote what the user has
// written, which may be the text of any failure.
func loading(text string) bool {
	path, _, ok := strings.Cut(text, ":")
	if ok && strings.ContainsAny(path, "@/") && !strings.ContainsAny(path, " \"'`(") {
		return true
	}
	return slices.ContainsFunc(loadWords, func(word string) bool { return strings.HasPrefix(text, word) })
}

// IsError reports whether a line of go's standard error has the form of an error of go,
// and not of its progress or of a compiler.
func IsError(line string) bool { return !news(line) && spoken(line) }

// spoken reports whether a line has the form of an error of go.
func spoken(text string) bool {
	if at := position(text); at > 0 {
		return strings.Contains(text[:at], "@v") || loading(text[at:]) // in the module cache, compile errors tell of damage
	}
	for _, word := range []string{"go: ", "doc: ", "go get ", "go list ", "verifying ", "SECURITY ERROR", "package ", "build ", "unzip "} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	token, rest := nextToken(text)
	if _, ok := moduleToken(token); ok && strings.HasPrefix(text, token) {
		return rest != ""
	}
	version, _, ok := strings.Cut(strings.TrimPrefix(rest, " "), ": ") // go mod verify
	return ok && pathLike(token) && strings.HasPrefix(version, "v") && digits(version[1:]) > 0
}

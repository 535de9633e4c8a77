package classify

import "strings"

// markTheirs marks the lines that a test or a program of the user printed.
// Tests and programs print perfect errors of go: theirs are no failures of
// this log.
func markTheirs(lines []line) {
	var inTest, inFailure, inLog bool
	setup := setupFailed(lines)
	margin := 0 // the indentation of the test's result
	for i := range lines {
		l := &lines[i]
		switch {
		case l.text == "":
			continue
		case testBegins(l.text):
			inTest, inFailure = true, false
			l.theirs = true
		case testEnds(l.text):
			if !inFailure || l.indent <= margin {
				if !inTest && !strings.HasPrefix(l.text, "--- PASS") {
					before(lines, i, setup)
				}
				margin = l.indent
			}
			inTest, inFailure = false, true
			l.theirs = true
		case packageEnds(l.text):
			if !inTest && !inFailure {
				before(lines, i, setup)
			}
			inTest, inFailure = false, false
			l.theirs = true
		case inTest, inFailure && max(l.indent, l.quoted) >= margin+4, testLog(l.text):
			l.theirs = true
		case i > 0 && (inFailure || inLog) && lines[i-1].theirs && len(lines[i-1].text) >= 60 && !opens(l.text):
			l.theirs = true // broken off by a console
			continue
		default:
			inFailure = inFailure && l.indent > margin
		}
		inLog = l.theirs && testLog(l.text)
	}
	ginkgo(lines)
	programs(lines)
}

func testBegins(text string) bool {
	return strings.HasPrefix(text, "=== RUN ") || strings.HasPrefix(text, "=== CONT ") || strings.HasPrefix(text, "=== NAME ")
}

func testEnds(text string) bool {
	for _, word := range []string{"--- FAIL: ", "--- PASS: ", "--- SKIP: ", "--- BENCH: ", "FAIL: "} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return false
}

// packageEnds reports whether a line is go test's result for a package whose
// tests ran. "[setup failed]" is how go test shows a fetch failure.
func packageEnds(text string) bool {
	if text == "FAIL" || text == "PASS" {
		return true
	}
	rest, ok := strings.CutPrefix(text, "FAIL\t")
	if !ok {
		rest, ok = strings.CutPrefix(text, "ok  \t")
	}
	return ok && !strings.Contains(rest, "[setup failed]") && !strings.Contains(rest, "[build failed]") && strings.HasSuffix(rest, "s")
}

// testLog reports whether a line is a message of t.Log, "x_test.go:12: …". An
// error of go has a column too.
func testLog(text string) bool {
	_, rest, ok := strings.Cut(text, "_test.go:")
	if !ok {
		return false
	}
	n := digits(rest)
	return n > 0 && strings.HasPrefix(rest[n:], ": ") && (digits(rest[n+2:]) == 0 || !strings.HasPrefix(rest[n+2+digits(rest[n+2:]):], ":"))
}

// asserted reports whether a line is what a test got, or wanted.
func asserted(text string) bool {
	word, _, ok := strings.Cut(text, `"`)
	if !ok || len(word) > len("expected: ") {
		return false
	}
	switch strings.ToLower(strings.TrimRight(word, " :=")) {
	case "got", "want", "expected", "actual", "have":
		return true
	}
	return false
}

// logged reports whether a line, or the rest of a wrapped one, has the error of
// a client that is not go: go names the module first.
func logged(text string) bool {
	_, value, ok := strings.Cut(text, `err="`)
	if !ok {
		return false
	}
	for _, word := range []string{"reading http", "Get ", "dial ", "read ", "lookup "} {
		if strings.HasPrefix(value, word) {
			return true
		}
	}
	return false
}

// mostOutput bounds how many lines before its end are taken for the output of a
// test or a program.
const mostOutput = 200

// setupFailed reports whether go test said of a package that it was not built.
func setupFailed(lines []line) bool {
	for i := range lines {
		l := &lines[i]
		if strings.HasPrefix(l.text, "FAIL") && strings.HasSuffix(l.text, " failed]") {
			return true
		}
	}
	return false
}

// before marks what stands directly before the end of a test that ran without
// -v: its output. A blank line, go's own news and a command end it, and the
// source position of a load error, if go test said that there was one.
func before(lines []line, end int, setup bool) {
	if strings.HasPrefix(lines[end].text, "ok ") {
		return // the output of tests that pass is not shown
	}
	for i := end - 1; i >= 0 && i > end-mostOutput; i-- {
		l := &lines[i]
		if l.text == "" && !within(lines, i) || l.theirs || ours(l.text) || setup && position(l.text) > 0 {
			return
		}
		l.theirs = true
	}
}

// within reports whether a blank line is one of those in the middle of go's
// SECURITY ERROR.
func within(lines []line, i int) bool {
	return i+1 < len(lines) && (lines[i+1].text == "SECURITY ERROR" || strings.HasPrefix(lines[i+1].text, "For more information, see 'go help module-auth'"))
}

// ours reports whether a line can only come from go or from the shell that
// runs it.
func ours(text string) bool {
	for _, word := range []string{"go: downloading ", "go: finding ", "go: extracting ", "go: added ", "go: upgraded ", "$ ", "+ ", "# ", "% ", "ok  \t", "FAIL\t", "?   \t", "Run ", "make"} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return strings.HasPrefix(text, "go mod ") && !strings.Contains(text, ": ")
}

// ginkgo marks what follows "Unexpected error:" and its like, to the next
// blank line. Go does not panic for a failed fetch.
func ginkgo(lines []line) {
	inside := false
	for i := range lines {
		l := &lines[i]
		switch {
		case l.text == "":
			inside = inside && within(lines, i)
		case inside:
			l.theirs = true
		default:
			inside = l.text == "Expected" || strings.HasPrefix(l.text, "Expected success, but got an error:") || strings.HasPrefix(l.text, "Unexpected error:") || strings.HasPrefix(l.text, "Error Trace:") || strings.HasPrefix(l.text, "panic: ")
			l.theirs = l.theirs || strings.HasPrefix(l.text, "panic: ")
		}
	}
}

// programs marks what a program that "go run" started has printed: go adds
// "exit status N" on a line of its own to it, and to nothing of its own.
// Other tools end so too, with 1, so that then nothing else may speak for go. One
// of them was go doc, up to go1.24.
func programs(lines []line) {
	for i := range lines {
		code, ok := strings.CutPrefix(lines[i].text, "exit status ")
		if !ok || digits(code) != len(code) || code == "" || code == "128" { // 128 is git's
			continue
		}
		if i > 0 && strings.HasPrefix(lines[i-1].text, "doc: ") {
			continue
		}
		first := i
		for first > 0 && first > i-mostOutput && (lines[first-1].text != "" || within(lines, first-1)) && !ours(lines[first-1].text) && (code != "1" || position(lines[first-1].text) == 0) {
			first--
		}
		if code == "1" && first > 0 && lines[first-1].text != "" {
			continue
		}
		for j := first; j < i; j++ {
			lines[j].theirs = true
		}
	}
}

package classify

import "strings"

// uncolumn removes what a tool put before every line and undress does not know:
// "build-1: ", "E0504 11:22:33.123456 1 build.go:12] ", "builder 5/6 | ".
func uncolumn(lines []line) []line {
	column := common(lines)
	if column == "" {
		return lines
	}
	n := len(column)
	for i := range lines {
		l := &lines[i]
		if l.text == "" {
			continue
		}
		theirs := l.theirs
		*l = undress(l.text[min(n, len(l.text)):])
		l.theirs = theirs
	}
	return lines
}

// common returns what all lines begin with, digits apart, up to the last mark
// that ends a column. What go and its kin say themselves is no column.
func common(lines []line) string {
	var column string
	count := 0
	for _, l := range lines {
		if l.text == "" {
			continue
		}
		if count++; count == 1 {
			column = l.text[:min(len(l.text), longestColumn)]
			continue
		}
		if column = column[:alike(column, l.text)]; column == "" {
			return ""
		}
	}
	end := 0
	for _, mark := range []string{": ", "] ", "| ", "> "} {
		if i := strings.LastIndex(column, mark); i >= 0 {
			end = max(end, i+len(mark))
		}
	}
	column = column[:end]
	marked := strings.ContainsAny(column, "0123456789]|>")
	if count < 2 || count < 3 && !marked || spokenColumn(column) {
		return ""
	}
	return column
}

// longestColumn is how much of a line can stand before what was said.
const longestColumn = 80

// alike returns how far two lines are the same; a blank line of a column has
// lost the space at its end.
func alike(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && (a[i] == b[i] || isDigit(a[i]) && isDigit(b[i])) {
		i++
	}
	if i == len(b) && i+1 == len(a) && a[i] == ' ' {
		return i + 1
	}
	return i
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// spokenColumn reports whether lines only begin alike because one speaks: go, git,
// a compiler, a test.
func spokenColumn(column string) bool {
	for _, word := range []string{"go: ", "go get ", "go mod ", "@v", "://", "fatal:", "error:", "remote:", "warning:", "verifying ", "package ", "panic:", "abort:", "svn:", "ssh:", "curl:", "FAIL", "--- ", "=== ", "# "} {
		if strings.Contains(column, word) {
			return true
		}
	}
	if _, rest, ok := strings.Cut(column, ".go:"); ok {
		n := digits(rest)
		return n < len(rest) && rest[n] == ':'
	}
	return strings.HasPrefix(column, ">") // a quotation within the output of a test
}

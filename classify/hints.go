package classify

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/gosteady/gosteady/internal/lazyregexp"
)

// Hints are what the text of a failure says that damage in the module cache can be the
// cause of, where it names no place in it. They prove nothing: most often each is
// somebody's mistake. They say what is worth verifying.
type Hints struct {
	Packages  []string // that are said to be missing: they name no version of a module
	Undefined []string // names of packages that lack an identifier, as if a file were truncated
	Tools     []string // that the go command's toolchain lacks, as after a cache that was restored by half
	Revisions []string // the lines that tell of an unknown revision: a commit that cannot be read is one
	Source    bool     // a package cannot be loaded or compiled, as if its files were not all there, or others
	Zip       bool     // an error about a zip that names no module: then every version of the build is meant
	SumDB     bool     // the records of a checksum database do not fit together
}

// CacheHints reads the text of a failure.
func CacheHints(text string) Hints {
	h := Hints{
		Packages:  firstGroups(missingPackage(), text),
		Undefined: firstGroups(undefinedName(), text),
		Tools:     firstGroups(missingTool(), text),
		Zip:       namelessZip().MatchString(text),
		SumDB:     badRecord().MatchString(text),
	}
	h.Source = !h.Zip && !h.SumDB && (len(h.Packages) > 0 || sourceTrouble().MatchString(text))
	for line := range strings.Lines(text) {
		if strings.Contains(line, ": unknown revision ") {
			h.Revisions = append(h.Revisions, line)
		}
	}
	return h
}

func firstGroups(expr *regexp.Regexp, text string) []string {
	var list []string
	for _, match := range expr.FindAllStringSubmatch(text, -1) {
		list = append(list, match[1])
	}
	return list
}

var (
	// The errors of archive/zip and compress/flate, which the go command prints with the
	// importing file before them, or with nothing. (A "syntax error: unexpected EOF" is
	// not one.)
	namelessZip = lazyregexp.New(`(?m)zip: (?:not a valid zip file|checksum error|unsupported compression algorithm)|flate: corrupt input|^(?:go: |\S+\.go:\d+:\d+: )unexpected EOF\r?$`)

	missingPackage = lazyregexp.New(`(?:doc: no such package:|no required module provides package|cannot find module providing package|module lookup disabled[^\n]*|cannot find package|package) "?([^\s":;]+\.[^\s":;]+/[^\s":;]+)`)

	undefinedName = lazyregexp.New(`(?m)\.go:\d+:\d+: undefined: (\w+)\.\w+`)

	sourceTrouble = lazyregexp.New(`\.go:\d+:\d+: | but does not contain package |no Go files in |all Go files in `)

	missingTool = lazyregexp.New(`(?m)^go: no such tool "([a-z0-9_]+)"`) // base.Tool

	// The go command says the same whether the records come from the cache, which it
	// does not ask for again, or from the network.
	badRecord = lazyregexp.New(`(?m)verifying (?:module|go\.mod):.*(?:downloaded inconsistent tile|TileReader returned bad result slice|malformed record data|malformed note|malformed tree)`)
)

// NotLookedAt reports whether git has refused to look at a repository of another user's,
// which says nothing about the repository.
func NotLookedAt(gitSays []byte) bool { return bytes.Contains(gitSays, []byte(dubiousOwnership)) }

// HintsAtCache reports whether a line of go's standard error is one that damage in the
// module cache can make go say.
func HintsAtCache(line []byte) bool {
	switch {
	case bytes.HasPrefix(line, []byte("-> unzip ")),
		bytes.Contains(line, []byte("/cache/vcs/")), bytes.Contains(line, []byte(`\cache\vcs\`)): // git's own words follow
		return true
	case bytes.HasPrefix(line, []byte("go: no such tool ")),
		bytes.HasPrefix(line, []byte("doc: no such package: ")):
		return true
	case bytes.HasPrefix(line, []byte("# ")): // see Header
		return false
	case bytes.Contains(line, []byte("no required module provides package")),
		bytes.Contains(line, []byte("cannot find module providing package")),
		bytes.Contains(line, []byte("cannot find package")),
		bytes.Contains(line, []byte("but does not contain package")):
		return true
	}
	return bytes.HasPrefix(line, []byte("go: ")) && importing(bytes.TrimSpace(line))
}

// importing reports whether a line is the first of a chain of imports, at the end of
// which go says what is wrong.
func importing(line []byte) bool {
	return bytes.HasSuffix(line, []byte(" imports")) || bytes.HasSuffix(line, []byte(" tested by"))
}

// InExtracted reports whether a line names a place in an extracted module:
// "…/text@v0.30.0/language/tags.go:7:1: …", "… in …/text@v0.30.0".
func InExtracted(line []byte) bool {
	_, rest, ok := bytes.Cut(bytes.TrimSpace(line), []byte("@v"))
	if !ok || len(rest) == 0 || rest[0] < '0' || '9' < rest[0] {
		return false
	}
	return bytes.ContainsAny(rest, `/\`) || !bytes.ContainsAny(rest, " :")
}

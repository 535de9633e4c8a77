package release

import (
	"go/version"
	"strings"
)

// trusting are the toolchains' weaknesses in checking the checksum database, by the
// first release of each line that is without it. Lines before the first have it, and
// those after the last do not.
var trusting = []struct {
	cve   string
	what  string
	fixed []string
}{
	{"CVE-2026-42501", "takes the record of another module for proof", []string{"go1.25.10", "go1.26.3"}},
	{"CVE-2026-56865", "takes forged tiles of the checksum database", []string{"go1.25.13", "go1.26.6", "go1.27rc3"}},
}

// Exposed says what a go command believes that it should not, where the proxy that
// carries the checksum database is not to be trusted: "" if nothing is known. update
// is the release of its line, or else the oldest one, that is without it.
func Exposed(goVersion string) (what, update string) {
	if !version.IsValid(goVersion) {
		return "", ""
	}
	var said []string
	for _, t := range trusting {
		if first := fixFor(goVersion, t.fixed); version.Compare(goVersion, first) < 0 {
			said = append(said, t.what+" ("+t.cve+")")
			update = first
		}
	}
	return strings.Join(said, ", "), update
}

// fixFor is the release with the fix that a version is to be compared with.
func fixFor(goVersion string, fixed []string) string {
	for _, f := range fixed {
		if version.Compare(version.Lang(goVersion), version.Lang(f)) <= 0 {
			return f
		}
	}
	return version.Lang(fixed[0]) // later than all: older than none
}

package classify

import (
	"slices"
	"sync"
)

// A role says what a signature means where it stands in an error.
type role uint8

const (
	cause  role = iota // says what happened; the innermost one decides
	strong             // decides over whatever stands further in
	weak               // a wrapper: decides only where nothing inside it does
	shape              // the form of an error whose words are not known: decides like a wrapper
	notice             // said of a command that may well have succeeded
	tunnel             // the words of an HTTP proxy that refused: no number before them
	mark               // decides nothing: says where a text comes from
)

// A need is something that must hold for a signature to count.
type need uint16

const (
	own     need = 1 << iota // only go says this: no other sign of go is needed
	atEnd                    // ends its line
	inCache                  // about the module cache, not the build cache
	inTree                   // at a source position inside an extracted module
	inVCS                    // said by git (hg, svn, …) for go
	atPos                    // a source position or a path before it is sign enough
	inList                   // in the output of go list -m
	alone                    // is all there is
	named                    // after "path: ", which is sign enough
	ofCache                  // follows a path inside the download cache or a clone
)

// A signature is one wording and what it means. Case and white space do not
// count.
type signature struct {
	text  string
	class Class
	kind  string
	retry bool // an unchanged retry minutes later plausibly succeeds
	role  role
	needs need
	sign  sign // what a mark marks
	why   string
	from  string // a public source
}

// A sign is what a mark tells about the text around it.
type sign uint8

const (
	signNone    sign = iota
	signURL          // an address of the module protocol
	signSumDB        // the checksum database
	signVCS          // git and its kin, run by go
	signTools        // a download of a toolchain
	signCache        // the module cache
	signBuild        // the build cache or a work directory
	signBody         // the server's own words follow
	signLookup       // a name was being resolved
	signVersion      // path@version
	signGo           // go, or a command of go, speaks
	signNews         // progress
	signs            // how many there are
)

// signatures is the table, in the order of docs/failures.md. Like the matcher it
// is made when the first text comes, since most invocations never have one.
var signatures = sync.OnceValue(func() []signature {
	return slices.Concat(
		marks, netSignatures, contentSignatures, sumSignatures,
		vcsSignatures, cacheSignatures, versionSignatures, settingSignatures,
	)
})

// table matches all signatures at once.
var table = sync.OnceValue(func() *matcher {
	texts := make([]string, len(signatures()))
	for i, s := range signatures() {
		texts[i] = s.text
	}
	return newMatcher(texts)
})

// marks say where a text comes from. None of them decides anything.
var marks = []signature{
	{text: "/@v/", sign: signURL, role: mark},
	{text: "/@latest", sign: signURL, role: mark},
	{text: "?go-get=1", sign: signURL, role: mark},
	{text: "proxy.golang.org/", sign: signURL, role: mark},
	{text: "proxy-golang-org-prod/", sign: signURL, role: mark},
	{text: "/sumdb/", sign: signSumDB, role: mark},
	{text: "sum.golang.org/", sign: signSumDB, role: mark},
	{text: "sum.golang.google.cn/", sign: signSumDB, role: mark},
	{text: "/lookup/", sign: signSumDB, role: mark},
	{text: "/tile/8/", sign: signSumDB, role: mark},
	{text: "verifying module", sign: signGo, role: mark},
	{text: "verifying go.mod", sign: signGo, role: mark},
	{text: "git ls-remote -q", sign: signVCS, role: mark},
	{text: "git fetch -f", sign: signVCS, role: mark},
	{text: "git init --bare", sign: signVCS, role: mark},
	{text: "# cd .; git clone", sign: signVCS, role: mark},
	{text: "# cd .; hg clone", sign: signVCS, role: mark},
	{text: "hg clone -U", sign: signVCS, role: mark},
	{text: "hg pull", sign: signVCS, role: mark},
	{text: "bzr branch --use-existing-dir", sign: signVCS, role: mark},
	{text: "svn log --xml", sign: signVCS, role: mark},
	{text: "svn info --xml", sign: signVCS, role: mark},
	{text: "/cache/vcs/", sign: signVCS, role: mark},
	{text: `\cache\vcs\`, sign: signVCS, role: mark},
	{text: "golang.org/toolchain@", sign: signTools, role: mark},
	{text: "golang.org/toolchain/@v", sign: signTools, role: mark},
	{text: "go: download go1.", sign: signTools, role: mark},
	{text: "/pkg/mod/", sign: signCache, role: mark},
	{text: `\pkg\mod\`, sign: signCache, role: mark},
	{text: "/cache/download/", sign: signCache, role: mark},
	{text: `\cache\download\`, sign: signCache, role: mark},
	{text: "/cache/lock", sign: signCache, role: mark},
	{text: "stat cache:", sign: signCache, role: mark},
	{text: "go.mod cache:", sign: signCache, role: mark},
	{text: "module cache:", sign: signCache, role: mark},
	{text: "cache directory /", sign: signCache, role: mark},
	{text: "go-build", sign: signBuild, role: mark},
	{text: "$WORK", sign: signBuild, role: mark},
	{text: "build cache", sign: signBuild, role: mark},
	{text: "server response:", sign: signBody, role: mark},
	{text: "dial tcp: lookup", sign: signLookup, role: mark},
	{text: "dial udp: lookup", sign: signLookup, role: mark},
	{text: "go:", sign: signGo, role: mark},
	{text: "go get", sign: signGo, role: mark},
	{text: "go install", sign: signGo, role: mark},
	{text: "go mod", sign: signGo, role: mark},
	{text: "go build", sign: signGo, role: mark},
	{text: "go list", sign: signGo, role: mark},
	{text: "go run", sign: signGo, role: mark},
	{text: "go test", sign: signGo, role: mark},
	{text: "unrecognized import path", sign: signGo, role: mark},
	{text: " (download)", sign: signNews, role: mark},
	{text: "@v0", sign: signVersion, role: mark},
	{text: "@v1", sign: signVersion, role: mark},
	{text: "@v2", sign: signVersion, role: mark},
	{text: "@v3", sign: signVersion, role: mark},
	{text: "@v4", sign: signVersion, role: mark},
	{text: "@v5", sign: signVersion, role: mark},
	{text: "@v6", sign: signVersion, role: mark},
	{text: "@v7", sign: signVersion, role: mark},
	{text: "@v8", sign: signVersion, role: mark},
	{text: "@v9", sign: signVersion, role: mark},
}

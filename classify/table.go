package classify

import "slices"

// An Info is one row of the table of classes.
type Info struct {
	Class     Class
	Transient bool   // usually; a failure's own field says how it is with that one
	Summary   string // what it is, a few plain words
	Why       string // how it comes about
	Source    string // a public thread or document
	Folklore  string // what the web recommends against it, and why not to; may be empty
	Advice    string // what a person should do
}

// Table returns the classes, in the order of docs/failures.md.
func Table() []Info { return slices.Clone(classes) }

// Words returns the names of all classes, then of the groups.
func Words() []string {
	var words []string
	for _, row := range classes {
		words = append(words, string(row.Class))
	}
	for _, g := range groups {
		words = append(words, g.name)
	}
	return words
}

// Lookup returns the classes that a word of a policy stands for: a class, or a
// group of them.
func Lookup(word string) (members []Class, group, ok bool) {
	for _, row := range classes {
		if string(row.Class) == word {
			return []Class{row.Class}, false, true
		}
	}
	for _, g := range groups {
		if g.name == word {
			return g.members(), true, true
		}
	}
	return nil, false, false
}

// groups are words for several classes at once.
var groups = []struct {
	name    string
	members func() []Class
}{
	{"transient", func() []Class { return usually() }},
	{"integrity", func() []Class { return []Class{BadContent, Checksum} }},
	{"auth", func() []Class { return []Class{Unauthorized, Forbidden, VCSAuth} }},
}

// usually returns the classes that mostly pass.
func usually() []Class {
	var list []Class
	for _, row := range classes {
		if row.Transient {
			list = append(list, row.Class)
		}
	}
	return list
}

func info(c Class) Info {
	for _, row := range classes {
		if row.Class == c {
			return row
		}
	}
	return Info{Class: c}
}

// Summary says in a few plain words what a class is.
func (c Class) Summary() string { return info(c).Summary }

var classes = []Info{
	{Class: DNS, Transient: true,
		Summary: "the name of the server could not be resolved",
		Why:     "a resolver that drops some of many parallel queries, a container without one, or no network at all",
		Source:  "https://github.com/goproxy/goproxy.cn/issues/175",
		Advice:  "Try again. If it stays, check the resolver (in a container: --dns, or the daemon's settings)."},
	{Class: Connect, Transient: true,
		Summary:  "no connection to the server",
		Why:      "the server or the network is down, a firewall refuses, or IPv6 is announced and does not work",
		Source:   "https://github.com/kubernetes-sigs/kubebuilder/issues/1962",
		Advice:   "Try again. If the host is blocked where you are, put a reachable proxy into GOPROXY, and hand GOPROXY on to image builds.",
		Folklore: "GOSUMDB=off does not make a host reachable."},
	{Class: Timeout, Transient: true,
		Summary: "the server did not answer in time",
		Why:     "lost packets, a blocked host, or a server that is busy",
		Source:  "https://github.com/golang/go/issues/28194",
		Advice:  "Try again. If the host is blocked where you are, put a reachable proxy into GOPROXY."},
	{Class: Reset, Transient: true,
		Summary: "the connection was cut",
		Why:     "a middlebox, a virus scanner or an overloaded server closed it",
		Source:  "https://github.com/golang/go/issues/71704",
		Advice:  "Try again. If it stays, look for software in between that inspects traffic (Zscaler, virus scanners)."},
	{Class: Truncated, Transient: true,
		Summary: "the answer ended too early",
		Why:     "the server or a cache in between closed before the end",
		Source:  "https://github.com/goproxy/goproxy.cn/issues/214",
		Advice:  "Try again; nothing of it was stored."},
	{Class: HTTP2, Transient: true,
		Summary:  "an HTTP/2 stream was reset",
		Why:      "the proxy's front end drops a stream in the middle of a zip; a different module each time",
		Source:   "https://github.com/golang/go/issues/51323",
		Advice:   "Try again; it passes on the next run.",
		Folklore: "GODEBUG=http2client=0 only trades one failure for slower ones."},
	{Class: TLSHandshake, Transient: true,
		Summary: "the TLS handshake was not finished in time",
		Why:     "lost packets (often the MTU of a nested network), or a busy server",
		Source:  "https://github.com/goproxy/goproxy.cn/issues/108",
		Advice:  "Try again. If it stays, compare the MTU of the container's network with the host's."},
	{Class: ServerError, Transient: true,
		Summary:  "the server had an error of its own",
		Why:      "the proxy or what stands before it is down; with a comma in GOPROXY go does not try the next entry then",
		Source:   "https://github.com/goproxyio/goproxy/issues/210",
		Advice:   "Try again in a few minutes. A '|' instead of a ',' in GOPROXY lets go take the next entry after such an error; private names then go there too.",
		Folklore: "GOPROXY=direct needs git and every origin, and gives other failures in exchange."},
	{Class: RateLimited, Transient: true,
		Summary: "too many requests",
		Why:     "a limit per address, which all jobs behind one gateway share",
		Source:  "https://www.rfc-editor.org/rfc/rfc6585#section-4",
		Advice:  "Wait for as long as the server says, then try again; a module cache kept between jobs avoids most requests."},
	{Class: NotFound,
		Summary:  "the server does not know that module or version",
		Why:      "a typing error, a tag that is not pushed or was moved, a private module asked of a public proxy, or a release younger than the proxy's memory (up to half an hour)",
		Source:   "https://github.com/golang/go/issues/47428",
		Advice:   "Check path and version. A fresh tag needs up to 30 minutes; a private module belongs into GOPRIVATE.",
		Folklore: "go clean -modcache does not help: the answer came from the server."},
	{Class: Gone,
		Summary:  "the server says that the version is gone",
		Why:      "it was removed, or the proxy could not fetch it and remembers that for a while",
		Source:   "https://github.com/golang/go/issues/47428",
		Advice:   "Take the newest version that is not retracted (go list -m -versions), or, for an emergency, a replace to a copy that you keep; a person has to decide that.",
		Folklore: "GOPROXY=direct helps only as long as the origin still has the tag; GOSUMDB=off does not help at all."},
	{Class: Unauthorized,
		Summary: "the server wants credentials",
		Why:     "no .netrc entry, no GOAUTH, or an expired token",
		Source:  "https://go.dev/ref/mod#private-module-proxy-auth",
		Advice:  "Add a .netrc entry or a GOAUTH command for that host, or renew the token."},
	{Class: Forbidden,
		Summary:  "the server refuses",
		Why:      "a policy of your organisation blocks the module, or the server blocks your address",
		Source:   "https://github.com/golang/go/issues/68412",
		Advice:   "Ask who runs that proxy. From one network only (a cloud, Tor), it is the address that is blocked.",
		Folklore: "Going around the proxy with GOPROXY=direct may be just what the block is for."},
	{Class: TLSVerify,
		Summary:  "the server's certificate or TLS is not acceptable",
		Why:      "an expired certificate, a corporate proxy whose root is not installed, or https spoken to a plain http port",
		Source:   "https://github.com/golang/go/issues/40370",
		Advice:   "Install the missing root (SSL_CERT_FILE, ca-certificates), set the clock, or correct the scheme in GOPROXY.",
		Folklore: "GOINSECURE and git's http.sslVerify=false switch the check off for good, and do not concern a proxy anyway."},
	{Class: HTTPProxy,
		Summary: "the HTTP proxy between you and the server failed or refused",
		Why:     "HTTPS_PROXY is wrong, down, or wants credentials; go shows its refusal without a number",
		Source:  "https://github.com/dominikh/go-tools/issues/492",
		Advice:  "Check HTTPS_PROXY and NO_PROXY (in a container 127.0.0.1 is the container itself). Another GOPROXY cannot help."},
	{Class: BadContent, Transient: true,
		Summary:  "the answer is not what was asked for",
		Why:      "a page of a captive portal or a login, half a file in a cache of the proxy, or another module's zip",
		Source:   "https://github.com/goproxy/goproxy.cn/issues/246",
		Advice:   "Open the address in a browser: a page means a login or a wrong GOPROXY; otherwise try again or another proxy, with verification on.",
		Folklore: "Wiping the whole module cache downloads everything again; only the one module is wrong."},
	{Class: Checksum,
		Summary:  "the bytes are not those that go.sum or the checksum database vouches for",
		Why:      "damage on disk or on the way, a mirror with a moved tag, rarely an attack",
		Source:   "https://go.dev/ref/mod#authenticating",
		Advice:   "Fetch this one module again with verification on ('go steady repair'); if the hash stays, compare with another proxy and ask the author what changed.",
		Folklore: "Deleting go.sum or GOSUMDB=off accepts whatever was served, an attacker's bytes too. GONOSUMCHECK is no setting of go."},
	{Class: SumDBUnreachable, Transient: true,
		Summary:  "the checksum database could not be asked",
		Why:      "it is blocked or down, or the proxy that stands in for it is",
		Source:   "https://github.com/golang/go/issues/70042",
		Advice:   "Try again. Where sum.golang.org is blocked, use a proxy that mirrors it, or GOSUMDB=sum.golang.google.cn: the same database, still verified.",
		Folklore: "GOSUMDB=off and GONOSUMDB=* switch verification off for everything."},
	{Class: SumDBMissing,
		Summary:  "the checksum database does not have that version",
		Why:      "a release it has not seen yet, a private module, or a version that it could not build",
		Source:   "https://github.com/goreleaser/goreleaser/issues/6437",
		Advice:   "A fresh release: wait some minutes. A private module: name it in GOPRIVATE. Otherwise take another version.",
		Folklore: "GOSUMDB=off switches verification off for every module; GOPRIVATE names just the private ones."},
	{Class: VCSNetwork, Transient: true,
		Summary: "git could not fetch",
		Why:     "the same network failures, on the way to the origin instead of a proxy",
		Source:  "https://github.com/golang/go/issues/28194",
		Advice:  "Try again. A module proxy in GOPROXY takes git out of the way for public modules."},
	{Class: VCSAuth,
		Summary:  "git was refused",
		Why:      "credentials or ssh keys are missing, or the repository is private, renamed or deleted: servers do not tell which",
		Source:   "https://github.com/golang/go/issues/50776",
		Advice:   "Check that the repository exists under that name; give git credentials for its host, and name private modules in GOPRIVATE. A public module that vanished may still be served by proxy.golang.org.",
		Folklore: "GIT_TERMINAL_PROMPT=1 makes a CI wait for a password that nobody types."},
	{Class: VCSMissing,
		Summary: "a version-control command is missing or not allowed",
		Why:     "an image without git, a module kept in hg, bzr or svn, or GOVCS",
		Source:  "https://github.com/docker-library/golang/issues/241",
		Advice:  "Install it, or use a module proxy, which needs none; what GOVCS forbids is for whoever set it to allow."},
	{Class: CacheCorrupt,
		Summary:  "the module cache is damaged",
		Why:      "a power cut, a full disk, an interrupted copy or a restored half of a CI cache",
		Source:   "https://github.com/golang/go/issues/27952",
		Advice:   "Repair that one module: 'go steady repair'. In CI, drop the saved cache that brought it.",
		Folklore: "go clean -modcache deletes everything for everyone who shares the cache, and breaks builds that run at that moment."},
	{Class: CacheIO,
		Summary: "the module cache cannot be read or written",
		Why:     "another user's files, a read-only mount, a full disk, or a file system without locks",
		Source:  "https://github.com/golang/go/issues/51121",
		Advice:  "Free space or correct the owner of GOMODCACHE, or point GOMODCACHE at a local directory that you may write."},
	{Class: Toolchain,
		Summary: "a Go toolchain could not be fetched",
		Why:     "a go line without a patch number ('go 1.22' where go1.22.0 is meant), a proxy without toolchains, GOPROXY=off, or the network",
		Source:  "https://github.com/golang/go/issues/62278",
		Advice:  "Write the full version into the go line (1.22.0), or install that toolchain and set GOTOOLCHAIN=local; with a proxy of your own, let it serve golang.org/toolchain."},
	{Class: Configuration,
		Summary: "a setting or a file needs a person",
		Why:     "GOPROXY=off, an inconsistent vendor directory, an import page without repository, a retraction",
		Source:  "https://go.dev/ref/mod",
		Advice:  "Correct the setting that the message names; trying again changes nothing."},
	{Class: NotFetch,
		Summary: "no failed fetch",
		Why:     "compile errors, test output, go.mod errors and other programs' troubles are never touched",
		Source:  "https://github.com/golang/go/issues/28194",
		Advice:  ""},
}

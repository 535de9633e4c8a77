package classify

// advise says what a person should do: by the kind of failure where that is
// known, else by its class. None of it turns verification off or wipes more
// than what is damaged.
func advise(f Failure) string {
	if f.Kind == "service-trouble" {
		return "The service could not reach the origin and will forget that: try again in some minutes."
	}
	if f.Kind == Behind {
		return "The proxy leads to a storage host, and that refuses: let a firewall pass it, or ask who runs the proxy."
	}
	if f.Kind == NewerVersion {
		return "The version that was asked for is fine: go looks at the newest one for a deprecation notice, and cannot have that. In a folder of its own: go mod init x, go get MODULE@VERSION, go install PACKAGE."
	}
	for _, k := range kinds {
		if k.kind == f.Kind && (k.class == f.Class || k.class == "") {
			return k.advice
		}
	}
	if f.Class == Toolchain && f.Transient {
		return "Try again; or install the toolchain beforehand and set GOTOOLCHAIN=local."
	}
	return info(f.Class).Advice
}

// kinds are failures for which more is known than for their class.
var kinds = []struct {
	class  Class
	kind   string
	advice string
}{
	{Checksum, "empty-go.mod", "The file on disk is empty: damage, no attack. Fetch this one module again ('go steady repair'); go.sum is right, leave it."},
	{Checksum, "fork", "Two histories of the checksum database contradict each other. Compare from another network and tell security@golang.org; do not switch the database off."},
	{NotFound, "unknown-revision", "Check the tag or commit (git ls-remote --tags). A tag pushed just now needs up to 30 minutes on a proxy; a private module belongs into GOPRIVATE."},
	{NotFound, "invalid-version", "Correct the version: 'go get module@commit' writes a valid pseudo-version, and v2 or later needs /v2 in the path."},
	{NotFound, "path-mismatch", "Import the module by the path that its go.mod declares; for a fork, use replace."},
	{NotFound, "no-version", "Ask for a version that exists (go list -m -versions), or for a commit."},
	{BadContent, "html", "Something answers with a web page: log in to the network, or correct GOPROXY. Then fetch again; go.sum and the checksum database stay on."},
	{BadContent, "redirects", "The address leads in a circle or away from https: a login page, or a wrong GOPROXY."},
	{BadContent, "sumdb", "Something answers in place of the checksum database: log in to the network, or use a proxy that mirrors it."},
	{CacheIO, "disk-full", "Free space: 'go steady prune' removes module versions that nothing has used for long, 'go clean -cache' the build cache."},
	{CacheIO, "permission", "The module cache belongs to someone else or is read-only: correct the owner, or point GOMODCACHE at a directory of your own. Do not run go as root to get around it."},
	{CacheIO, "lock", "That file system has no working locks (NFS, some mounts): put GOMODCACHE on a local disk."},
	{CacheCorrupt, "clone", "A clone in the module cache is damaged: 'go steady repair' removes and fetches just that one."},
	{CacheCorrupt, "sumdb-note", "The remembered head of the checksum database is unreadable (a power cut). It guards against a forged history: have a look before you move it away."},
	{VCSMissing, "disallowed", "GOVCS forbids that system for public modules; a proxy needs none, or whoever set GOVCS allows it for that one path."},
	{Configuration, "proxy-off", "GOPROXY=off and the module is not in the cache: fetch once with a proxy, or vendor."},
	{Configuration, "toolchain", "Correct GOTOOLCHAIN ('go env GOTOOLCHAIN' shows it): auto, local, path, or a name such as go1.25.0."},
	{Configuration, "goauth", "Correct GOAUTH ('go help goauth' has its forms); the command that it names must run without a terminal."},
	{Configuration, "vendor", "Run 'go mod vendor' after a change of go.mod and commit the result, or build with -mod=mod."},
	{Configuration, "import-page", "Check the import path; the page at that address must have a go-import tag. For a private host set GOPRIVATE."},
	{Configuration, NoProtocol, "Ask the repository yourself (git ls-remote https://…): go does not show what git said. For a private host see to its credentials."},
	{Configuration, "retracted", "Take the newest version that is not retracted: go get module@latest."},
	{Configuration, "deprecated", "Nothing failed: the author names a successor, to be adopted when you choose."},
}

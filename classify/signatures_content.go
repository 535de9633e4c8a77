package classify

// contentSignatures are answers that are not what was asked for.
var contentSignatures = []signature{
	{text: "zip: not a valid zip file", class: BadContent, kind: "zip", retry: true, needs: atPos, why: "half a file, or a page, stored or served as a module; names neither module nor address", from: "https://github.com/jmigpin/editor/issues/28"},
	{text: "zip: checksum error", class: BadContent, kind: "zip", retry: true, needs: atPos, why: "damaged bytes inside the zip", from: "https://pkg.go.dev/archive/zip#ErrChecksum"},
	{text: "zip: unsupported compression algorithm", class: BadContent, kind: "zip", retry: true, needs: atPos, why: "damaged bytes inside the zip", from: "https://pkg.go.dev/archive/zip#ErrAlgorithm"},
	{text: "flate: corrupt input", class: BadContent, kind: "zip", retry: true, needs: atPos, why: "damaged bytes inside the zip", from: "https://pkg.go.dev/compress/flate"},
	{text: "gzip: invalid header", class: BadContent, kind: "encoding", retry: true, why: "a CDN that says gzip and sends none", from: "https://github.com/goproxy/goproxy.cn/issues/69"},
	{text: "gzip: invalid checksum", class: BadContent, kind: "encoding", retry: true, why: "damaged on the way", from: "https://pkg.go.dev/compress/gzip"},
	{text: "has unexpected file", class: BadContent, kind: "wrong-module", retry: true, why: "the zip of another version", from: "https://go.dev/ref/mod#zip-files"},
	{text: "downloaded zip file too large", class: BadContent, kind: "zip", why: "more than 500 MiB, or an endless answer", from: "https://go.dev/ref/mod#zip-path-size-constraints"},
	{text: "create zip:", class: BadContent, kind: "zip", why: "the repository has files that a module zip cannot hold", from: "https://go.dev/ref/mod#zip-path-size-constraints"},
	{text: "unzip ", class: BadContent, kind: "zip", role: weak, needs: inCache, why: "extraction failed", from: "https://pkg.go.dev/golang.org/x/mod/zip#Unzip"},
	{text: "invalid response from proxy", class: BadContent, kind: "json", retry: true, role: weak, why: "the .info is not the JSON it has to be", from: "https://go.dev/ref/mod#goproxy-protocol"},
	{text: "invalid character '<'", class: BadContent, kind: "html", why: "a page of a captive portal or a login", from: "https://go.dev/ref/mod#goproxy-protocol"},
	{text: "invalid character '", class: BadContent, kind: "json", retry: true, why: "something that is not JSON", from: "https://github.com/goproxyio/goproxy/issues/222"},
	{text: "looking for beginning of value", class: BadContent, kind: "json", role: weak, why: "something that is not JSON", from: "https://go.dev/ref/mod#goproxy-protocol"},
	{text: "unexpected end of JSON input", class: BadContent, kind: "json", retry: true, why: "an empty or cut .info", from: "https://go.dev/ref/mod#goproxy-protocol"},
	{text: "proxy returned info for version", class: BadContent, kind: "wrong-version", needs: own, why: "the answer for another version", from: "https://go.dev/ref/mod#goproxy-protocol"},
	{text: "parsing go.mod: missing module line", class: BadContent, kind: "go.mod", why: "an empty or foreign file served as go.mod", from: "https://go.dev/ref/mod#go-mod-file"},
	{text: "unknown directive: <", class: BadContent, kind: "html", why: "a page served as go.mod", from: "https://go.dev/ref/mod#go-mod-file"},
	{text: "unexpected input character", class: BadContent, kind: "go.mod", why: "bytes that no go.mod has", from: "https://go.dev/ref/mod#go-mod-file"},
	{text: "stopped after 10 redirects", class: BadContent, kind: "redirects", why: "a login page or a proxy that points at itself", from: "https://pkg.go.dev/net/http#Client"},
	{text: "redirected from secure URL", class: BadContent, kind: "redirects", why: "a redirect from https to http, which go refuses", from: "https://github.com/golang/go/blob/master/src/cmd/go/internal/web/http.go"},
	{text: "malformed record data", class: BadContent, kind: "sumdb", why: "a page served in place of the checksum database", from: "https://pkg.go.dev/golang.org/x/mod/sumdb/tlog#ParseRecord"},
	{text: "TileReader returned bad result", class: BadContent, kind: "sumdb", why: "a tile of the checksum database that is too short, from the proxy or the cache", from: "https://github.com/golang/go/issues/69102"},
	{text: "missing Location header", class: BadContent, kind: "redirects", why: "a broken redirect", from: "https://pkg.go.dev/net/http#Client"},
	{text: "302 response missing", class: BadContent, kind: "redirects", why: "a broken redirect", from: "https://pkg.go.dev/net/http#Client"},
}

// sumSignatures are about what is right: go.sum and the checksum database.
var sumSignatures = []signature{
	{text: "downloaded: h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=", class: Checksum, kind: "empty-go.mod", role: strong, needs: own, why: "the hash of an empty go.mod: damage, no attack", from: "https://github.com/harness/harness/issues/2986"},
	{text: ": checksum mismatch", class: Checksum, role: strong, why: "the bytes differ from go.sum or the checksum database", from: "https://go.dev/ref/mod#go-sum-files"},
	{text: "checksum missing from sumdb response", class: Checksum, role: strong, needs: own, why: "the database does not vouch for it", from: "https://go.dev/ref/mod#checksum-database"},
	{text: "does NOT match an earlier download", class: Checksum, needs: own, why: "go's SECURITY ERROR against go.sum", from: "https://go.dev/ref/mod#go-sum-files"},
	{text: "does NOT match the one reported by the checksum server", class: Checksum, needs: own, why: "go's SECURITY ERROR against the database", from: "https://go.dev/ref/mod#checksum-database"},
	{text: "database server misbehavior detected", class: Checksum, kind: "fork", role: strong, needs: own, why: "two histories of the checksum database that cannot both be true", from: "https://github.com/golang/go/issues/38348"},
	{text: "invalid signature for key", class: Checksum, kind: "signature", why: "not signed by the database's key", from: "https://pkg.go.dev/golang.org/x/mod/sumdb/note"},
	{text: "note has no verifiable signatures", class: Checksum, kind: "signature", why: "not signed by the database's key", from: "https://pkg.go.dev/golang.org/x/mod/sumdb/note"},
	{text: "downloaded inconsistent tile", class: Checksum, kind: "fork", role: strong, why: "tiles that contradict the signed tree", from: "https://pkg.go.dev/golang.org/x/mod/sumdb"},
	{text: "malformed note", class: CacheCorrupt, kind: "sumdb-note", why: "a power cut left zeros in pkg/sumdb", from: "https://github.com/golang/go/issues/38348"},
	{text: "verifying module:", class: SumDBUnreachable, role: weak, needs: own, why: "the wrapper of every question to the checksum database; what follows says more", from: "https://go.dev/ref/mod#checksum-database"},
	{text: "verifying go.mod:", class: SumDBUnreachable, role: weak, needs: own, why: "the same for a go.mod", from: "https://go.dev/ref/mod#checksum-database"},
	{text: "initializing sumdb.Client:", class: SumDBUnreachable, role: weak, retry: true, why: "the database could not be set up", from: "https://pkg.go.dev/golang.org/x/mod/sumdb"},
}

package relay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modhash"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/mod/zip"
)

// limits bound what is taken of a body. Those of go.mod and zip are the go
// command's own; the others are far above anything real, to end a body that
// does not.
var limits = map[kind]int64{
	kindInfo: 1 << 20, kindLatest: 1 << 20, kindList: 64 << 20,
	kindMod: zip.MaxGoMod, kindZip: zip.MaxZipFile,
	kindSupported: 1 << 20, kindLookup: 1 << 20, kindTile: 1 << 20, kindSumLatest: 1 << 20,
}

// A badContent is a body with status 200 that cannot be right.
type badContent struct {
	class classify.Class // bad-content or checksum
	// text is what go would say of it.
	text string
	// unfit is set for what must not reach go whatever happens: go would put it
	// into the module cache, where it would outlive its cause, or believe it.
	unfit bool
	// stored is set for the same bytes as those that were wrong before.
	stored bool
}

func (b *badContent) Error() string { return b.text }

func bad(format string, args ...any) *badContent {
	return &badContent{class: classify.BadContent, text: fmt.Sprintf(format, args...)}
}

// check tells whether a body may be what was asked for. thorough is about zips
// alone: see checkZip. proxy is the base URL, redacted, for go's words.
func (r *Relay) check(it item, body *spool, proxy string, thorough bool) *badContent {
	switch it.kind {
	case kindInfo, kindLatest:
		return checkInfo(it, body.bytes(), proxy)
	case kindMod:
		return r.checkMod(it.mod, body.bytes())
	case kindList:
		return checkList(body.head(sniff), proxy)
	case kindZip:
		return r.checkZip(it.mod, body, thorough)
	}
	if b := checkSumDB(it, body); b != nil {
		b.unfit = true
		return b
	}
	return nil
}

// checkSumDB tells whether a body may be the checksum database's. What may not is
// kept from go altogether: an older one takes the record of another module for proof
// (CVE-2026-42501).
func checkSumDB(it item, body *spool) *badContent {
	switch it.kind {
	case kindLookup:
		return checkLookup(it, body.bytes())
	case kindSumLatest:
		if !bytes.Contains(body.bytes(), []byte("\n\n\u2014 ")) {
			return bad("malformed note")
		}
	case kindTile:
		return checkTile(it, body)
	}
	return nil
}

// checkTile knows the size of a tile of hashes from its path. Their first byte
// may be any, a "<" too: only a tile of records is text.
func checkTile(it item, body *spool) *badContent {
	tile, err := tlog.ParseTilePath(strings.TrimPrefix(it.sumdbPath(), "/"))
	switch {
	case err == nil && tile.L >= 0 && body.size == int64(tile.W)*tlog.HashSize:
		return nil
	case err == nil && tile.L >= 0, body.size == 0, looksLikeHTML(body.head(sniff)):
		return bad("downloaded inconsistent tile")
	}
	return nil
}

// sniff is how much of a body is looked at to recognise a page.
const sniff = 1024

// looksLikeHTML recognises the pages of captive portals, login forms and error
// pages with status 200. Nothing that a proxy serves begins with "<".
func looksLikeHTML(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<"))
}

// checkInfo accepts what proxyRepo.Stat and Latest accept, if it names a
// version.
func checkInfo(it item, data []byte, proxy string) *badContent {
	var info struct{ Version string }
	if err := json.Unmarshal(data, &info); err != nil {
		return bad("invalid response from proxy %q: %v", proxy, err)
	}
	if it.exact() && info.Version != it.mod.Version {
		return bad("proxy returned info for version %s instead of requested version", info.Version)
	}
	if !semver.IsValid(info.Version) {
		return bad("invalid response from proxy %q: no version in it", proxy)
	}
	return nil
}

func checkList(head []byte, proxy string) *badContent {
	if !looksLikeHTML(head) {
		return nil
	}
	// Where nobody has a better one, go gets it, and takes it for a list of no
	// versions: it skips the lines that are none.
	return bad("invalid response from proxy %q: a web page instead of a list of versions", proxy)
}

// checkMod believes go.sum; without it the file must at least parse. A page that
// neither go.sum nor the checksum database would have go reject is unfit.
func (r *Relay) checkMod(m module.Version, data []byte) *badContent {
	if want := r.config.Sums.GoMod(m); want != nil {
		got := modhash.GoMod(data)
		if slices.Contains(want, got) {
			return nil
		}
		return mismatch(m, "/go.mod", got, want)
	}
	file, err := modfile.ParseLax("go.mod", data, nil)
	var b *badContent
	switch {
	case err != nil:
		b = bad("parsing go.mod: %v", err)
	case file.Module == nil && looksLikeHTML(data): // else the module is what is wrong
		b = bad("parsing go.mod: missing module line")
	default:
		return nil
	}
	b.unfit = looksLikeHTML(data) && !r.inSumDB(m.Path)
	return b
}

// inSumDB reports whether go asks the checksum database about a module that go.sum
// does not name: see useSumDB in modfetch.
func (r *Relay) inSumDB(path string) bool {
	return path == toolchainPath || r.config.Settings.Get("GOSUMDB") != "off" && !r.config.Settings.NoSumDB(path)
}

func mismatch(m module.Version, suffix, got string, want []string) *badContent {
	return &badContent{
		class: classify.Checksum,
		text: fmt.Sprintf("verifying %s@%s%s: checksum mismatch\n\tdownloaded: %s\n\tgo.sum:     %s",
			m.Path, m.Version, suffix, got, strings.Join(want, " ")),
	}
}

// checkLookup looks at the record: a number, the hashes of that version and of no
// other, an empty line, the signed tree. Whether it is true is go's to find out.
func checkLookup(it item, data []byte) *badContent {
	_, rest, ok := bytes.Cut(data, []byte("\n"))
	text, _, _ := strings.Cut(string(rest), "\n\n")
	if !ok || text == "" {
		return bad("malformed record data")
	}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) != 3 {
			return bad("malformed record data")
		}
		if f[0] != it.mod.Path || strings.TrimSuffix(f[1], "/go.mod") != it.mod.Version {
			return bad("malformed record data: it is of %s %s\n\nSECURITY ERROR\nThe download cannot be verified.\n", f[0], f[1])
		}
	}
	return nil
}

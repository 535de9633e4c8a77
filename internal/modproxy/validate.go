package modproxy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/tlog"
	modzip "golang.org/x/mod/zip"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modhash"
)

// Limit is the largest body that is taken for a kind of file. Those of go.mod and zip
// are the go command's own; the others are far above anything real, to end a body that
// does not.
func (k Kind) Limit() int64 {
	switch k {
	case Mod:
		return modzip.MaxGoMod
	case Zip:
		return modzip.MaxZipFile
	case List:
		return 64 << 20
	}
	return 1 << 20
}

// A Body is a complete body.
type Body interface {
	io.ReaderAt
	Size() int64
}

// Expect is what is known of a file before it comes. The zero value is nothing.
type Expect struct {
	Sums    []string // a go.mod or zip has one of these hashes; nil: none is known
	InSumDB bool     // the checksum database has the last word on it
	Hashed  bool     // a zip is hashed before it is used, so it need not be here
	Whole   bool     // a zip is inflated and hashed, whatever its size
	Proxy   string   // the proxy's base, redacted, for go's words
}

// Proves reports whether [Validate] compares a file of this size with its hash, or
// whether there is none to compare it with.
func (e Expect) Proves(k Kind, size int64) bool {
	switch k {
	case Zip:
		return e.hashes(size) && e.Sums != nil
	case Mod:
		return e.Sums != nil
	}
	return true
}

// An Invalid is what is wrong with a body that came with status 200.
type Invalid struct {
	Class classify.Class // bad-content or checksum
	Text  string         // what go would say of it
	// Unfit is set for what must not reach go whatever happens: go would put it
	// into the module cache, where it would outlive its cause, or believe it.
	Unfit bool
}

func (b *Invalid) Error() string { return b.Text }

// Failure is the failure that this is.
func (b *Invalid) Failure() classify.Failure {
	return classify.Failure{Class: b.Class, Transient: b.Class == classify.BadContent}
}

// Unwrap returns the failure that this is.
func (b *Invalid) Unwrap() error { return b.Failure() }

func invalid(format string, args ...any) *Invalid {
	return &Invalid{Class: classify.BadContent, Text: fmt.Sprintf(format, args...)}
}

// Validate reports what is wrong with a body that is to be an item; nil if it may be
// right. A zip with more files than are looked at is [ErrDirectory], all else an
// [*Invalid].
func Validate(it Item, body Body, e Expect) error {
	var b *Invalid
	switch it.Kind {
	case Info, Latest:
		b = validateInfo(it, content(body), e.Proxy)
	case Mod:
		b = validateMod(it.Mod, content(body), e)
	case List:
		b = validateList(Head(body), e.Proxy)
	case Zip:
		return validateZip(it.Mod, body, e)
	default:
		if b = validateSumDB(it, body); b != nil {
			// An older go takes the record of another module for proof (CVE-2026-42501).
			b.Unfit = true
		}
	}
	if b == nil {
		return nil
	}
	return b
}

// content is the whole of a small body.
func content(body Body) []byte { return head(body, body.Size()) }

// Head is the beginning of a body, by which a page is recognised.
func Head(body Body) []byte { return head(body, 1024) }

func head(body Body, n int64) []byte {
	p := make([]byte, min(n, body.Size()))
	got, _ := body.ReadAt(p, 0)
	return p[:got]
}

// validateSumDB tells whether a body may be the checksum database's.
func validateSumDB(it Item, body Body) *Invalid {
	switch it.Kind {
	case Lookup:
		return validateLookup(it, content(body))
	case SumLatest:
		if !bytes.Contains(content(body), []byte("\n\n\u2014 ")) {
			return invalid("malformed note")
		}
	case Tile:
		return validateTile(it.Tile, body)
	}
	return nil
}

// validateTile knows the size of a tile of hashes from its path. Their first byte may
// be any, a "<" too: only a tile of records is text.
func validateTile(tile tlog.Tile, body Body) *Invalid {
	switch {
	case tile.L >= 0 && body.Size() == int64(tile.W)*tlog.HashSize:
		return nil
	case tile.L >= 0, body.Size() == 0, looksLikeHTML(Head(body)):
		return invalid("downloaded inconsistent tile")
	}
	return nil
}

// looksLikeHTML recognises the pages of captive portals, login forms and error
// pages with status 200. Nothing that a proxy serves begins with "<".
func looksLikeHTML(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<"))
}

// validateInfo accepts what proxyRepo.Stat and Latest accept, if it names a
// version.
func validateInfo(it Item, data []byte, proxy string) *Invalid {
	var info struct{ Version string }
	if err := json.Unmarshal(data, &info); err != nil {
		return invalid("invalid response from proxy %q: %v", proxy, err)
	}
	if it.Exact() && info.Version != it.Mod.Version {
		return invalid("proxy returned info for version %s instead of requested version", info.Version)
	}
	if !semver.IsValid(info.Version) {
		return invalid("invalid response from proxy %q: no version in it", proxy)
	}
	return nil
}

func validateList(head []byte, proxy string) *Invalid {
	if !looksLikeHTML(head) {
		return nil
	}
	// Where nobody has a better one, go gets it, and takes it for a list of no
	// versions: it skips the lines that are none.
	return invalid("invalid response from proxy %q: a web page instead of a list of versions", proxy)
}

// validateMod believes go.sum; without it the file must at least parse. A page that
// neither go.sum nor the checksum database would have go reject is unfit.
func validateMod(m module.Version, data []byte, e Expect) *Invalid {
	if e.Sums != nil {
		got := modhash.GoMod(data)
		if slices.Contains(e.Sums, got) {
			return nil
		}
		return mismatch(m, "/go.mod", got, e.Sums)
	}
	file, err := modfile.ParseLax("go.mod", data, nil)
	var b *Invalid
	switch {
	case err != nil:
		b = invalid("parsing go.mod: %v", err)
	case file.Module == nil && looksLikeHTML(data): // else the module is what is wrong
		b = invalid("parsing go.mod: missing module line")
	default:
		return nil
	}
	b.Unfit = looksLikeHTML(data) && !e.InSumDB
	return b
}

func mismatch(m module.Version, suffix, got string, want []string) *Invalid {
	return &Invalid{
		Class: classify.Checksum,
		Text: fmt.Sprintf("verifying %s@%s%s: checksum mismatch\n\tdownloaded: %s\n\tgo.sum:     %s",
			m.Path, m.Version, suffix, got, strings.Join(want, " ")),
	}
}

// validateLookup looks at the record: a number, the hashes of that version and of no
// other, an empty line, the signed tree. Whether it is true is go's to find out.
func validateLookup(it Item, data []byte) *Invalid {
	_, rest, ok := bytes.Cut(data, []byte("\n"))
	text, _, _ := strings.Cut(string(rest), "\n\n")
	if !ok || text == "" {
		return invalid("malformed record data")
	}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) != 3 {
			return invalid("malformed record data")
		}
		if f[0] != it.Mod.Path || strings.TrimSuffix(f[1], "/go.mod") != it.Mod.Version {
			return invalid("malformed record data: it is of %s %s\n\nSECURITY ERROR\nThe download cannot be verified.\n", f[0], f[1])
		}
	}
	return nil
}

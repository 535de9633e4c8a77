package relay

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"net/http/httptest"
	"strings"
	"testing"

	"archive/zip"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modhash"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
)

func spoolOf(data []byte) *spool {
	s := (&depot{}).new()
	s.Write(data)
	return s
}

func tileItem(path string) item { return parseItem("sumdb/sum.golang.org/" + path) }

func TestCheck(t *testing.T) {
	store := helloStore(t)
	r := &Relay{config: Config{Sums: sums(t, store), Settings: goenv.Read([]string{"GOENV=off"}, "")}}
	good := string(store.Zip(hello, "v1.0.0"))
	answer := httptest.NewRecorder()
	store.ServeHTTP(answer, httptest.NewRequest("GET", "/example.com/hello/@v/v1.0.0.mod", nil))
	goMod := answer.Body.String()
	unknown := module.Version{Path: "example.com/new", Version: "v1.0.0"}
	for _, tt := range []struct {
		name string
		it   item
		body string
		want string // "" for good, or the beginning of what go would say
	}{
		{"info", item{kind: kindInfo, mod: helloV1}, `{"Version":"v1.0.0"}`, ""},
		{"another info", item{kind: kindInfo, mod: helloV1}, `{"Version":"v1.1.0"}`, "proxy returned info for version v1.1.0"},
		{"info of a branch", item{kind: kindInfo, mod: module.Version{Path: hello, Version: "main"}}, `{"Version":"v1.1.0"}`, ""},
		{"info without a version", item{kind: kindInfo, mod: module.Version{Path: hello, Version: "main"}}, `{}`, "invalid response"},
		{"info cut short", item{kind: kindInfo, mod: helloV1}, `{"Version":"v1`, "invalid response from proxy \"P\": unexpected end"},
		{"latest", item{kind: kindLatest, mod: module.Version{Path: hello}}, `{"Version":"v1.0.0"}`, ""},
		{"empty latest", item{kind: kindLatest, mod: module.Version{Path: hello}}, "", "invalid response"},
		{"list", item{kind: kindList}, "v1.0.0\nv1.1.0\n", ""},
		{"empty list", item{kind: kindList}, "", ""},
		{"portal as list", item{kind: kindList}, "\ufeff\n <!DOCTYPE html>", "invalid response"},
		{"mod", item{kind: kindMod, mod: helloV1}, goMod, ""},
		{"another mod", item{kind: kindMod, mod: helloV1}, "module example.com/hullo\n", "verifying example.com/hello@v1.0.0/go.mod: checksum mismatch"},
		{"empty mod", item{kind: kindMod, mod: helloV1}, "", "verifying"},
		{"unknown mod", item{kind: kindMod, mod: unknown}, "module example.com/new\n", ""},
		{"unknown mod with words to come", item{kind: kindMod, mod: unknown}, "module example.com/new\nfuture x\n", ""},
		{"unknown mod that is none", item{kind: kindMod, mod: unknown}, "module \"\n", "parsing go.mod"},
		{"portal as mod", item{kind: kindMod, mod: unknown}, "<html>", "parsing go.mod: missing module line"},
		{"unknown mod without a name", item{kind: kindMod, mod: unknown}, "go 1.21\n", ""},
		{"zip", item{kind: kindZip, mod: helloV1}, good, ""},
		{"another zip", item{kind: kindZip, mod: helloV1}, string(store.Zip(hello, "v1.1.0")), "zip for example.com/hello@v1.0.0 has unexpected file"},
		{"half a zip", item{kind: kindZip, mod: helloV1}, good[:len(good)/2], "zip: not a valid zip file"},
		{"empty zip", item{kind: kindZip, mod: helloV1}, "", "zip: not a valid zip file"},
		{"changed zip", item{kind: kindZip, mod: helloV1}, zipOf(t, "example.com/hello@v1.0.0/other.go", "x"), "verifying example.com/hello@v1.0.0: checksum mismatch"},
		{"lookup", item{kind: kindLookup, mod: helloV1}, "7\nexample.com/hello v1.0.0 h1:x\n", ""},
		{"another lookup", item{kind: kindLookup, mod: helloV1}, "7\nexample.com/hello v1.1.0 h1:x\n", "malformed record data"},
		{"portal as lookup", item{kind: kindLookup, mod: helloV1}, "<html>\n", "malformed record data"},
		{"tile", tileItem("tile/8/0/x001/234.p/2"), strings.Repeat("\x01", 64), ""},
		{"tile that begins as a page does", tileItem("tile/8/0/000"), "<" + strings.Repeat("\x01", 256*32-1), ""},
		{"cut tile", tileItem("tile/8/0/000"), strings.Repeat("\x01", 256*31), "downloaded inconsistent tile"},
		{"empty tile", tileItem("tile/8/1/000"), "", "downloaded inconsistent tile"},
		{"portal as tile", tileItem("tile/8/0/000"), "<html>", "downloaded inconsistent tile"},
		{"tile of records", tileItem("tile/8/data/000"), "example.com/hello v1.0.0 h1:=\n", ""},
		{"portal as tile of records", tileItem("tile/8/data/000"), "<html>", "downloaded inconsistent tile"},
		{"signed tree", item{kind: kindSumLatest}, "go.sum database tree\n1\nx\n\n\u2014 sum x\n", ""},
		{"portal as signed tree", item{kind: kindSumLatest}, "<html>", "malformed note"},
		{"anything else", item{kind: kindOther}, "<html>", ""},
	} {
		b := r.check(tt.it, spoolOf([]byte(tt.body)), "P", true)
		text := ""
		if b != nil {
			text = b.Error()
		}
		if (text == "") != (tt.want == "") || !strings.HasPrefix(text, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, text, tt.want)
		}
		if b != nil && strings.Contains(text, "mismatch") != (b.class == classify.Checksum) {
			t.Errorf("%s: class %s", tt.name, b.class)
		}
	}
}

func zipOf(t *testing.T, name, text string) string {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	f, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// TestZipBomb: nothing is inflated beyond what the directory announces, and
// the directory may not announce more than go would extract.
func TestZipBomb(t *testing.T) {
	r := &Relay{}
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for i := range 3 {
		f, err := w.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprintf("example.com/hello@v1.0.0/%d", i), Method: zip.Store,
			UncompressedSize64: 200 << 20, CompressedSize64: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte("x"))
	}
	w.Close()
	b := r.check(item{kind: kindZip, mod: helloV1}, spoolOf(buf.Bytes()), "", true)
	if b == nil || !strings.Contains(b.text, "too large") {
		t.Error(b)
	}
}

// TestLimits: a body without an end is ended.
func TestLimits(t *testing.T) {
	p := fault(t, helloStore(t), "**.info first=1 endless")
	b := open(t, p.URL(), knowing(sums(t, helloStore(t))))
	if g := b.get(0, hello+"/@v/v1.0.0.info"); g.code != 200 {
		t.Error(b.words(g))
	}
	equal(t, "healed", b.healed(), "[bad-content retry info]")

	p.Script("** endless")
	b = open(t, p.URL(), knowing(sums(t, helloStore(t))))
	const info, lookup = "/example.com/hello/@v/v1.0.0.info", "/sumdb/sum.example/lookup/example.com/hello@v1.0.0"
	for path, want := range map[string]string{
		info:   fmt.Sprintf("read %q: response larger than 1048576 bytes", p.URL()+info),
		lookup: "reading " + p.URL() + lookup + ": response larger than 1048576 bytes",
	} {
		equal(t, path, b.words(b.get(0, path[1:])), want)
	}
}

// FuzzHashZip: where x/mod has a hash for a zip, we have the same one.
func FuzzHashZip(f *testing.F) {
	store := faultproxy.NewStore()
	if err := store.Add(hello, "v1.0.0", map[string]string{"a.go": "package a\n"}); err != nil {
		f.Fatal(err)
	}
	f.Add(store.Zip(hello, "v1.0.0"))
	f.Fuzz(func(t *testing.T, data []byte) {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		got, err := modhash.Zip(z, nil)
		if err != nil {
			return
		}
		want, err := dirhash.HashZip(writeFile(t, t.TempDir()+"/x.zip", string(data)), dirhash.DefaultHash)
		if err != nil || got != want {
			t.Errorf("%s, want %s (%v)", got, want, err)
		}
	})
}

// BenchmarkCheckZip is the price of verifying a zip in full, against looking
// at its directory alone.
func BenchmarkCheckZip(b *testing.B) {
	rnd := rand.New(rand.NewSource(1))
	for _, size := range []int{64 << 10, 4 << 20} {
		text := make([]byte, size)
		for i := range text {
			text[i] = "abcdefgh \n\t(){}"[rnd.Intn(15)]
		}
		store := faultproxy.NewStore()
		if err := store.Add(hello, "v1.0.0", map[string]string{"a.go": string(text)}); err != nil {
			b.Fatal(err)
		}
		lines, err := store.Sum(hello, "v1.0.0")
		if err != nil {
			b.Fatal(err)
		}
		known, err := gosum.Parse([]byte(lines))
		if err != nil {
			b.Fatal(err)
		}
		r := &Relay{config: Config{Sums: known}}
		body := spoolOf(store.Zip(hello, "v1.0.0"))
		b.Run(fmt.Sprintf("full/%dKiB", body.size>>10), func(b *testing.B) {
			b.SetBytes(body.size)
			for b.Loop() {
				if bad := r.checkZip(helloV1, body, true); bad != nil {
					b.Fatal(bad)
				}
			}
		})
		b.Run(fmt.Sprintf("directory/%dKiB", body.size>>10), func(b *testing.B) {
			for b.Loop() {
				z, err := zip.NewReader(body, body.size)
				if err != nil || checkNames(helloV1, z) != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

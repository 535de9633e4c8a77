package modproxy

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modhash"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
)

const hello = "example.com/hello"

var helloV1 = module.Version{Path: hello, Version: "v1.0.0"}

// helloStore has example.com/hello in two versions.
func helloStore(tb testing.TB) *faultproxy.Store {
	tb.Helper()
	store := faultproxy.NewStore()
	for _, v := range []string{"v1.0.0", "v1.1.0"} {
		if err := store.Add(hello, v, map[string]string{"hello.go": "package hello // " + v + "\n"}); err != nil {
			tb.Fatal(err)
		}
	}
	return store
}

// sums are the go.sum lines of example.com/hello v1.0.0.
func sums(tb testing.TB, store *faultproxy.Store) *gosum.Sums {
	tb.Helper()
	lines, err := store.Sum(hello, "v1.0.0")
	if err != nil {
		tb.Fatal(err)
	}
	s, err := gosum.Parse([]byte(lines))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func tile(t *testing.T, path string) Item {
	t.Helper()
	it, err := Parse("sumdb/sum.golang.org/" + path)
	if err != nil {
		t.Fatal(path, err)
	}
	return it
}

func written(t *testing.T, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestValidate(t *testing.T) {
	store := helloStore(t)
	known := sums(t, store)
	good := string(store.Zip(hello, "v1.0.0"))
	answer := httptest.NewRecorder()
	store.ServeHTTP(answer, httptest.NewRequest("GET", "/example.com/hello/@v/v1.0.0.mod", nil))
	goMod := answer.Body.String()
	unknown := module.Version{Path: "example.com/new", Version: "v1.0.0"}
	for _, tt := range []struct {
		name string
		it   Item
		body string
		want string // "" for good, or the beginning of what go would say
	}{
		{"info", Item{Kind: Info, Mod: helloV1}, `{"Version":"v1.0.0"}`, ""},
		{"another info", Item{Kind: Info, Mod: helloV1}, `{"Version":"v1.1.0"}`, "proxy returned info for version v1.1.0"},
		{"info of a branch", Item{Kind: Info, Mod: module.Version{Path: hello, Version: "main"}}, `{"Version":"v1.1.0"}`, ""},
		{"info without a version", Item{Kind: Info, Mod: module.Version{Path: hello, Version: "main"}}, `{}`, "invalid response"},
		{"info cut short", Item{Kind: Info, Mod: helloV1}, `{"Version":"v1`, "invalid response from proxy \"P\": unexpected end"},
		{"latest", Item{Kind: Latest, Mod: module.Version{Path: hello}}, `{"Version":"v1.0.0"}`, ""},
		{"empty latest", Item{Kind: Latest, Mod: module.Version{Path: hello}}, "", "invalid response"},
		{"list", Item{Kind: List}, "v1.0.0\nv1.1.0\n", ""},
		{"empty list", Item{Kind: List}, "", ""},
		{"portal as list", Item{Kind: List}, "\ufeff\n <!DOCTYPE html>", "invalid response"},
		{"mod", Item{Kind: Mod, Mod: helloV1}, goMod, ""},
		{"another mod", Item{Kind: Mod, Mod: helloV1}, "module example.com/hullo\n", "verifying example.com/hello@v1.0.0/go.mod: checksum mismatch"},
		{"empty mod", Item{Kind: Mod, Mod: helloV1}, "", "verifying"},
		{"unknown mod", Item{Kind: Mod, Mod: unknown}, "module example.com/new\n", ""},
		{"unknown mod with words to come", Item{Kind: Mod, Mod: unknown}, "module example.com/new\nfuture x\n", ""},
		{"unknown mod that is none", Item{Kind: Mod, Mod: unknown}, "module \"\n", "parsing go.mod"},
		{"portal as mod", Item{Kind: Mod, Mod: unknown}, "<html>", "parsing go.mod: missing module line"},
		{"unknown mod without a name", Item{Kind: Mod, Mod: unknown}, "go 1.21\n", ""},
		{"zip", Item{Kind: Zip, Mod: helloV1}, good, ""},
		{"another zip", Item{Kind: Zip, Mod: helloV1}, string(store.Zip(hello, "v1.1.0")), "zip for example.com/hello@v1.0.0 has unexpected file"},
		{"half a zip", Item{Kind: Zip, Mod: helloV1}, good[:len(good)/2], "zip: not a valid zip file"},
		{"empty zip", Item{Kind: Zip, Mod: helloV1}, "", "zip: not a valid zip file"},
		{"changed zip", Item{Kind: Zip, Mod: helloV1}, zipOf(t, "example.com/hello@v1.0.0/other.go", "x"), "verifying example.com/hello@v1.0.0: checksum mismatch"},
		{"lookup", Item{Kind: Lookup, Mod: helloV1}, "7\nexample.com/hello v1.0.0 h1:x\n", ""},
		{"another lookup", Item{Kind: Lookup, Mod: helloV1}, "7\nexample.com/hello v1.1.0 h1:x\n", "malformed record data"},
		{"portal as lookup", Item{Kind: Lookup, Mod: helloV1}, "<html>\n", "malformed record data"},
		{"tile", tile(t, "tile/8/0/x001/234.p/2"), strings.Repeat("\x01", 64), ""},
		{"tile that begins as a page does", tile(t, "tile/8/0/000"), "<" + strings.Repeat("\x01", 256*32-1), ""},
		{"cut tile", tile(t, "tile/8/0/000"), strings.Repeat("\x01", 256*31), "downloaded inconsistent tile"},
		{"empty tile", tile(t, "tile/8/1/000"), "", "downloaded inconsistent tile"},
		{"portal as tile", tile(t, "tile/8/0/000"), "<html>", "downloaded inconsistent tile"},
		{"tile of records", tile(t, "tile/8/data/000"), "example.com/hello v1.0.0 h1:=\n", ""},
		{"portal as tile of records", tile(t, "tile/8/data/000"), "<html>", "downloaded inconsistent tile"},
		{"signed tree", Item{Kind: SumLatest}, "go.sum database tree\n1\nx\n\n\u2014 sum x\n", ""},
		{"portal as signed tree", Item{Kind: SumLatest}, "<html>", "malformed note"},
		{"anything else", Item{Kind: "other"}, "<html>", ""},
	} {
		e := Expect{InSumDB: true, Whole: true, Proxy: "P"}
		switch tt.it.Kind {
		case Zip:
			e.Sums = known.Zip(tt.it.Mod)
		case Mod:
			e.Sums = known.GoMod(tt.it.Mod)
		}
		err := Validate(tt.it, strings.NewReader(tt.body), e)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if (text == "") != (tt.want == "") || !strings.HasPrefix(text, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, text, tt.want)
		}
		if err != nil && strings.Contains(text, "mismatch") != errors.Is(err, classify.Checksum) {
			t.Errorf("%s: %#v", tt.name, err)
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
	err := Validate(Item{Kind: Zip, Mod: helloV1}, bytes.NewReader(buf.Bytes()), Expect{Whole: true})
	if err == nil || !strings.Contains(err.Error(), "too large") {
		t.Error(err)
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
		want, err := dirhash.HashZip(written(t, data), dirhash.DefaultHash)
		if err != nil || got != want {
			t.Errorf("%s, want %s (%v)", got, want, err)
		}
	})
}

// BenchmarkValidateZip is the price of verifying a zip in full, against looking
// at its directory alone.
func BenchmarkValidateZip(b *testing.B) {
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
		body := bytes.NewReader(store.Zip(hello, "v1.0.0"))
		it, whole := Item{Kind: Zip, Mod: helloV1}, Expect{Sums: known.Zip(helloV1), Whole: true}
		b.Run(fmt.Sprintf("full/%dKiB", body.Size()>>10), func(b *testing.B) {
			b.SetBytes(body.Size())
			for b.Loop() {
				if err := Validate(it, body, whole); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("directory/%dKiB", body.Size()>>10), func(b *testing.B) {
			for b.Loop() {
				z, err := zip.NewReader(body, body.Size())
				if err != nil || validateNames(helloV1, z) != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

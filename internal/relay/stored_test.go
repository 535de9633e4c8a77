package relay

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestStoredDamage: the same wrong bytes twice are final, the second time past the
// caches on the way; other ones, and what is no file at all, are not.
func TestStoredDamage(t *testing.T) {
	store := helloStore(t)
	good := string(store.Zip(hello, "v1.0.0"))
	other := string(store.Zip(hello, "v1.1.0"))
	damaged := func(at int) string {
		b := []byte(good)
		b[len(b)/2+at] ^= 0x20
		return string(b)
	}
	for _, tt := range []struct {
		name   string
		bodies []string // one after another; the last one repeats
		asked  string   // the Cache-Control of each request
		ok     bool
	}{
		{"stored", []string{damaged(0)}, `["" "no-cache"]`, false},
		{"another version's", []string{other}, `["" "no-cache"]`, false},
		{"half of it", []string{good[:len(good)/2]}, `["" "no-cache"]`, false},
		{"in a cache on the way", []string{damaged(0), good}, `["" "no-cache"]`, true},
		{"damaged on the way", []string{damaged(0), damaged(-1), damaged(1), good}, `["" "no-cache" "no-cache" "no-cache"]`, true},
		{"a portal", []string{"<html>", "<html>", "<html>", good}, `["" "" "" ""]`, true},
		{"an outage", []string{`{"error": 1}`, `{"error": 1}`, `{"error": 1}`, good}, `["" "" "" ""]`, true},
		{"an outage in a word", []string{"no healthy upstream", "no healthy upstream", good}, `["" "" ""]`, true},
		{"nothing", []string{"", "", good}, `["" "" ""]`, true},
	} {
		var asked []string
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			body := tt.bodies[min(len(asked), len(tt.bodies)-1)]
			asked = append(asked, req.Header.Get("Cache-Control"))
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			w.Write([]byte(body))
		}))
		b := open(t, srv.URL, knowing(sums(t, store)))
		g := b.get(0, helloPath+".zip")
		equal(t, tt.name+": asked", fmt.Sprintf("%q", asked), tt.asked)
		equal(t, tt.name+": the right one", g.body == good, tt.ok)
		if !tt.ok {
			before := len(asked)
			b.get(0, helloPath+".zip")
			equal(t, tt.name+": asked again", len(asked)-before, 1)
			for _, f := range b.relay.Unhealed() {
				equal(t, tt.name+": is known as stored", f.Stored, true)
			}
		}
		srv.Close()
	}
}

// TestZipOfManyFiles: a directory that is out of all proportion is not read. go gets
// the zip as it is, once, and has the word on it.
func TestZipOfManyFiles(t *testing.T) {
	store := helloStore(t)
	bomb := zipOfMany(456_000, hello+"@v1.0.0/a.go")
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, ".zip") {
			asked++
			w.Write(bomb)
			return
		}
		store.ServeHTTP(w, req)
	}))
	defer srv.Close()
	b := open(t, srv.URL, knowing(sums(t, store)))
	equal(t, "before", b.relay.Unread(), false)
	g := b.get(0, helloPath+".zip")
	equal(t, "go has it", g.code == 200 && g.body == string(bomb), true)
	equal(t, "asked", asked, 1)
	equal(t, "unread", b.relay.Unread(), true)
}

// zipOfMany is a zip of n files, all of the same name, without their contents.
func zipOfMany(n int, name string) []byte {
	entry := make([]byte, 46, 46+len(name))
	copy(entry, "PK\x01\x02")
	binary.LittleEndian.PutUint16(entry[28:], uint16(len(name)))
	data := bytes.Repeat(append(entry, name...), n)
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], uint16(n)) // all that archive/zip compares
	binary.LittleEndian.PutUint16(end[10:], uint16(n))
	binary.LittleEndian.PutUint32(end[12:], uint32(len(data)))
	return append(data, end...)
}

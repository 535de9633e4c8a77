package journal

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
)

// recording is a Recorder with some requests, and with a failure if it met one.
func recording(start time.Time, n int, met bool) *Recorder {
	c := &clock{start}
	r := NewRecorder([]string{"mod", "download"}, "", c.now)
	for i := range n {
		r.AddRequest(start.Add(time.Duration(i)*time.Second), Request{
			Took: 500 * time.Millisecond, Upstream: "a.example", File: "mod", Reason: Asked, Attempt: 1, Status: 200, Bytes: 10,
		})
	}
	if met {
		r.Add(Event{Outcome: Healed, Class: classify.Reset})
	}
	return r
}

func requestFiles(t *testing.T, s Store) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, requestsDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestTotals(t *testing.T) {
	var r requests
	if r.sum() != nil {
		t.Error("nothing was asked, and there is a sum")
	}
	second := time.Second
	for _, q := range []Request{
		{Start: 2 * second, Wait: second, Bytes: 5},
		{Start: 3 * second, Wait: 2 * second, Class: classify.Reset}, // half of it beside the first
		{Start: 9 * second, Wait: second, Class: classify.NotFound, Status: 404},
		{Start: 9 * second},
	} {
		r.add(q)
	}
	if got, want := *r.sum(), (Totals{Count: 4, Failed: 1, Bytes: 5, Waited: 3 * second}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestRequestsAreBounded(t *testing.T) {
	r := recording(noon, maxRequests+7, false)
	if n := len(r.Requests()); n != maxRequests {
		t.Errorf("%d are kept", n)
	}
	got := *r.Invocation(0).Requests
	if got.Count != maxRequests+7 || got.NotKept != 7 || got.Bytes != 10*(maxRequests+7) {
		t.Errorf("%+v", got)
	}
}

func TestRequestsAreSorted(t *testing.T) {
	r := recording(noon, 0, false)
	for _, s := range []int{3, 1, 2} {
		r.AddRequest(noon.Add(time.Duration(s)*time.Second), Request{})
	}
	if list := r.Requests(); list[0].Start != time.Second || list[2].Start != 3*time.Second {
		t.Errorf("%+v", list)
	}
	var none *Recorder
	if none.AddRequest(noon, Request{}); none.Requests() != nil {
		t.Error("the nil Recorder keeps something")
	}
}

func TestRequestsOnDisk(t *testing.T) {
	s := NewStore(t.TempDir())
	r := recording(noon, 3, true)
	if err := r.Flush(s, Failures, 0); err != nil {
		t.Fatal(err)
	}
	inv, err := s.Last()
	if err != nil || inv.Requests == nil || inv.Requests.Count != 3 {
		t.Fatalf("%+v, %v", inv, err)
	}
	if got := s.Requests(inv); !reflect.DeepEqual(got, r.Requests()) {
		t.Errorf("got  %+v\nwant %+v", got, r.Requests())
	}
	files := requestFiles(t, s)
	if len(files) != 1 {
		t.Fatal(files)
	}
	for name, mode := range map[string]os.FileMode{filepath.Dir(files[0]): 0o700, files[0]: 0o600} {
		if fi, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && fi.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v; it is the user's own", name, fi.Mode(), err)
		}
	}
}

// TestNothingFailedNothingWritten: the requests follow the journal's level.
func TestNothingFailedNothingWritten(t *testing.T) {
	for _, tt := range []struct {
		level     Level
		met       bool
		n         int
		files, id bool
	}{
		{Failures, false, 3, false, false},
		{Failures, true, 3, true, true},
		{Failures, true, 0, false, false},
		{All, false, 3, true, true},
		{Off, true, 3, false, false},
	} {
		s := NewStore(t.TempDir())
		if err := recording(noon, tt.n, tt.met).Flush(s, tt.level, 0); err != nil {
			t.Fatal(err)
		}
		id := false
		for inv := range s.All() {
			id = id || inv.ID != ""
		}
		if files := requestFiles(t, s); (len(files) > 0) != tt.files || id != tt.id {
			t.Errorf("%+v: files %v, id %v", tt, files, id)
		}
	}
}

// TestDamagedRequests: what cannot be read in full is not there.
func TestDamagedRequests(t *testing.T) {
	s := NewStore(t.TempDir())
	if err := recording(noon, 500, true).Flush(s, Failures, 0); err != nil {
		t.Fatal(err)
	}
	inv, _ := s.Last()
	name := s.requestsPath(inv.ID)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 0xff
	for what, data := range map[string][]byte{
		"cut": whole[:len(whole)/2], "flipped": flipped, "empty": {}, "text": []byte("hello"),
		"not JSON": zipped("{}\nhello\n"), "a line without end": zipped(strings.Repeat("x", maxLine+1)),
		"too many": zipped(strings.Repeat("{}\n", maxRequests+1)),
	} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if list := s.Requests(inv); list != nil {
			t.Errorf("%s: %d requests", what, len(list))
		}
	}
	_ = os.Remove(name)
	if list := s.Requests(inv); list != nil {
		t.Error("from a file that is not there")
	}
}

func zipped(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.Bytes()
}

// TestNewestRequestsAreKept: a bounded number of files, and no remains.
func TestNewestRequestsAreKept(t *testing.T) {
	s := NewStore(t.TempDir())
	for i := range maxRequestFile + 5 {
		if err := recording(noon.Add(time.Duration(i)*time.Minute), 1, true).Flush(s, Failures, 0); err != nil {
			t.Fatal(err)
		}
	}
	old := filepath.Join(s.dir, requestsDir, "1234.tmp")
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(old, noon, noon); err != nil {
		t.Fatal(err)
	}
	if err := recording(noon.Add(time.Hour), 1, true).Flush(s, Failures, 0); err != nil {
		t.Fatal(err)
	}
	if files := requestFiles(t, s); len(files) != maxRequestFile {
		t.Errorf("%d files: %v", len(files), files)
	}
	var has []bool
	for inv := range s.All() {
		has = append(has, s.Requests(inv) != nil)
	}
	if n := len(has); has[0] || !has[n-1] || !has[n-maxRequestFile] {
		t.Errorf("not the newest: %v", has)
	}
}

// TestRequestsGoWithTheirInvocation: no file outlives the journal's line.
func TestRequestsGoWithTheirInvocation(t *testing.T) {
	s := Store{dir: t.TempDir(), maxFile: 400} // two lines a file, or so
	for i := range 12 {
		if err := recording(noon.Add(time.Duration(i)*time.Minute), 1, true).Flush(s, Failures, 0); err != nil {
			t.Fatal(err)
		}
	}
	known := make(map[string]bool)
	for inv := range s.All() {
		known[s.requestsPath(inv.ID)] = true
	}
	files := requestFiles(t, s)
	if len(known) == 12 || len(files) == 0 {
		t.Fatalf("%d invocations, %d files", len(known), len(files))
	}
	for _, file := range files {
		if !known[file] {
			t.Errorf("%s belongs to no invocation", filepath.Base(file))
		}
	}
}

func TestIDs(t *testing.T) {
	id := newID(noon, 42)
	if id != "20260314t120000.000000000z-42" || !isID(id) {
		t.Error(id)
	}
	for _, bad := range []string{"", ".", "..", "../journal", "a/b", `a\b`, "A", "a b"} {
		if isID(bad) {
			t.Errorf("%q may name a file", bad)
		}
	}
	if got := NewStore(t.TempDir()).Requests(Invocation{ID: "../x"}); got != nil {
		t.Error(got)
	}
}

// TestRequestsKeepNoCredentials: a host comes without userinfo.
func TestRequestsKeepNoCredentials(t *testing.T) {
	s := NewStore(t.TempDir())
	r := recording(noon, 0, true)
	r.AddRequest(noon, Request{Upstream: "alice:hunter2@a.example", Module: "example.com/m", File: "zip"})
	if err := r.Flush(s, Failures, 0); err != nil {
		t.Fatal(err)
	}
	inv, _ := s.Last()
	text := fmt.Sprintf("%+v", s.Requests(inv))
	if strings.Contains(text, "alice") || strings.Contains(text, "hunter2") || !strings.Contains(text, "a.example") {
		t.Error(text)
	}
}

package main

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestMirror(t *testing.T) {
	asked := map[string]int{}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		if strings.HasSuffix(r.URL.Path, "/none.info") {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte("content of " + r.URL.Path))
	}))
	defer upstream.Close()
	base, err := url.Parse(upstream.URL + "/base/")
	if err != nil {
		t.Fatal(err)
	}
	m := &mirror{dir: t.TempDir(), upstream: base, client: upstream.Client()}
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		m.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	for range 2 {
		w := get("/example.com/m/@v/v1.0.0.zip")
		if w.Body.String() != "content of /base/example.com/m/@v/v1.0.0.zip" || w.Header().Get("Etag") == "" {
			t.Errorf("%d %q", w.Code, w.Body)
		}
		if w := get("/example.com/m/@v/none.info"); w.Code != http.StatusNotFound {
			t.Errorf("missing: %d", w.Code)
		}
		get("/sumdb/x/latest")
	}
	if w := get("/../outside"); w.Code != http.StatusNotFound {
		t.Errorf("outside: %d", w.Code)
	}
	if asked["/base/example.com/m/@v/v1.0.0.zip"] != 1 || asked["/base/example.com/m/@v/none.info"] != 1 || asked["/base/sumdb/x/latest"] != 2 {
		t.Error(asked)
	}
}

func TestTable(t *testing.T) {
	var table table
	table.add("a", "long name")
	table.add(1, 2*time.Second)
	var b strings.Builder
	table.print(&b)
	want := "| a | long name |\n|---|-----------|\n| 1 | 2s        |\n"
	if b.String() != want {
		t.Errorf("\n%s\nwant\n%s", b.String(), want)
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		list []time.Duration
		want time.Duration
	}{{nil, 0}, {[]time.Duration{3}, 3}, {[]time.Duration{9, 1, 5}, 5}, {[]time.Duration{8, 2, 4, 6}, 5}} {
		if got := median(test.list); got != test.want {
			t.Errorf("%v: %v, want %v", test.list, got, test.want)
		}
	}
}

func TestSpread(t *testing.T) {
	list := []time.Duration{4, 1, 3, 5, 2}
	if a, b := quantile(list, 1, 4), quantile(list, 3, 4); a != 2 || b != 4 {
		t.Errorf("the middle half is %d to %d", a, b)
	}
	if got := ratios([]time.Duration{2, 9}, []time.Duration{4, 6}); got != "0.50 … 1.50" {
		t.Error(got)
	}
	if quantile(nil, 1, 4) != 0 {
		t.Error("of nothing")
	}
}

func TestDropped(t *testing.T) {
	for name, want := range map[string]bool{
		"GOPROXY": true, "GOSTEADY_HEDGE": true, "https_proxy": true, "CI": true,
		"GOCACHE": false, "GOROOT": false, "PATH": false, "HOME": false,
	} {
		if dropped(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestPeak(t *testing.T) {
	if peakOf(os.Getpid()) == 0 && runtime.GOOS == "linux" {
		t.Error("nothing is known of this process")
	}
	if got := peakOf(-1); got != 0 {
		t.Errorf("no process takes %d bytes", got)
	}
	watchPeak(os.Getpid())() // ends
}

func TestBlackHole(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems may refuse where a queue is full")
	}
	url, err := blackHole()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(url, "http://"), 100*time.Millisecond)
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("dialled: %v, %v", conn, err)
	}
}

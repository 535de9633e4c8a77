package relay

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/mod/module"
)

// TestResumeAnswers: a file that breaks off is put together from whatever a server
// answers to the question for the rest, or had anew, and is never a mixture or a
// piece.
func TestResumeAnswers(t *testing.T) {
	const whole, tag = "module example.com/hello\n//\n", `"whole"`
	const have = len(whole) / 2
	partial := func(w http.ResponseWriter, tag string, from int, body string) {
		w.Header().Set("ETag", tag)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(whole)-1, len(whole)))
		w.WriteHeader(http.StatusPartialContent)
		http.NewResponseController(w).Flush() // so that no length is announced
		io.WriteString(w, body)
	}
	for _, tt := range []struct {
		name   string
		answer func(w http.ResponseWriter) // to the first question for the rest
		want   string                      // the requests, by the first byte that they ask for
	}{
		{"the rest", func(w http.ResponseWriter) { partial(w, tag, have, whole[have:]) }, "0 14"},
		{"the rest of another file", func(w http.ResponseWriter) { partial(w, `"other"`, have, "v9.9.9\n") }, "0 14 0"},
		{"a rest that ends early", func(w http.ResponseWriter) { partial(w, tag, have, whole[have:have+2]) }, "0 14 16"},
		{"a rest that is too long", func(w http.ResponseWriter) { partial(w, tag, have, whole[have:]+"v9.9.9\n") }, "0 14 0"},
		{"the rest of nobody knows what", func(w http.ResponseWriter) {
			partial(w, "", have, "v9.9.9\nv9.9.9\n"[:len(whole)-have])
		}, "0 14 0"},
		{"the beginning", func(w http.ResponseWriter) { partial(w, tag, 0, whole) }, "0 14 0"},
		{"an encoded rest", func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "br")
			partial(w, tag, have, "?")
		}, "0 14 0"},
		{"everything", func(w http.ResponseWriter) { io.WriteString(w, whole) }, "0 14"},
		{"everything, encoded", func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "br")
			io.WriteString(w, "?")
		}, "0 14 0"},
		{"no such range", func(w http.ResponseWriter) { w.WriteHeader(http.StatusRequestedRangeNotSatisfiable) }, "0 14 0"},
		{"a failure", func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }, "0 14 14"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked []string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				from := 0
				fmt.Sscanf(req.Header.Get("Range"), "bytes=%d-", &from)
				asked = append(asked, fmt.Sprint(from))
				switch {
				case len(asked) == 1:
					w.Header().Set("ETag", tag)
					w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
					io.WriteString(w, whole[:have])
				case len(asked) == 2:
					tt.answer(w)
				case from == 0:
					io.WriteString(w, whole)
				default:
					partial(w, tag, from, whole[from:])
				}
			}))
			defer srv.Close()
			b := open(t, srv.URL, requiring(helloV1))
			g := b.get(0, hello+"/@v/v1.0.0.mod")
			equal(t, "go.mod", g.body, whole)
			equal(t, "asked from", strings.Join(asked, " "), tt.want)
		})
	}
}

// TestResumeByDate: a server that knows no tags and does not mind If-Range must say
// again of when the file is.
func TestResumeByDate(t *testing.T) {
	const old, whole = "module example.com/old\n//\n", "module example.com/new\n//\n"
	for _, says := range []string{"", "Mon, 02 Jan 2006 15:04:05 GMT", "Tue, 03 Jan 2006 15:04:05 GMT"} {
		var asked []string
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			asked = append(asked, req.Header.Get("Range"))
			switch {
			case len(asked) == 1:
				w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
				w.Header().Set("Content-Length", fmt.Sprint(len(old)))
				io.WriteString(w, old[:20])
			case req.Header.Get("Range") != "":
				if says != "" {
					w.Header().Set("Last-Modified", says)
				}
				w.Header().Set("Content-Range", fmt.Sprintf("bytes 20-%d/%d", len(whole)-1, len(whole)))
				w.WriteHeader(http.StatusPartialContent)
				io.WriteString(w, whole[20:])
			default:
				io.WriteString(w, whole)
			}
		}))
		b := open(t, srv.URL, requiring(helloV1))
		g := b.get(0, hello+"/@v/v1.0.0.mod")
		if same := says == "Mon, 02 Jan 2006 15:04:05 GMT"; same {
			equal(t, "go.mod", g.body, old[:20]+whole[20:]) // it lies: go.sum and the checksum database tell
		} else {
			equal(t, "go.mod with "+says, g.body, whole)
		}
		srv.Close()
	}
}

// TestResumeWhatIsJudged: what neither go.sum nor the checksum database has a word on
// is fetched from its beginning.
func TestResumeWhatIsJudged(t *testing.T) {
	for _, tt := range []struct {
		file, gosumdb string
		resumed       bool
	}{
		{"v1.0.0.zip", "sum.golang.org", true},
		{"v1.0.0.mod", "sum.golang.org", true},
		{"v1.0.0.mod", "off", false},
		{"v1.0.0.zip", "off", false},
		{"v1.0.0.info", "sum.golang.org", false},
		{"list", "sum.golang.org", false},
	} {
		p := fault(t, helloStore(t), "/"+hello+"/@v/"+tt.file+" first=1 cut")
		b := open(t, p.URL(), func(c *Config) { c.Environ = append(c.Environ, "GOSUMDB="+tt.gosumdb) })
		equal(t, tt.file, b.get(0, hello+"/@v/"+tt.file).code, 200)
		requests := p.Requests()
		equal(t, tt.file+" with GOSUMDB="+tt.gosumdb+" is resumed", requests[len(requests)-1].Header.Get("Range") != "", tt.resumed)
	}
}

// TestEncodedAnswers: what a server compresses for the way, or follows with
// trailers, is what it stands for; broken off, it is fetched from its beginning.
func TestEncodedAnswers(t *testing.T) {
	const whole = "v1.0.0\nv1.1.0\n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, whole)
	z.Close()
	var ranges []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ranges = append(ranges, req.Header.Get("Range"))
		h := w.Header()
		h.Set("ETag", `"packed"`)
		h.Set("Content-Encoding", "gzip")
		h.Set("Trailer", "X-Sum")
		half := packed.Len() / 2
		w.Write(packed.Bytes()[:half])
		http.NewResponseController(w).Flush()
		if len(ranges) == 1 {
			panic(http.ErrAbortHandler)
		}
		w.Write(packed.Bytes()[half:])
		h.Set("X-Sum", "anything")
	}))
	defer srv.Close()
	b := open(t, srv.URL, knowing(sums(t, helloStore(t))))
	equal(t, "list", b.get(0, hello+"/@v/list").body, whole)
	equal(t, "ranges", fmt.Sprintf("%q", ranges), `["" ""]`)
}

// requiring makes versions those of the project, though go.sum does not name them.
func requiring(list ...module.Version) func(*Config) {
	return func(c *Config) { c.Required = list }
}

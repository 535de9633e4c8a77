package modproxy

import (
	"net/http"
	"testing"
)

func TestValidator(t *testing.T) {
	res := func(kv ...string) *http.Response {
		h := http.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Set(kv[i], kv[i+1])
		}
		return &http.Response{Header: h, ContentLength: 100}
	}
	const modified, soon, late = "Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:35 GMT", "Fri, 02 Jan 2026 04:04:05 GMT"
	for _, tt := range []struct {
		res *http.Response
		tag string
	}{
		{res("ETag", `"a"`), `"a"`},
		{res("ETag", `W/"a"`), ""},
		{res("ETag", `"a"`, "Content-Encoding", "gzip"), ""},
		{res("ETag", `"a"`, "Accept-Ranges", "none"), ""},
		{res("Last-Modified", modified, "Date", late), modified},
		{res("Last-Modified", modified, "Date", soon), ""},
		{res(), ""},
	} {
		got := ""
		if v := ValidatorOf(tt.res); v != nil {
			got = v.tag
		}
		if got != tt.tag {
			t.Errorf("%v: %q, want %q", tt.res.Header, got, tt.tag)
		}
	}
	v := Validator{tag: `"a"`, field: "Etag", Total: 100}
	for value, want := range map[string]bool{
		"bytes 40-99/100": true, "bytes 41-99/100": false, "bytes 40-98/100": false,
		"bytes 40-199/200": false, "bytes */100": false, "": false,
	} {
		if _, got := v.Continues(res("Content-Range", value, "ETag", `"a"`), 40); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
	dated := Validator{tag: modified, field: "Last-Modified", Total: -1}
	for _, tt := range []struct {
		v    Validator
		res  *http.Response
		want bool
	}{
		{v, res("ETag", `"b"`), false},
		{v, res("Last-Modified", late), false},
		{v, res("ETag", `"a"`, "Content-Encoding", "gzip"), false},
		{dated, res("ETag", `"b"`, "Last-Modified", modified), true},
		{dated, res("Last-Modified", late), false},
		{dated, res(), false},
	} {
		tt.res.Header.Set("Content-Range", "bytes 40-99/100")
		if total, ok := tt.v.Continues(tt.res, 40); ok != tt.want || ok && total != 100 {
			t.Errorf("%v: %v of %d", tt.res.Header, ok, total)
		}
	}
}

package modproxy

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A Validator is what ties the rest of a body to its beginning: the server must name
// it again with the rest. Not every server minds If-Range, and one that does not
// sends the rest of whatever the file is by now.
type Validator struct {
	tag   string // for If-Range: a strong ETag, or a date that is old enough
	field string // the field that it is from
	Total int64  // of the whole body; -1 if unknown
}

// ValidatorOf returns nil if an answer's body cannot be resumed.
func ValidatorOf(res *http.Response) *Validator {
	h := res.Header
	if Encoded(res) || h.Get("Accept-Ranges") == "none" {
		return nil
	}
	v := &Validator{tag: h.Get("Etag"), field: "Etag", Total: res.ContentLength}
	if strings.HasPrefix(v.tag, `"`) {
		return v
	}
	// A date is a strong validator only if the file had a minute to change
	// since (RFC 9110, 8.8.2.2).
	modified, err1 := http.ParseTime(h.Get("Last-Modified"))
	date, err2 := http.ParseTime(h.Get("Date"))
	if err1 != nil || err2 != nil || date.Sub(modified) < time.Minute {
		return nil
	}
	v.tag, v.field = h.Get("Last-Modified"), "Last-Modified"
	return v
}

// Ask adds the header fields that ask for the rest from an offset on.
func (v *Validator) Ask(h http.Header, from int64) {
	h.Set("Range", fmt.Sprintf("bytes=%d-", from))
	h.Set("If-Range", v.tag)
}

// Continues reports whether a 206 answer is the rest that was asked for, and of how
// many bytes the whole is.
func (v *Validator) Continues(res *http.Response, from int64) (total int64, ok bool) {
	var first, last int64
	n, _ := fmt.Sscanf(res.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total)
	if n != 3 || first != from || last != total-1 || v.Total >= 0 && v.Total != total || Encoded(res) {
		return 0, false
	}
	return total, res.Header.Get(v.field) == v.tag
}

// Encoded reports whether a body is not what it stands for: nobody asked for that
// together with a range.
func Encoded(res *http.Response) bool {
	return res.Uncompressed || res.Header.Get("Content-Encoding") != ""
}

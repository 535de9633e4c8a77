package relay

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// retryAfter reads a Retry-After header, as seconds or as a date. A date is that
// of the server's clock, which need not agree with ours.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if wait, ok := seconds(value); ok {
		return wait
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return max(0, at.Sub(now))
}

// sane passes on what a server asks to wait. More than a day is no wish but a wrong
// clock or a mistake: it is passed over, once.
func sane(wait time.Duration, ignored bool) (time.Duration, bool) {
	if wait > 24*time.Hour && !ignored {
		return 0, true
	}
	return wait, ignored
}

// freshFor is how long caches on the way repeat an answer: max-age less Age.
func freshFor(h http.Header) time.Duration {
	for field := range strings.SplitSeq(h.Get("Cache-Control"), ",") {
		text, ok := strings.CutPrefix(strings.TrimSpace(field), "max-age=")
		if !ok {
			continue
		}
		if maxAge, ok := seconds(text); ok {
			age, _ := seconds(h.Get("Age"))
			return max(0, maxAge-age)
		}
	}
	return 0
}

// longest is what a number of seconds is taken for that is beyond all reason.
const longest = 365 * 24 * time.Hour

// seconds reads a number of seconds, 0 for a negative one.
func seconds(text string) (time.Duration, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return time.Duration(min(max(n, 0), int64(longest/time.Second))) * time.Second, true
}

// A validator is what ties the rest of a body to its beginning: the server must name
// it again with the rest. Not every server minds If-Range, and one that does not
// sends the rest of whatever the file is by now.
type validator struct {
	tag   string // for If-Range: a strong ETag, or a date that is old enough
	field string // the field that it is from
	total int64  // of the whole body; -1 if unknown
}

// validatorOf returns nil if an answer's body cannot be resumed.
func validatorOf(res *http.Response) *validator {
	h := res.Header
	if encoded(res) || h.Get("Accept-Ranges") == "none" {
		return nil
	}
	v := &validator{tag: h.Get("Etag"), field: "Etag", total: res.ContentLength}
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

// ask adds the header fields that ask for the rest from an offset on.
func (v *validator) ask(h http.Header, from int64) {
	h.Set("Range", fmt.Sprintf("bytes=%d-", from))
	h.Set("If-Range", v.tag)
}

// continues reports whether a 206 answer is the rest that was asked for, and of how
// many bytes the whole is.
func (v *validator) continues(res *http.Response, from int64) (total int64, ok bool) {
	var first, last int64
	n, _ := fmt.Sscanf(res.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total)
	if n != 3 || first != from || last != total-1 || v.total >= 0 && v.total != total || encoded(res) {
		return 0, false
	}
	return total, res.Header.Get(v.field) == v.tag
}

// encoded reports whether a body is not what it stands for: nobody asked for that
// together with a range.
func encoded(res *http.Response) bool {
	return res.Uncompressed || res.Header.Get("Content-Encoding") != ""
}

package relay

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// retryAfter reads a Retry-After header, as seconds or as a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		// Beyond an hour the number only has to be too long to wait for.
		return time.Duration(min(max(seconds, 0), 3600)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// freshFor is how long caches on the way repeat an answer: max-age less Age.
func freshFor(h http.Header) time.Duration {
	for field := range strings.SplitSeq(h.Get("Cache-Control"), ",") {
		text, ok := strings.CutPrefix(strings.TrimSpace(field), "max-age=")
		if !ok {
			continue
		}
		if maxAge, err := strconv.Atoi(text); err == nil {
			age, _ := strconv.Atoi(h.Get("Age"))
			return time.Duration(max(0, maxAge-age)) * time.Second
		}
	}
	return 0
}

// A validator is what ties the rest of a body to its beginning.
type validator struct {
	tag   string // for If-Range: a strong ETag, or a date that is old enough
	total int64  // of the whole body; -1 if unknown
}

// validatorOf returns nil if an answer's body cannot be resumed.
func validatorOf(res *http.Response) *validator {
	h := res.Header
	if res.Uncompressed || h.Get("Content-Encoding") != "" || h.Get("Accept-Ranges") == "none" {
		return nil
	}
	v := &validator{tag: h.Get("Etag"), total: res.ContentLength}
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
	v.tag = h.Get("Last-Modified")
	return v
}

// ask adds the header fields that ask for the rest from an offset on.
func (v *validator) ask(h http.Header, from int64) {
	h.Set("Range", fmt.Sprintf("bytes=%d-", from))
	h.Set("If-Range", v.tag)
}

// continues reports whether a 206 answer is the rest that was asked for.
func (v *validator) continues(res *http.Response, from int64) bool {
	var first, last, total int64
	n, _ := fmt.Sscanf(res.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total)
	if n != 3 || first != from || last != total-1 || v.total >= 0 && v.total != total {
		return false
	}
	tag := res.Header.Get("Etag")
	return tag == "" || tag == v.tag || !strings.HasPrefix(v.tag, `"`)
}

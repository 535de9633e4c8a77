package upstream

import (
	"errors"
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

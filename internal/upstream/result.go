package upstream

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/spool"
	"github.com/gosteady/gosteady/policy"
)

// A File is what an upstream has given.
type File struct {
	Type   string      // Content-Type
	Body   *spool.Body // nil: no bytes
	Proven bool        // it was compared with its hash, or has none
	Unread bool        // a zip with more files than are looked at

	others atomic.Int32 // who hold it beside the one who made it
}

// Hold is for one more who may read the body.
func (f *File) Hold() *File {
	if f != nil {
		f.others.Add(1)
	}
	return f
}

// Release is called once by everyone who holds the file, whoever fetched it included.
// The last one gives the body back, so that it is given back once, and never while it is
// read. Nil is no file.
func (f *File) Release() {
	if f != nil && f.others.Add(-1) < 0 {
		f.Body.Close()
	}
}

// An Answer is what an upstream said itself, with another status than 200.
type Answer struct {
	Status int    // 0: it said nothing, or content that was no good
	Reason string // the whole status, "404 Not Found"
	Type   string // Content-Type
	Detail []byte // the beginning of the body: go shows eight lines of it
}

// An Effort is what a fetch took.
type Effort struct {
	Tries  int
	Took   time.Duration // all tries and the waits between them
	Paused time.Duration // of that, the waits
	Ended  time.Time     // the last of them; zero: none was made
}

// Lost is the time that a failure cost. One that was neither tried again nor waited for
// cost none.
func (e Effort) Lost() time.Duration {
	if e.Tries < 2 && e.Paused == 0 {
		return 0
	}
	return e.Took
}

// Over is when the last try ended, now if there was none.
func (e Effort) Over(now time.Time) time.Time {
	if e.Ended.IsZero() {
		return now
	}
	return e.Ended
}

// An Error is why there is no file: errors.As finds the [classify.Failure] in it, and
// what was wrong with a body as a [*modproxy.Invalid]. A 404 or 410 is fs.ErrNotExist, as
// for cmd/go.
type Error struct {
	Failure  classify.Failure
	Decision policy.Decision // about the failure
	From     *Client
	Answer
	Effort

	Text    string            // what go would say of a failure below HTTP
	Invalid *modproxy.Invalid // what is wrong with the file that came; nil: none came
	File    *File             // that file, for whoever takes it as it is; released with the error
	InBody  bool              // the failure came after a header with status 200
	Stored  bool              // the same wrong bytes came before
	Limited bool              // given up for a limit that many requests share
	Early   bool              // given up early, since another upstream may be asked

	cause error // what Text says, without the URL; nil if there is more to it
}

// Error is the failure in one line, as go would say it.
func (e *Error) Error() string {
	switch {
	case e.Text != "":
		return e.Text
	case e.Invalid != nil:
		return e.Invalid.Text
	}
	return e.Reason
}

// Unwrap returns the failure, and what was wrong with the body.
func (e *Error) Unwrap() []error {
	if e.Invalid != nil {
		return []error{e.Failure, e.Invalid}
	}
	return []error{e.Failure}
}

// Is reports whether target is fs.ErrNotExist, and the upstream says that there is no
// such file.
func (e *Error) Is(target error) bool {
	return target == fs.ErrNotExist && (e.Status == http.StatusNotFound || e.Status == http.StatusGone)
}

// Words is what go says of a failure at a URL.
func (e *Error) Words(url string) string {
	if e.Text != "" || e.Invalid != nil {
		return e.Error()
	}
	text := fmt.Sprintf("reading %s: %s", url, e.Reason)
	if detail := e.firstLine(); detail != "" {
		text += " (server response: " + detail + ")"
	}
	return text
}

func (e *Error) firstLine() string {
	if !strings.HasPrefix(e.Type, "text/plain") {
		return ""
	}
	line, _, _ := strings.Cut(string(e.Detail), "\n")
	return strings.ToValidUTF8(OneLine(line[:min(len(line), 200)]), "")
}

// OneLine keeps an upstream's words from becoming lines.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// Refuses reports whether a failure is the server's word on what it was asked for, and
// not a failure of the way or of the server. That is how an organisation keeps the names
// of its modules from the public checksum database: nobody else is asked then.
func (e *Error) Refuses() bool {
	return e.Status >= 400 && limit.SignOf(e.Status) == limit.Answered
}

// Release gives back the file that came, as [File.Release] does. Nil is no error.
func (e *Error) Release() {
	if e != nil {
		e.File.Release()
	}
}

// WithoutFile is the same failure as one below HTTP.
func (e *Error) WithoutFile() *Error {
	return &Error{
		Failure: e.Failure, From: e.From, Text: e.Error(), Limited: e.Limited, Effort: Effort{Tries: e.Tries},
	}
}

// down reports whether the failure says something of the upstream as a whole,
// and not of one file.
func (e *Error) down() bool {
	switch e.Failure.Class {
	case classify.DNS, classify.Connect, classify.Timeout, classify.Reset, classify.HTTP2, classify.Truncated,
		classify.TLSHandshake, classify.TLSVerify, classify.HTTPProxy, classify.ServerError, classify.RateLimited,
		classify.SumDBUnreachable:
		return true
	}
	return false
}

// about is the same failure, met with another item.
func (e *Error) about(it modproxy.Item, c *Client) *Error {
	other := &Error{
		Failure: e.Failure, Decision: e.Decision, From: e.From, Answer: e.Answer,
		Text: e.Text, InBody: e.InBody, Limited: e.Limited, cause: e.cause,
	}
	other.Failure.Module, other.Failure.Version = it.Mod.Path, it.Mod.Version
	if e.cause != nil {
		other.Text = (&url.Error{Op: "Get", URL: c.URL(it).Redacted(), Err: e.cause}).Error()
	}
	return other
}

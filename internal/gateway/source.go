package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/modproxy"
)

// A Source fetches from one server, with all the attempts that make sense. It is safe
// for concurrent use.
type Source interface {
	// Fetch returns what was asked for, whole, and looked at: it may be what it should
	// be. An error is a *StatusError if the server said so itself.
	Fetch(ctx context.Context, it modproxy.Item) (File, error)
}

// A File is a body. It is closed once.
type File interface {
	io.ReaderAt
	io.Closer
	Size() int64
	Type() string // Content-Type; "": the server did not say
}

// Connect makes the source of a proxy, or of a checksum database at its own address, and
// reports whether it sends credentials that are the user's and not in everyone's hands.
type Connect func(base *url.URL, database bool) (s Source, secret bool, err error)

// A StatusError is a server's own answer that is not what was asked for.
type StatusError struct {
	Status int
	Detail []byte // plain text, or nothing
	Cause  error  // what it was to whoever fetched; zero: nothing more
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	if detail := strings.TrimSpace(string(e.Detail)); detail != "" {
		text += ": " + detail
	}
	return text
}

// Unwrap returns the cause.
func (e *StatusError) Unwrap() error { return e.Cause }

// Is makes 404 and 410 what they are for files.
func (e *StatusError) Is(target error) bool { return target == fs.ErrNotExist && e.missing() }

func (e *StatusError) missing() bool {
	return e.Status == http.StatusNotFound || e.Status == http.StatusGone
}

// final reports whether the server is there, and means what it says.
func (e *StatusError) final() bool { return limit.SignOf(e.Status) == limit.Answered }

// identity names an upstream in the store. One that gets credentials of ours is another
// one than at the same address without: what it gives is not for everyone.
func identity(u *url.URL, secret bool) string {
	bare := *u
	bare.User = nil
	name := strings.TrimSuffix(bare.String(), "/")
	if secret {
		name += " with credentials"
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:8])
}

// readAll reads a small file.
func readAll(f File) ([]byte, error) {
	return io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
}

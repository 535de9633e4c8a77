package proxylist

import (
	"errors"
	"io/fs"
)

// Try calls f with the position of each entry from one on, until it succeeds, as cmd/go's
// TryProxies does: after a failure it goes on where "|" follows, or where the failure is
// fs.ErrNotExist. It returns the last failure, fs.ErrNotExist if there was no entry. An
// error made by [Stop] ends it whatever follows.
func Try(list []Proxy, from int, f func(i int) error) error {
	var err error = fs.ErrNotExist
	for i := from; i < len(list); i++ {
		if err = f(i); err == nil {
			return nil
		}
		var end stop
		if errors.As(err, &end) {
			return end.error
		}
		if !list[i].FallBackOnError && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

type stop struct{ error }

func (s stop) Unwrap() error { return s.error }

// Stop makes an error that ends [Try].
func Stop(err error) error { return stop{err} }

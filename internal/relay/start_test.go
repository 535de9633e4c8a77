package relay

import (
	"errors"
	"testing"
)

func TestStartRefuses(t *testing.T) {
	for _, list := range []string{"direct", "off", "file:///x", "http://u:p@proxy.example", "ftp://x", ",", "localhost"} {
		if b, err := tryOpen(t, list); !errors.Is(err, ErrNothingToRelay) {
			t.Errorf("%q: %v %v", list, b, err)
		}
	}
}

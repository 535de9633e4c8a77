package limit

import (
	"testing"
	"time"
)

func TestWait(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	b := Wait{Total: 10 * time.Second}
	for i, tt := range []struct {
		from, to int
		want     bool
	}{{0, 4, true}, {0, 4, true}, {2, 6, true}, {100, 104, true}, {100, 105, false}, {101, 104, true}} {
		if got := b.Spend(at(tt.from), at(tt.to)); got != tt.want {
			t.Errorf("%d: %v", i, got)
		}
	}
}

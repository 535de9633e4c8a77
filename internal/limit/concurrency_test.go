package limit

import (
	"context"
	"testing"
)

// TestConcurrency: how many may ask, after what was answered (+) and refused (-) of a
// crowd as large as may be, (s) as small, and (<) from before it was halved.
func TestConcurrency(t *testing.T) {
	for _, tt := range []struct {
		what  string
		limit int
		free  bool
	}{
		{"", 2, false},
		{"+", 4, false},
		{"+++", 8, false},
		{"-", 2, false},          // before any answer: an outage
		{"+++-", 4, false},       // halved
		{"+++-+++", 4, false},    // not all of it was answered yet
		{"+++-++++", 5, false},   // one more
		{"+++--", 2, false},      // halved again
		{"+++--ssss", 2, false},  // it may not have seen them leave
		{"+++--++", 3, false},    // two of two were answered, and one more is tried
		{"+++--++-++", 3, false}, // which was too many
		{"+++--++++s", 3, false},
		{"+++--++++ss", 3, true}, // so few: it is not the size
		{"+++--++++ss-------", 3, true},
		{"+++--++++ss--------", 2, false}, // it is
		{"+++-<<", 4, false},              // from before it was halved
	} {
		c := NewConcurrency(0)
		c.least, c.limit = 2, 2
		for i := 0; i < len(tt.what); i++ {
			switch tt.what[i] {
			case '+':
				c.answered(window{size: c.limit, halvings: c.halvings})
			case '-':
				c.refused(window{size: c.limit, halvings: c.halvings}, Result{Cut: true})
			case 's':
				c.refused(window{size: c.least, halvings: c.halvings}, Result{Cut: true})
			case '<':
				c.refused(window{size: c.limit, halvings: c.halvings - 1}, Result{Cut: true})
			}
		}
		if c.limit != tt.limit || c.free != tt.free {
			t.Errorf("%q: %d, free %v, want %d, %v", tt.what, c.limit, c.free, tt.limit, tt.free)
		}
	}
}

func TestConcurrencyWaits(t *testing.T) {
	c := NewConcurrency(0)
	c.least, c.limit = 2, 2
	var first func(Result) bool
	for range 2 {
		var err error
		if first, err = c.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Acquire(ctx); err == nil {
		t.Error("a third one came in")
	}
	in := make(chan error)
	go func() {
		_, err := c.Acquire(t.Context())
		in <- err
	}()
	first(Result{})
	if err := <-in; err != nil || c.open != 2 {
		t.Errorf("%v, %d under way", err, c.open)
	}
}

// TestRestart: how many may ask after an outage.
func TestRestart(t *testing.T) {
	for _, tt := range []struct {
		was  Was
		want []int // after each answer
	}{
		{FalseAlarm, []int{34, 36}},
		{Real, []int{3, 4}},
		{TooMuch, []int{2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3}},
	} {
		c := NewConcurrency(0)
		c.least, c.limit = 2, 32
		c.Restart(tt.was)
		for i, want := range tt.want {
			if c.answered(window{halvings: c.halvings}); c.limit != want {
				t.Errorf("%v, after %d answers: %d, want %d", tt.was, i+1, c.limit, want)
			}
		}
	}
}

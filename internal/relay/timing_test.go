package relay

import (
	"fmt"
	"testing"
	"time"
)

func TestFirstByte(t *testing.T) {
	const most = 10 * time.Minute
	for name, tt := range map[string]struct {
		haste haste
		want  time.Duration
	}{
		"nobody else":                    {haste{answers: true}, most},
		"nobody else, once caught":       {haste{caught: true}, most},
		"nobody else, down":              {haste{caught: true, open: true}, openFirstByte},
		"somebody else":                  {haste{quick: true, answers: true}, pipeFirstByte},
		"somebody else, once caught":     {haste{quick: true, caught: true, open: true}, caughtFirstByte},
		"a second run":                   {haste{patient: true, quick: true, caught: true, open: true, answers: true}, patientFirstByte},
		"a second run, and it is silent": {haste{patient: true, quick: true, caught: true}, silentFirstByte},
	} {
		equal(t, name, tt.haste.firstByte(most), tt.want)
		equal(t, name+": the policy's", tt.haste.firstByte(time.Second), time.Second)
	}
}

func TestLongerStall(t *testing.T) {
	for stalls, want := range []time.Duration{30 * time.Second, 2 * time.Minute, 8 * time.Minute, 10 * time.Minute, 10 * time.Minute} {
		equal(t, "pause", longerStall(30*time.Second, stalls, 10*time.Minute), want)
	}
	equal(t, "longer than any first byte", longerStall(time.Hour, 2, time.Minute), time.Hour)
}

func TestStallsInOnePlace(t *testing.T) {
	q := question{body: &spool{}}
	for i, stall := range []struct {
		at   int64
		want int
	}{{0, 0}, {0, 1}, {100, 1}, {100, 2}, {50, 2}} {
		q.body.size = stall.at
		q.noteStall()
		equal(t, fmt.Sprint("after ", i), q.stalls, stall.want)
	}
}

package upstream

import (
	"fmt"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/spool"
)

func TestFirstByte(t *testing.T) {
	const most = 10 * time.Minute
	for name, tt := range map[string]struct {
		of   deadlineCase
		want time.Duration
	}{
		"nobody else":                    {deadlineCase{served: true}, most},
		"nobody else, it has failed":     {deadlineCase{failed: true}, most},
		"nobody else, down":              {deadlineCase{failed: true, open: true}, openFirstByte},
		"somebody else":                  {deadlineCase{other: true, served: true}, pipeFirstByte},
		"somebody else, it has failed":   {deadlineCase{other: true, failed: true, open: true}, failedFirstByte},
		"a second run":                   {deadlineCase{patient: true, other: true, failed: true, open: true, served: true}, patientFirstByte},
		"a second run, and it is silent": {deadlineCase{patient: true, other: true, failed: true}, silentFirstByte},
	} {
		equal(t, name, tt.of.firstByte(most), tt.want)
		equal(t, name+": the policy's", tt.of.firstByte(time.Second), time.Second)
	}
}

func TestLongerStall(t *testing.T) {
	for stalls, want := range []time.Duration{30 * time.Second, 2 * time.Minute, 8 * time.Minute, 10 * time.Minute, 10 * time.Minute} {
		equal(t, "pause", longerStall(30*time.Second, stalls, 10*time.Minute), want)
	}
	equal(t, "longer than any first byte", longerStall(time.Hour, 2, time.Minute), time.Hour)
}

func TestStallsInOnePlace(t *testing.T) {
	var pool spool.Pool
	f := fetch{transfer: transfer{body: pool.New()}}
	defer f.body.Close()
	for i, stall := range []struct {
		at   int64
		want int
	}{{0, 0}, {0, 1}, {100, 1}, {100, 2}, {50, 2}} {
		f.body.Reset()
		f.body.Write(make([]byte, stall.at))
		f.noteStall()
		equal(t, fmt.Sprint("after ", i), f.stalls, stall.want)
	}
}

package shim

import (
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/relay"
)

func TestMeter(t *testing.T) {
	start := time.Unix(1700000000, 0)
	const mib = 1 << 20
	steps := []struct {
		after time.Duration
		p     relay.Progress
		want  string
	}{
		{0, relay.Progress{}, ""},
		{time.Second, relay.Progress{Total: 4}, ""},
		{2 * time.Second, relay.Progress{Total: 4, Bytes: mib}, ""}, // it begins
		{4 * time.Second, relay.Progress{Total: 4, Bytes: 2 * mib, Done: 1}, ""},
		{5 * time.Second, relay.Progress{Total: 4, Bytes: 5 * mib, Done: 1}, "gosteady: 1/4 modules, 5.0 MiB, 1.0 MiB/s"},
		{6 * time.Second, relay.Progress{Bytes: 7 * mib, Done: 2}, "gosteady: 2 modules, 7.0 MiB, 1.4 MiB/s"},
		{20 * time.Second, relay.Progress{Total: 4, Bytes: 7 * mib, Done: 2, Waiting: "m@v1 (http2)"},
			"gosteady: 2/4 modules, 7.0 MiB, retrying m@v1 (http2)"},
		{30 * time.Second, relay.Progress{Total: 4, Bytes: 7 * mib, Done: 3}, "gosteady: 3/4 modules, 7.0 MiB"},
		{40 * time.Second, relay.Progress{Total: 4, Bytes: 7 * mib, Done: 4}, ""},
	}
	var m meter
	for _, step := range steps {
		if got := m.line(step.p, start.Add(step.after)); got != step.want {
			t.Errorf("after %v: %q, want %q", step.after, got, step.want)
		}
	}
}

func TestSummary(t *testing.T) {
	long := relay.Progress{Done: 12, Bytes: 3 << 20, Took: 34 * time.Second}
	if got, want := summary(long), "downloaded 12 modules, 3.0 MiB in 34s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, p := range []relay.Progress{{}, {Done: 12, Took: 9 * time.Second}, {Took: time.Minute}} {
		if got := summary(p); got != "" {
			t.Errorf("%+v: %q", p, got)
		}
	}
}

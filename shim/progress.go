package shim

import (
	"fmt"
	"runtime"
	"time"

	"golang.org/x/term"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/shim/front"
	"github.com/gosteady/gosteady/shim/stdio"
)

// Progress is the status line of a terminal, for downloads that take long. Pipes and CI
// logs get none; a CI log gets one line at the end of a long download.

const (
	progressAfter = 3 * time.Second // a shorter download needs no progress
	rateWindow    = 5 * time.Second
	summaryAfter  = 10 * time.Second
)

// drawsProgress reports whether a status line can be drawn: on a terminal that can draw
// over a line, that the child does not write to without us, and that git asks no
// password on.
func (s *session) drawsProgress() bool {
	getenv := s.plan.Getenv
	switch {
	case s.ci || s.relay == nil || s.print.Quiet || s.print.Debug || s.plan.Route == front.Pass || !term.IsTerminal(int(s.std[2].Fd())):
		return false
	case getenv("TERM") == "dumb" || getenv("TERM") == "" && runtime.GOOS != "windows" || !console.Draws(s.std[2]) || getenv("GIT_TERMINAL_PROMPT") == "1":
		return false
	}
	return !term.IsTerminal(int(s.std[1].Fd())) || stdio.SameOpenFile(s.std[1], s.std[2])
}

// watchProgress draws what the relay is doing until stop is called.
func (s *session) watchProgress() (stop func()) {
	var m meter
	return s.print.Status().Follow(func(now time.Time) string { return m.line(s.relay.Progress(), now) })
}

// A meter turns what the relay has done into a line for people.
type meter struct {
	samples []sample // the oldest first, of the last rateWindow
	began   time.Time
}

type sample struct {
	at    time.Time
	bytes int64
}

// line returns the present status, "" for none: before a download has taken
// long, and while nothing is downloaded.
func (m *meter) line(p relay.Progress, now time.Time) string {
	if m.began.IsZero() && (p.Bytes > 0 || p.Waiting != "") {
		m.began = now
	}
	m.samples = append(m.samples, sample{now, p.Bytes})
	for len(m.samples) > 2 && now.Sub(m.samples[1].at) >= rateWindow {
		m.samples = m.samples[1:]
	}
	if m.began.IsZero() || now.Sub(m.began) < progressAfter {
		return ""
	}
	oldest := m.samples[0]
	if p.Bytes == oldest.bytes && p.Waiting == "" && p.Done >= p.Total {
		return "" // go is at its own work
	}
	line := console.Prefix + modules(p) + ", " + mebibytes(p.Bytes)
	if elapsed := now.Sub(oldest.at).Seconds(); p.Bytes > oldest.bytes {
		line += ", " + mebibytes(int64(float64(p.Bytes-oldest.bytes)/elapsed)) + "/s"
	}
	if p.Waiting != "" {
		line += ", retrying " + mask.Line(p.Waiting)
	}
	return line
}

func modules(p relay.Progress) string {
	if p.Total >= p.Done && p.Total > 0 {
		return fmt.Sprintf("%d/%d modules", p.Done, p.Total)
	}
	return fmt.Sprintf("%d modules", p.Done)
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// summarize says in a CI log what a long download through the relay was.
func (s *session) summarize() {
	if !s.ci || s.print.Quiet {
		return
	}
	if line := summary(s.relay.Progress()); line != "" {
		s.print.Line(line)
	}
}

func summary(p relay.Progress) string {
	if p.Took < summaryAfter || p.Done == 0 {
		return ""
	}
	return fmt.Sprintf("downloaded %d modules, %s in %.0fs", p.Done, mebibytes(p.Bytes), p.Took.Seconds())
}

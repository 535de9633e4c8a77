package upstream

import (
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
)

// deadlines are what one request is allowed.
type deadlines struct {
	firstByte time.Duration // to the header of the answer
	stall     time.Duration // without a byte of the body
	hedge     time.Duration // until the request is started once more; 0: never
	slow      bool          // give up on a body that merely drips
	small     bool          // the body is that of a small file
	most      time.Duration // for all of a small file
}

const (
	// Where "|" follows, go would rather ask the next proxy than wait.
	pipeFirstByte   = 15 * time.Second
	failedFirstByte = 2 * time.Second
	// patientFirstByte is for a second run, after the first one has found that
	// nobody else has it: long enough for a proxy that fetches on demand.
	patientFirstByte = 3 * time.Minute
	// silentFirstByte is the same for one that has given nothing yet, and may be dead.
	silentFirstByte = time.Minute
	// openFirstByte is for an upstream that counts as down.
	openFirstByte = 30 * time.Second
)

// A deadlineCase is all that decides how long the first byte is waited for.
type deadlineCase struct {
	patient bool // a second run: nobody else has it
	served  bool // the upstream has given a file
	other   bool // somebody else can be asked
	failed  bool // the last fetch from the upstream ended in a failure
	open    bool // the upstream's breaker is open
}

// firstByte returns how long that is, most at the longest. It is pure.
func (d deadlineCase) firstByte(most time.Duration) time.Duration {
	switch {
	case d.patient && d.served:
		return min(most, patientFirstByte)
	case d.patient:
		return min(most, silentFirstByte)
	case d.other && d.failed:
		return min(most, failedFirstByte)
	case d.other:
		return min(most, pipeFirstByte)
	case d.failed && d.open:
		return min(most, openFirstByte)
	}
	return most
}

// longerStall is how long a body may pause that has paused in one place again, so
// many times: four times as long each time, up to most. A proxy that packs what it
// sends does so, and go itself would wait for ever.
func longerStall(stall time.Duration, stalls int, most time.Duration) time.Duration {
	for range stalls {
		stall = max(stall, min(4*stall, most))
	}
	return stall
}

// deadlines are those of the next attempt.
func (f *fetch) deadlines() deadlines {
	p, c := f.group.config.Policy, f.client
	of := deadlineCase{
		patient: f.req.Patient, served: c.stats.get().served,
		other:  f.req.Pipe || f.mayRotate(),
		failed: c.breaker.failed(), open: c.breaker.open(),
	}
	d := deadlines{
		firstByte: of.firstByte(p.Timeouts.FirstByte), stall: p.Timeouts.Stall, slow: f.req.Pipe && !of.patient,
		small: f.req.Item.Kind != modproxy.Zip, most: p.Timeouts.FirstByte,
	}
	if !of.other {
		d.stall = longerStall(d.stall, f.stalls, p.Timeouts.FirstByte)
	}
	if p.Hedge != 0 {
		d.hedge = c.stats.get().hedgeAfter(p.Hedge)
	}
	return d
}

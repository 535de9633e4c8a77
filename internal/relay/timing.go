package relay

import "time"

// timing is what one request is allowed.
type timing struct {
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
	caughtFirstByte = 2 * time.Second
	// patientFirstByte is for a second run, after the first one has found that
	// nobody else has it: long enough for a proxy that fetches on demand.
	patientFirstByte = 3 * time.Minute
	// silentFirstByte is the same for one that has given nothing yet, and may be dead.
	silentFirstByte = time.Minute
	// openFirstByte is for an upstream that counts as down.
	openFirstByte = 30 * time.Second
)

// A haste is all that decides how long the first byte is waited for.
type haste struct {
	patient bool // a second run: nobody else has it
	answers bool // the upstream has given a file
	quick   bool // somebody else can be asked
	caught  bool // the last question to the upstream ended in a failure
	open    bool // the upstream's breaker is open
}

// firstByte returns how long that is, most at the longest. It is pure.
func (h haste) firstByte(most time.Duration) time.Duration {
	switch {
	case h.patient && h.answers:
		return min(most, patientFirstByte)
	case h.patient:
		return min(most, silentFirstByte)
	case h.quick && h.caught:
		return min(most, caughtFirstByte)
	case h.quick:
		return min(most, pipeFirstByte)
	case h.caught && h.open:
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

// timing is what the next attempt is allowed.
func (q *question) timing() timing {
	p, up := q.r.config.Policy, q.up
	patient := q.r.said.patiently.Load()
	h := haste{
		patient: patient, answers: up.conduct.answers(),
		quick:  q.place.pipe || q.mayLeave(),
		caught: up.breaker.caught(), open: up.breaker.open(),
	}
	limit := timing{firstByte: h.firstByte(p.Timeouts.FirstByte), stall: p.Timeouts.Stall, slow: q.place.pipe && !patient}
	limit.small, limit.most = q.it.kind != kindZip, p.Timeouts.FirstByte
	if !h.quick {
		limit.stall = longerStall(limit.stall, q.stalls, p.Timeouts.FirstByte)
	}
	if p.Hedge != 0 {
		limit.hedge = up.conduct.hedgeAfter(p.Hedge)
	}
	return limit
}

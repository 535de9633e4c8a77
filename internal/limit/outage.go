package limit

import (
	"context"
	"slices"
	"sync"
	"time"
)

// remembered is how long the last failure of an outage that was given up answers for
// what comes then.
const remembered = time.Second

// An Outage is the state of an upstream that everybody depends on. While it is up, all
// requests pass. When it is down, one at a time finds out whether it is back, on a
// schedule, and all others wait for that. The first success lets them go.
type Outage struct {
	Clock Clock

	// Vote says how long to wait for the next probe, and whether there is one.
	Vote func(Spell) (wait time.Duration, again bool)
	// Check asks for a small file that the upstream has served. It reports whether
	// there is one; then the probes ask for that. Else they are requests that wait.
	Check func(context.Context) (r Result, known bool)
	// Tell is called before a wait for a probe.
	Tell func(s Spell, wait time.Duration)
	// Back is called when the upstream is up again.
	Back func(s Spell, was Was)

	mu     sync.Mutex
	alarm  alarm
	spells int // counts the spells; a failure of an earlier one says nothing
	down   *spell
}

// A Spell is a time during which an upstream is down.
type Spell struct {
	Since  time.Time
	Probes int    // that failed; the request that found it is the first
	First  Result // that request's
	Last   Result
}

type spell struct {
	Spell
	next    time.Time // when it is probed
	doubt   doubt
	over    bool      // it was given up
	asked   time.Time // the last probe's end
	probing bool      // somebody probes, or is about to
	second  bool      // the lead's probe has failed, and another request's is next
	queue   []*waiter
}

// Was is what an outage turned out to be.
type Was int

const (
	FalseAlarm Was = iota // some files fail, and others do not
	Real
	TooMuch // the server asked for fewer requests of every kind
)

// A doubt is whether the failures that took an upstream down were everybody's. What it
// has served before, and serves again at once, says that they were not.
type doubt int

const (
	unasked   doubt = iota // nothing can be asked for that it has served
	open                   // that is asked for next
	dispelled              // it was refused
)

// Down is the error of those who are not let through, since the upstream was given up.
type Down struct{ Last error }

func (d *Down) Error() string { return "upstream is down: " + d.Last.Error() }
func (d *Down) Unwrap() error { return d.Last }

// acquire waits until the upstream may be asked for a file, and tells whether the request
// is a probe. release must be called with what the request's header said, or its failure.
func (o *Outage) acquire(ctx context.Context, who File) (release func(Result), probes bool, err error) {
	var w *waiter
	var of *spell // that w waited for the end of
	for {
		o.mu.Lock()
		d := o.down
		switch {
		case d == nil:
			defer o.mu.Unlock()
			return o.noting(), false, nil
		case w != nil && w.elected && of == d, !d.probing && (!d.over || o.Clock.Now().Sub(d.asked) >= remembered):
			d.probing = true
			o.mu.Unlock()
			if release, err = o.probe(ctx, d, who); release != nil || err != nil {
				return release, true, err
			}
			w = nil
			continue
		case d.over && !d.probing:
			defer o.mu.Unlock()
			return nil, false, &Down{Last: d.Last.Err}
		}
		w, of = &waiter{who: who, turn: make(chan struct{})}, d
		d.queue = append(d.queue, w)
		o.mu.Unlock()
		select {
		case <-w.turn:
		case <-ctx.Done():
			o.leave(d, w)
			return nil, false, ctx.Err()
		}
	}
}

// Pass is for a request that does not wait: somebody else can be asked.
func (o *Outage) Pass() (release func(Result)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.noting()
}

// IsDown reports whether all wait.
func (o *Outage) IsDown() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.down != nil
}

// Last is the last failure of an upstream that is down; nil if it is not.
func (o *Outage) Last() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down == nil {
		return nil
	}
	return o.down.Last.Err
}

// noting is what notes a request's result; the lock is held.
func (o *Outage) noting() func(Result) {
	spells, down := o.spells, o.down
	return func(r Result) { o.note(spells, down, r) }
}

// note takes the result of a request into account that was no probe. What began before
// the upstream went down says nothing.
func (o *Outage) note(spells int, down *spell, r Result) {
	o.mu.Lock()
	if o.alarm.modules == nil {
		o.alarm = newAlarm()
	}
	if spells != o.spells || o.down != down {
		o.mu.Unlock()
		return
	}
	if down != nil {
		o.mu.Unlock()
		if r.Sign == Answered {
			o.lift(down)
		}
		return
	}
	rings := o.alarm.rings(r)
	o.mu.Unlock()
	if rings {
		o.begin(spells, r)
	}
}

// begin takes the upstream down, unless nobody would wait for it.
func (o *Outage) begin(spells int, r Result) {
	now := o.Clock.Now()
	d := &spell{Spell: Spell{Since: now, Probes: 1, First: r, Last: r}, asked: now}
	wait, again := o.Vote(d.Spell)
	if !again {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down != nil || o.spells != spells {
		return
	}
	d.next = now.Add(wait)
	if o.alarm.doubts(r) {
		d.doubt = open
	}
	o.down = d
}

// probe finds out whether the upstream is back, when it is time. Where a request has to
// be the probe, it returns what the result of that must be told.
func (o *Outage) probe(ctx context.Context, d *spell, who File) (release func(Result), err error) {
	if o.isOpen(d) {
		r, known := o.check(ctx)
		if known && r.Sign == Answered && d.First.relief() {
			r, known = o.check(ctx) // one may have come through by chance
		}
		if known {
			o.answer(d, r)
			return nil, ctx.Err()
		}
		o.setDoubt(d, unasked)
	}
	if d.second && who.Module == d.First.Module { // nobody else is left
		o.schedule(d)
		return nil, nil
	}
	if wait := d.next.Sub(o.Clock.Now()); wait > 0 {
		o.Tell(d.Spell, wait)
		if err := o.Clock.Sleep(ctx, wait); err != nil {
			o.result(d, who, Result{})
			return nil, err
		}
	}
	if !d.First.relief() { // else it is there, and each request counts
		if r, known := o.check(ctx); known {
			o.result(d, who, r)
			return nil, ctx.Err()
		}
	}
	if !d.second && o.yield(d, who) {
		return nil, nil
	}
	return func(r Result) { o.result(d, who, r) }, nil
}

// yield lets another request probe, if one waits: the one for the file whose failure took
// the upstream down, else one of its module. A server that fails each file a few times is
// up for that one first.
func (o *Outage) yield(d *spell, who File) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	first := File{d.First.Module, d.First.File}
	for _, better := range []func(File) bool{
		func(f File) bool { return f == first },
		func(f File) bool { return f.Module == first.Module },
	} {
		if better(who) {
			return false
		}
		if i := slices.IndexFunc(d.queue, func(w *waiter) bool { return better(w.who) }); i >= 0 {
			d.queue[0], d.queue[i] = d.queue[i], d.queue[0]
			d.handOver()
			return true
		}
	}
	return false
}

func (o *Outage) check(ctx context.Context) (Result, bool) {
	if o.Check == nil {
		return Result{}, false
	}
	r, known := o.Check(ctx)
	if ctx.Err() != nil {
		r.Sign = Nothing
	}
	return r, known
}

func (o *Outage) isOpen(d *spell) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return d.doubt == open
}

func (o *Outage) setDoubt(d *spell, as doubt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d.doubt = as
}

// answer takes into account what was found right after an alarm.
func (o *Outage) answer(d *spell, r Result) {
	if r.Sign == Answered {
		o.lift(d)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.Sign != Nothing {
		d.doubt = dispelled
	}
	d.handOver()
}

// result takes a probe's result into account.
//
// Where nothing is known that the upstream has served, the file that is asked for may
// be what is wrong: then a request of another module follows at once.
func (o *Outage) result(d *spell, who File, r Result) {
	switch {
	case r.Sign == Answered:
		o.lift(d)
		return
	case r.Sign == Nothing:
		o.mu.Lock()
		defer o.mu.Unlock()
		d.handOver()
		return
	}
	o.mu.Lock()
	d.Last, d.asked = r, o.Clock.Now()
	if r.Sign == Troubled && d.doubt == unasked && !d.over && !d.second && len(d.queue) > 0 {
		d.second = true
		d.handOver()
		o.mu.Unlock()
		return
	}
	o.mu.Unlock()
	o.schedule(d)
}

// schedule sets the time of the next probe, or gives the upstream up. Nobody else
// probes meanwhile.
func (o *Outage) schedule(d *spell) {
	o.mu.Lock()
	d.second = false
	d.Probes++
	over, s := d.over, d.Spell
	o.mu.Unlock()
	var wait time.Duration
	if !over {
		var again bool
		wait, again = o.Vote(s)
		over = !again
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if d.over = over; over {
		d.probing = false
		d.wakeAll()
		return
	}
	d.next = d.asked.Add(wait)
	d.handOver()
}

// lift lets everybody go.
func (o *Outage) lift(d *spell) {
	o.mu.Lock()
	if o.down != d {
		o.mu.Unlock()
		return
	}
	// An alarm that the first look ended was none. Without one, it was none unless the
	// server itself said that it meant everybody, or refused what it had served.
	was := FalseAlarm
	switch {
	case d.doubt == open:
	case d.First.Sign == Busy, d.First.relief() && (d.doubt == dispelled || o.alarm.limited):
		was = TooMuch
	case d.Probes > 1, d.doubt == dispelled:
		was = Real
	}
	o.alarm.was(was, d.First, d.doubt == dispelled)
	o.down = nil
	o.spells++
	d.probing = false
	d.wakeAll()
	s := d.Spell
	o.mu.Unlock()
	o.Back(s, was)
}

package relay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/retry"
)

// told notes what go is about to be told.
func (r *Relay) told(e *endpoint, it item, a *answer) {
	r.display.answered(r.now())
	r.files.ask(it)
	if a.good() {
		r.learn(it)
		r.files.got(e, it)
		r.failures.overcome(e.key(it))
		if !a.proven && it.exact() {
			r.unproven.add(it)
		}
		return
	}
	url, now := join(e.up.base, it).Redacted(), r.now()
	r.failures.add(e.key(it), a, meeting{
		path: it.path, at: a.over(now), tries: a.tries, wait: a.lost(), paused: a.paused, known: r.config.Sums.Names(it.mod),
		fail: Failure{Failure: *a.failed, File: string(it.kind), Upstream: url, Text: a.words(url), Size: a.body.length(), Stored: a.isStored(), path: it.path, at: now, up: e.up},
	})
}

// Asked reports whether go has asked for a file of a version, or has looked it up in
// the checksum database.
func (r *Relay) Asked(m module.Version) bool { return r.files.wasAsked(m) }

// LookedUp reports whether go looks versions up through the relay.
func (r *Relay) LookedUp() bool { return r.mirror != nil || len(r.files.databases()) > 0 }

// remembered is what FromMemory answers with, held for the caller.
func (r *Relay) remembered(e *endpoint, it item) *answer {
	if !r.said.memory.Load() {
		return nil
	}
	return r.failures.recall(e.key(it))
}

// words is what go says of a failure.
func (a *answer) words(url string) string {
	switch {
	case a.text != "":
		return a.text
	case a.bad != nil:
		return a.bad.text
	}
	text := fmt.Sprintf("reading %s: %s", url, a.reason)
	if detail := firstLine(a); detail != "" {
		text += " (server response: " + detail + ")"
	}
	return text
}

func firstLine(a *answer) string {
	if !strings.HasPrefix(a.typ, "text/plain") {
		return ""
	}
	line, _, _ := strings.Cut(string(a.detail), "\n")
	return strings.ToValidUTF8(oneLine(line[:min(len(line), 200)]), "")
}

// Unhealed returns what was answered with a failure, oldest first, also where
// go then took the next entry or asked again with success. The list only
// grows, so a caller can tell what a run added.
func (r *Relay) Unhealed() []Failure { return r.failures.list() }

// flush writes the failures to the journal that go was told of. It waits for
// the end, since only then it is known whether go got the file elsewhere.
func (r *Relay) flush() {
	for _, m := range r.failures.unwritten() {
		ordinary := retry.IsMissing(m.fail.Class) && !m.known
		had := r.files.has(m.path)
		outcome, action := journal.Unhealed, ""
		switch {
		case ordinary && (had || r.said.succeeded.Load()):
			continue // the next entry has it, or it was a guess of go's: all is well
		case ordinary && m.fail.Version == "":
			continue
		case had:
			outcome, action = journal.Noted, "fallback"
		case r.said.succeeded.Load():
			outcome = journal.Noted
		}
		r.config.Recorder.Add(journal.Event{
			Time: m.at, Outcome: outcome, Class: m.fail.Class, Module: m.fail.Module, Version: m.fail.Version,
			Upstream: m.fail.Host, File: m.fail.File, Action: action, Attempts: m.tries, Wait: m.wait, Paused: m.paused, Text: m.fail.Text,
		})
	}
}

// noteGivenUp keeps what there is to tell of a question that nobody waits for any
// more.
func (r *Relay) noteGivenUp(q *question) {
	if len(q.failures) == 0 {
		return
	}
	f := q.failures[len(q.failures)-1]
	r.failures.giveUp(journal.Event{
		Outcome: journal.Unhealed, Class: f.Class, Module: f.Module, Version: f.Version, Upstream: f.Host,
		File: string(q.it.kind), Action: journal.Interrupted, Attempts: q.tries, Wait: r.now().Sub(q.began), Text: q.trouble,
	})
}

// Interrupted ends all that is waited for, since a person has given up, and writes
// down what that was.
func (r *Relay) Interrupted() {
	r.cancel()
	for range 20 {
		if !r.display.waits() {
			break
		}
		time.Sleep(5 * time.Millisecond) // they are about to notice
	}
	for _, e := range r.failures.unfinished() {
		r.config.Recorder.Add(e)
	}
}

// settle writes what a question met and overcame to the journal. That there is no such
// thing is an answer, too, and where go goes on with it, one that it would not have had.
func (q *question) settle() {
	met := q.failures
	if !q.answer.good() {
		if f := q.answer.failed; f == nil || !retry.IsMissing(f.Class) {
			return
		}
		met = slices.DeleteFunc(slices.Clone(met), func(f classify.Failure) bool { return retry.IsMissing(f.Class) })
	}
	// What was lost ends where the attempt begins that succeeded.
	e := journal.Event{
		Time: q.tried, Outcome: journal.Healed, Module: q.it.mod.Path, Version: q.it.mod.Version,
		Upstream: q.up.host, File: string(q.it.kind), Action: "retry", Attempts: q.tries,
		Wait: q.tried.Sub(q.began), Text: q.trouble,
	}
	if q.wasHedge {
		q.noteHedge(e)
	}
	if len(met) == 0 {
		return
	}
	if q.resumed {
		e.Action = "resume"
	}
	f := met[len(met)-1]
	e.Class, e.Upstream = f.Class, cmp.Or(f.Host, q.up.host)
	q.r.config.Recorder.Add(e)
}

// noteHedge notes a second start that answered first. That is no failure, since the
// first one was given up and not refused, but its time was lost.
func (q *question) noteHedge(e journal.Event) {
	e.Outcome, e.Class, e.Action = journal.Noted, classify.Timeout, "hedge"
	e.Time, e.Wait, e.Attempts = q.try.second, q.try.second.Sub(q.tried), 2
	e.Text = "no answer after " + journal.Duration(e.Wait) + ", and a second request was answered first"
	q.r.config.Recorder.Add(e)
}

// settleRotated writes a failure at one upstream to the journal that another
// one healed.
func (r *Relay) settleRotated(it item, failed, other *answer) {
	failed.release()
	if other.cancelled {
		return
	}
	text := failed.words(join(failed.from.base, it).Redacted())
	r.config.Recorder.Add(journal.Event{
		Time: failed.over(r.now()), Outcome: journal.Healed, Class: failed.failed.Class, Module: it.mod.Path, Version: it.mod.Version,
		Upstream: cmp.Or(failed.failed.Host, failed.from.host), File: string(it.kind), Action: "rotate", Attempts: failed.tries, Wait: failed.took, Text: text,
	})
}

const (
	// tellAfter is the wait that people are told about.
	tellAfter = 5 * time.Second
	// tellAgain is how often they are told of a long one.
	tellAgain = time.Minute
)

// tell says what is being waited for, before a wait that takes it beyond five
// seconds.
func (q *question) tell() {
	now := q.r.now()
	began := q.began
	if q.next.Patient {
		began = q.r.wait.PatientSince(began)
	}
	if now.Add(q.next.Wait).Sub(began) <= tellAfter || !q.r.display.mayTell(now) {
		return
	}
	q.r.config.Notify(q.waitingLine(q.answer.failed.Host, fmt.Sprintf("%s, try %d", q.answer.failed.Class, q.tries+1)))
}

// silence returns what says that an attempt is waited for which gets no answer, or no
// more of it. It may be called at any time.
func (q *question) silence(why string) func() {
	line := q.waitingLine(q.up.host, fmt.Sprintf("%s, try %d", why, q.tries))
	return func() {
		if q.r.display.mayTell(q.r.now()) {
			q.r.config.Notify(line)
		}
	}
}

func (q *question) waitingLine(host, why string) string {
	return fmt.Sprintf(console.Prefix+"waiting for %s from %s (%s); interrupt to give up", q.what(), host, why)
}

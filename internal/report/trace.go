package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/tui"
)

// traceEvent is one event of the Trace Event Format, which Perfetto and
// chrome://tracing read. Times are microseconds.
type traceEvent struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	Time  int64          `json:"ts"`
	Dur   int64          `json:"dur,omitempty"`
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	Args  map[string]any `json:"args,omitempty"`
}

// Trace shows each go command as a process, and each upstream as one of
// its threads, for its requests and for its failures. What overlaps needs
// another thread of the same name: these viewers nest what shares one.
func Trace(w io.Writer, list []Command) error {
	events := []traceEvent{}
	for i, r := range list {
		t := tracer{pid: i + 1}
		t.report(r)
		events = append(events, t.events...)
	}
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms"})
}

// A tracer collects the events of one go command.
type tracer struct {
	pid     int
	events  []traceEvent
	threads []thread
}

// A thread is free from a point of time on.
type thread struct {
	name string
	free time.Time
}

// A slice is what takes a thread for a time: first a wait perhaps, and then
// what was waited for.
type slice struct {
	thread      string
	wanted      time.Time
	begin, end  time.Time
	name, class string
	args        map[string]any
}

func (t *tracer) report(r Command) {
	title := commandLine(r.Invocation)
	t.meta("process_name", 0, "name", title)
	t.add(traceEvent{Name: title, Cat: "invocation", Phase: "X", Time: micros(r.Time), Dur: r.Duration.Microseconds()})
	var list []slice
	for _, q := range r.Sent {
		list = append(list, requestSlice(q, r.Time))
	}
	for _, e := range r.Events {
		list = append(list, eventSlice(e, len(r.Sent) > 0))
	}
	t.slices(list)
}

func requestSlice(q journal.Request, zero time.Time) slice {
	begin := zero.Add(q.Start)
	return slice{
		thread: q.Upstream, wanted: begin.Add(-q.Wait), begin: begin, end: begin.Add(q.Took),
		name: requestLabel(q), class: requestClass(q), args: map[string]any{
			"module": q.Module, "version": q.Version, "file": q.File, "reason": q.Reason, "attempt": q.Attempt,
			"status": q.Status, "class": q.Class, "bytes": q.Bytes, "given_up": q.Dropped,
			"wait_us": q.Wait.Microseconds(), "first_byte_us": q.Header.Microseconds(),
		},
	}
}

func eventSlice(e journal.Event, beside bool) slice {
	s := slice{
		thread: tui.Upstream(e.Upstream), begin: e.Time.Add(-e.Wait), end: e.Time, name: label(e), class: string(e.Outcome),
		args: map[string]any{"class": e.Class, "action": e.Action, "attempts": e.Attempts, "error": e.Text},
	}
	s.wanted = s.begin
	if beside {
		s.thread += ": failures"
	}
	return s
}

func (t *tracer) slices(list []slice) {
	slices.SortStableFunc(list, func(a, b slice) int { return cmp.Compare(a.wanted.UnixNano(), b.wanted.UnixNano()) })
	for _, s := range list {
		tid := t.thread(s)
		if wait := s.begin.Sub(s.wanted); wait > 0 {
			t.add(traceEvent{Name: "waiting", Cat: "wait", Phase: "X", TID: tid, Time: micros(s.wanted), Dur: wait.Microseconds()})
		}
		t.add(traceEvent{
			Name: s.name, Cat: s.class, Phase: "X", TID: tid,
			Time: micros(s.begin), Dur: max(1, s.end.Sub(s.begin).Microseconds()), Args: s.args,
		})
	}
}

// thread finds one of a slice's name that is free by then, and takes it.
func (t *tracer) thread(s slice) int {
	end := s.end.Add(time.Microsecond) // whatever rounding does
	for i := range t.threads {
		if t.threads[i].name == s.thread && !t.threads[i].free.After(s.wanted) {
			t.threads[i].free = end
			return i + 1
		}
	}
	t.threads = append(t.threads, thread{s.thread, end})
	tid := len(t.threads)
	t.meta("thread_name", tid, "name", s.thread)
	t.meta("thread_sort_index", tid, "sort_index", t.order(s.thread)*1000+tid)
	return tid
}

// order keeps the threads of one name together.
func (t *tracer) order(name string) int {
	return slices.IndexFunc(t.threads, func(th thread) bool { return th.name == name })
}

func (t *tracer) meta(name string, tid int, key string, value any) {
	t.add(traceEvent{Name: name, Phase: "M", TID: tid, Args: map[string]any{key: value}})
}

func (t *tracer) add(e traceEvent) {
	e.PID = t.pid
	t.events = append(t.events, e)
}

func micros(t time.Time) int64 { return t.UnixMicro() }

// label names one event: the file that was asked for, or the class.
func label(e journal.Event) string {
	subject := e.Subject()
	if subject == "" {
		return string(e.Class)
	}
	if e.File == "" {
		return subject
	}
	return fmt.Sprintf("%s (%s)", subject, e.File)
}

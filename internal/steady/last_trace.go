package steady

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
)

// writeReport writes a report to a file; nothing if no file is named.
func writeReport(file string, list []journal.Invocation, write func(io.Writer, []journal.Invocation) error) error {
	if file == "" {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(write(f, list), f.Close())
}

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

// writeTrace shows each go command as a process and each upstream as one of
// its threads.
func writeTrace(w io.Writer, list []journal.Invocation) error {
	events := []traceEvent{}
	for i, inv := range list {
		events = append(events, traceInvocation(i+1, inv)...)
	}
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms"})
}

func traceInvocation(pid int, inv journal.Invocation) []traceEvent {
	title := commandLine(inv)
	events := []traceEvent{
		{Name: "process_name", Phase: "M", PID: pid, Args: map[string]any{"name": title}},
		{Name: title, Cat: "invocation", Phase: "X", Time: micros(inv.Time), Dur: inv.Duration.Microseconds(), PID: pid},
	}
	threads := make(map[string]int)
	for _, e := range inv.Events {
		tid := threads[e.Upstream]
		if tid == 0 {
			tid = len(threads) + 1
			threads[e.Upstream] = tid
			events = append(events, traceEvent{Name: "thread_name", Phase: "M", PID: pid, TID: tid, Args: map[string]any{"name": lane(e)}})
		}
		events = append(events, traceEvent{
			Name: label(e), Cat: string(e.Outcome), Phase: "X", PID: pid, TID: tid,
			Time: micros(e.Time.Add(-e.Wait)), Dur: max(1, e.Wait.Microseconds()),
			Args: map[string]any{"class": e.Class, "action": e.Action, "attempts": e.Attempts, "error": e.Text},
		})
	}
	return events
}

func micros(t time.Time) int64 { return t.UnixMicro() }

// lane names the row of a report that an event belongs to.
func lane(e journal.Event) string {
	if e.Upstream == "" {
		return "this machine"
	}
	return e.Upstream
}

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

package journal

import "time"

// A Level says which invocations are written to disk.
type Level int

// The levels. The zero Level writes what a person may want to look up.
const (
	Failures Level = iota // those that met a failure
	Off                   // none
	All                   // every one that was supervised
)

// An Invocation is the record of one go command: one line of the journal.
type Invocation struct {
	Time     time.Time     `json:"time"`
	Duration time.Duration `json:"duration"` // nanoseconds
	Exit     int           `json:"exit"`
	Version  string        `json:"gosteady,omitempty"`
	Command  []string      `json:"command"` // without the program, redacted
	Dir      string        `json:"dir,omitempty"`
	Events   []Event       `json:"events,omitempty"`
	Dropped  int           `json:"dropped,omitempty"`  // events beyond the bound
	Requests *Totals       `json:"requests,omitempty"` // nil: none was made
	ID       string        `json:"id,omitempty"`       // names the file of its requests; "": there is none
}

// Met reports whether the invocation met a failure, healed or not.
func (inv Invocation) Met() bool {
	for _, e := range inv.Events {
		if e.Outcome == Healed || e.Outcome == Unhealed {
			return true
		}
	}
	return false
}

// Lost returns the wall-clock time that failures cost the invocation.
func (inv Invocation) Lost() time.Duration { return Lost(inv.Events) }

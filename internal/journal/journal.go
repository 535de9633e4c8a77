// Package journal records what an invocation met and did about it, tells
// people about it in one line, and keeps a bounded history on disk.
//
// # One invocation
//
// A [Recorder] collects [Event] values while the command runs, and a [Request]
// for each that was made of an upstream. At its end, [Teller.Tell] prints the
// one line, or what a CI system shows as an annotation, and [Recorder.Flush]
// adds the [Invocation] to the store.
//
// # On disk
//
// A [Store] is the user's state directory. The journal in it is a file with
// one JSON object a line, one line an invocation; two such files of about
// 4 MiB at most. Any number of processes may write at once. Nothing is created
// until something is written, and nothing is written where nothing failed.
// The requests of the newest twenty invocations lie beside it, a small file
// each, which goes when its invocation does. Where no directory can be used
// there is no journal, and nobody is bothered. Keys are added over time, and
// never change their meaning.
//
// # Secrets
//
// None are kept: no userinfo and no query of a URL, no path of a proxy's
// address, no headers, no tokens, no arguments of the user's own programs. See
// [Redact] and [Recorder.Hide].
package journal

import (
	"time"

	"github.com/gosteady/gosteady/classify"
)

// An Outcome says how a failure ended.
type Outcome string

const (
	Healed   Outcome = "healed"   // an action met it and it did not reach the user
	Unhealed Outcome = "unhealed" // it reached the user
	Noted    Outcome = "noted"    // something worth keeping that was no failure (a decision, a trust notice)
)

// Interrupted is the Action of a failure that a person did not wait for any more.
const Interrupted = "interrupted"

// An Event is one thing that an invocation met. It carries no secrets:
// URLs are redacted before they get here.
type Event struct {
	Time     time.Time      `json:"time"`
	Outcome  Outcome        `json:"outcome"`
	Class    classify.Class `json:"class,omitempty"`
	Module   string         `json:"module,omitempty"`
	Private  bool           `json:"private,omitempty"` // the module was private then; false: not known to be
	Version  string         `json:"version,omitempty"`
	Upstream string         `json:"upstream,omitempty"` // host[:port]
	File     string         `json:"file,omitempty"`     // "list", "info", "mod", "zip", "latest", "lookup", "tile", …
	Action   string         `json:"action,omitempty"`   // what met it: "retry", "resume", "rotate", "hedge", "replace", "rerun", "patience", "carrier"; Noted ones also "hedge", "fallback"; see Interrupted
	Attempts int            `json:"attempts,omitempty"` // requests made in all
	Wait     time.Duration  `json:"wait,omitempty"`     // nanoseconds lost to this failure: waiting and repeated work
	Paused   time.Duration  `json:"paused,omitempty"`   // nanoseconds of Wait between the attempts, of what was not healed
	Text     string         `json:"text,omitempty"`     // the error, redacted
}

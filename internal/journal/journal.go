// Package journal records what an invocation met and did about it, tells
// people about it in one line, and keeps a bounded history on disk.
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

// An Event is one thing that an invocation met. It carries no secrets:
// URLs are redacted before they get here.
type Event struct {
	Time     time.Time      `json:"time"`
	Outcome  Outcome        `json:"outcome"`
	Class    classify.Class `json:"class,omitempty"`
	Module   string         `json:"module,omitempty"`
	Version  string         `json:"version,omitempty"`
	Upstream string         `json:"upstream,omitempty"` // host[:port]
	File     string         `json:"file,omitempty"`     // "list", "info", "mod", "zip", "latest", "lookup", "tile", …
	Action   string         `json:"action,omitempty"`   // what met it: "retry", "resume", "rotate", "hedge", "replace", "rerun"
	Attempts int            `json:"attempts,omitempty"` // requests made in all
	Wait     time.Duration  `json:"wait,omitempty"`     // nanoseconds lost to this failure: waiting and repeated work
	Text     string         `json:"text,omitempty"`     // the error, redacted
}

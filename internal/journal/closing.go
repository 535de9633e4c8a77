package journal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/console"
)

// A command ends with one line of ours at most: what was healed and what was not.
// Lines for people are lower-case, begin with "gosteady:", have no full stop, and go to
// stderr.

// From these on, a failure that go reports is told by us too: with how often and how
// long it was tried. What was asked of a slow server is no wait of ours, unless it is
// long.
const (
	vainPause = time.Second
	vainTime  = 10 * time.Second
)

// closing is the line that ends an invocation, "" for none. failed reports whether it
// tells of something that was not healed.
func (t Teller) closing(inv Invocation) (line string, failed bool) {
	healed := outcome(inv.Events, Healed)
	var parts []string
	missed := notHealed(inv.Events)
	if inv.Exit == 0 || t.Interrupted || len(healed) == 0 && !t.worthTelling(inv.Events, missed) {
		missed = nil
	}
	switch {
	case len(missed) > 0:
		parts = append(parts, "not healed: "+t.failures(inv.Events, missed))
		if len(healed) > 0 {
			parts = append(parts, healedPart(healed, Lost(healed)))
		}
	case len(healed) > 0:
		parts = append(parts, healedPart(healed, Lost(inv.Events)))
		if inv.Exit != 0 && !t.Interrupted {
			parts = append(parts, "the command failed for another reason")
		}
	case t.Always && inv.Requests != nil && inv.Exit == 0:
		parts = append(parts, "nothing to heal in "+plural(inv.Requests.Count, "request")+slowness(inv.Events))
	default:
		return "", false
	}
	if t.Kept && len(healed)+len(missed) > 0 {
		parts = append(parts, "see 'go steady last'")
	}
	return console.Prefix + strings.Join(parts, "; "), len(missed) > 0
}

func slowness(events []Event) string {
	if lost := Lost(events); lost > 0 {
		return ", " + Duration(lost) + " lost to slow answers"
	}
	return ""
}

func outcome(events []Event, o Outcome) (list []Event) {
	for _, e := range events {
		if e.Outcome == o {
			list = append(list, e)
		}
	}
	return list
}

// notHealed are the failures that reached the user, each once, the most telling first:
// what cost most, and last what merely does not exist.
func notHealed(events []Event) (list []Event) {
	for _, e := range outcome(events, Unhealed) {
		if e.Class == classify.NotFetch || e.Class == classify.Configuration || e.Action == Interrupted {
			continue
		}
		same := func(o Event) bool { return o.Subject() == e.Subject() && o.Upstream == e.Upstream && o.File == e.File }
		if i := slices.IndexFunc(list, same); i >= 0 { // asked for again, by another run
			e.Attempts, e.Paused = e.Attempts+list[i].Attempts, e.Paused+list[i].Paused
			list[i] = e
			continue
		}
		list = append(list, e)
	}
	slices.SortStableFunc(list, func(a, b Event) int {
		return cmp.Or(cmp.Compare(missing(a), missing(b)), cmp.Compare(b.Wait, a.Wait))
	})
	return list
}

func missing(e Event) int {
	if e.Class == classify.NotFound || e.Class == classify.Gone {
		return 1
	}
	return 0
}

// worthTelling reports whether there is more to say of failures than go says itself:
// that we have waited in vain, or whose a damaged zip is, of which go names neither the
// module nor the host. Annotations of a CI system are also for those who never read the
// log; what does not exist is none of its business.
func (t Teller) worthTelling(events, missed []Event) bool {
	if len(missed) == 0 {
		return false
	}
	if t.Always || lostInVain(events) > vainTime {
		return true
	}
	return slices.ContainsFunc(missed, func(e Event) bool {
		return e.Paused > vainPause || e.Class == classify.BadContent && e.File == "zip" || t.annotates() && missing(e) == 0
	})
}

// lostInVain is the time lost to what was not healed.
func lostInVain(events []Event) time.Duration {
	return Lost(slices.Concat(outcome(events, Unhealed), outcome(events, Noted)))
}

// failures names the first of several failures, and what all of them cost.
func (t Teller) failures(events, missed []Event) string {
	e := missed[0]
	parts := []string{subject(e.Module, e.Version)}
	if e.Module != "" && e.Version != "" {
		parts[0] = e.Module + " " + e.Version
	}
	if e.Module == "" {
		parts[0] = cmp.Or(e.File, "a fetch")
	}
	if e.Upstream != "" {
		parts = append(parts, "from", e.Upstream)
	}
	text := strings.Join(parts, " ") + ": " + reason(e)
	if e.Attempts > 1 {
		text += fmt.Sprintf(", %d tries", e.Attempts)
	}
	if n := len(missed) - 1; n > 0 {
		text += fmt.Sprintf(", and %d more", n)
	}
	if lost := lostInVain(events); lost > 0 {
		text += " (" + Duration(lost) + ")"
	}
	return text
}

// maxReason bounds what is taken of an error's text.
const maxReason = 120

// reason is the innermost cause of a failure, as its text words it, else its class.
func reason(e Event) string {
	text, _, _ := strings.Cut(e.Text, "\n")
	text, _, _ = strings.Cut(text, " (server response: ")
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	if text = strings.TrimSpace(text); text == "" || len(text) > maxReason || strings.Contains(text, "://") {
		return string(e.Class)
	}
	return text
}

// healedPart is "healed 3 fetch failures in 1.4s (proxy.golang.org: 2 server-error, 1
// http2)": how many, the time that was lost, and by upstream how many of each class.
func healedPart(healed []Event, lost time.Duration) string {
	return fmt.Sprintf("healed %s in %s (%s)", plural(len(healed), "fetch failure"), Duration(lost), byUpstream(healed))
}

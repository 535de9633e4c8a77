package shim

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/policy"
	"golang.org/x/term"
)

// alertTime is how long an alert command may take. It runs after the command's
// own output, so a person is waiting.
const alertTime = 10 * time.Second

// advise says one line after go's own error, where there is something to type.
// Only a person or a CI log wants it.
func (s *session) advise(h *healer) {
	if s.policy.Notify == policy.NotifyNever || !s.ci && !term.IsTerminal(int(s.stderr.Fd())) {
		return
	}
	for _, f := range h.last {
		if f.Advice != "" {
			s.say.line(string(f.Class) + ": " + f.Advice)
			return
		}
	}
}

// tell says what was healed (in a CI system in its own way as well), writes the
// journal, and runs the alert command of the user's own policy.
func (s *session) tell(e ending) {
	if len(s.rec.Events()) == 0 && s.policy.Journal != policy.JournalAll {
		return // the usual case
	}
	code := e.code
	if e.signal != nil {
		code = 128 + signalNumber(e.signal)
	}
	if s.policy.Notify != policy.NotifyNever {
		journal.Teller{Getenv: s.plan.Getenv, Stderr: s.stderr}.Tell(s.rec.Invocation(code))
	}
	if err := s.rec.Flush(s.store, journalLevel(s.policy.Journal), code); err != nil {
		s.say.debugf("journal: %v", err)
	}
	if len(s.policy.Alert) == 0 || s.sig.asked() {
		return
	}
	for _, ev := range s.rec.Events() {
		if ev.Outcome == journal.Unhealed && ev.Class != classify.NotFetch {
			s.alert(ev)
			return
		}
	}
}

func journalLevel(j policy.Journal) journal.Level {
	switch j {
	case policy.JournalOff:
		return journal.Off
	case policy.JournalAll:
		return journal.All
	}
	return journal.Failures
}

// alert gives the failure as JSON to the policy's command. Its output is not
// shown: standard output belongs to go.
func (s *session) alert(ev journal.Event) {
	data, err := json.Marshal(ev)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), alertTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.policy.Alert[0], s.policy.Alert[1:]...)
	cmd.Env = s.plan.Environ
	cmd.Stdin = bytes.NewReader(append(data, '\n'))
	if err := cmd.Run(); err != nil {
		s.say.warn("the alert command " + s.policy.Alert[0] + " failed: " + err.Error())
	}
}

// fetchToolchain downloads the toolchain that go.mod asks for before the
// command itself runs, so that the download is healed whatever the command's
// own route is. If it fails, the command says why.
func (s *session) fetchToolchain() ending {
	s.say.debugf("fetching %s first", s.plan.Toolchain)
	args := []string{"version"}
	if s.plan.Inv.Dir != "" {
		args = []string{"-C", s.plan.Inv.Dir, "version"}
	}
	e, _ := s.healed(&run{args: args, discard: true})
	return e
}

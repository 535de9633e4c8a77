package shim

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/release"
	"github.com/gosteady/gosteady/policy"
	"github.com/gosteady/gosteady/shim/proc"
	"golang.org/x/term"
)

// informTime is how long a program may take that is told something. It runs after
// the command's own output, so a person is waiting.
const informTime = 10 * time.Second

// advise says one line after go's own error, where there is something to type.
// Only a person or a CI log wants it.
func (s *session) advise(met []finding) {
	if s.policy.Notify == policy.NotifyNever || !s.ci && !term.IsTerminal(int(s.std[2].Fd())) {
		return
	}
	for _, f := range met {
		advice := f.Advice
		if f.Kind == classify.NewerVersion {
			advice = s.newerVersion(f.Failure)
		}
		if advice != "" {
			s.print.Line(string(f.Class) + ": " + advice)
			return
		}
	}
}

// newerVersion is the advice where the version that the command line names is blocked by
// a newer one that nobody has asked for.
func (s *session) newerVersion(f classify.Failure) string {
	for _, arg := range s.plan.Inv.Packages() {
		pkg, version, ok := strings.Cut(arg, "@")
		if ok && within(pkg, f.Module) && version != f.Version {
			return fmt.Sprintf("%s is there, but go also wants %s@%s, for a deprecation notice, and cannot fetch that. In an empty folder: go mod init x && go get %s && go install %s",
				arg, f.Module, f.Version, arg, pkg)
		}
	}
	return f.Advice
}

// tell writes the journal, says what was healed and what was not (in a CI system in
// its own way), and runs the alert command of the user's own policy.
func (s *session) tell(e proc.Ending) {
	always := s.policy.Notify == policy.NotifyAlways
	if len(s.rec.Events()) == 0 && s.policy.Journal != policy.JournalAll && !always {
		return // the usual case
	}
	s.rec.Version = release.String()
	code := e.Status()
	level := map[policy.Journal]journal.Level{policy.JournalOff: journal.Off, policy.JournalAll: journal.All}[s.policy.Journal]
	err := s.rec.Flush(s.store, level, code)
	if err != nil { // no directory is no journal, and no trouble
		s.print.Debugf("journal: %v", err)
	}
	if s.policy.Notify != policy.NotifyNever {
		inv := s.rec.Invocation(code)
		inv.Events = s.rec.Events() // all of them: the journal keeps fewer
		journal.Teller{
			Getenv: s.plan.Getenv, Stderr: s.std[2], Run: s.inform, Always: always, Interrupted: s.sig.Asked(),
			Kept: err == nil && level != journal.Off && s.store.Dir() != "",
		}.Tell(inv)
	}
	if len(s.policy.Alert) == 0 || s.sig.Asked() {
		return
	}
	for _, ev := range s.rec.Events() {
		if ev.Outcome == journal.Unhealed && ev.Class != classify.NotFetch {
			s.alert(ev)
			return
		}
	}
}

// alert gives the failure as JSON to the policy's command.
func (s *session) alert(ev journal.Event) {
	data, err := json.Marshal(ev)
	if err != nil {
		return
	}
	if err := s.inform(string(data)+"\n", s.policy.Alert[0], s.policy.Alert[1:]...); err != nil {
		s.print.Warn("the alert command " + s.policy.Alert[0] + " failed: " + err.Error())
	}
}

// inform runs a program with an input. Its output is not shown: standard output
// belongs to go. An interrupt ends it.
func (s *session) inform(input, name string, args ...string) error {
	ctx, cancel := context.WithTimeout(s.sig.Context(), informTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = s.plan.Environ
	cmd.Stdin = strings.NewReader(input)
	return cmd.Run()
}

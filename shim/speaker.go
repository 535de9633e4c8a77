package shim

import (
	"fmt"
	"log"
	"os"
	"strings"
	"sync"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/policy"
)

// What is said to people: lines on standard error, lower-case, beginning with
// "gosteady:", without a full stop. Nothing ever goes to standard output.

// A speaker says lines. It is safe for concurrent use.
type speaker struct {
	mu     sync.Mutex
	w      *os.File
	screen *screen
	notify policy.Notify
	debug  bool
	// Waits are told where a repository alone wants silence: what makes a command
	// wait may be in the same file.
	waits bool
}

func newSpeaker(w *os.File, notify policy.Notify, debug bool) *speaker {
	return &speaker{w: w, notify: notify, debug: debug}
}

// line says one line, whatever the policy's notify: the caller has asked it.
func (s *speaker) line(text string) {
	if text = mask.Line(text); !strings.HasPrefix(text, "gosteady:") {
		text = console.Prefix + text
	}
	s.raw(text)
}

// raw says a line of go's own, which go could not say.
func (s *speaker) raw(text string) {
	s.Write([]byte(text + "\n")) // nobody to tell if standard error is gone
}

// takeLog has package log, through which net/http speaks of servers that send more
// than they should, print as in cmd/go (main.go): the bare line.
func (s *speaker) takeLog() {
	log.SetFlags(0)
	log.SetOutput(s)
}

// Write is for package log, which gives a whole line at a time.
func (s *speaker) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.write(s.w, line)
}

// warn says a line unless the policy wants silence.
func (s *speaker) warn(text string) {
	if s.notify != policy.NotifyNever {
		s.line(text)
	}
}

// wait says that something is waited for.
func (s *speaker) wait(text string) {
	if s.waits || s.notify != policy.NotifyNever {
		s.line(text)
	}
}

// debugf says a decision under GOSTEADY_LOG=debug.
func (s *speaker) debugf(format string, args ...any) {
	if s.debug {
		s.line("debug: " + fmt.Sprintf(format, args...))
	}
}

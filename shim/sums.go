package shim

import (
	"github.com/gosteady/gosteady/internal/gosum"
)

// Go writes the hash of a module to go.sum before the checksum database has vouched
// for it, and leaves it there when the command fails for want of that: plain go is
// run again by a person, who has read why. (modfetch.checkModSum, and WriteGoSum
// where -mod=mod or a workspace lets it write.) What we run again must be checked as
// the first run was. So no line that a failed run of ours has added outlives it,
// unless the run is the one whose result counts.

// mayWriteSums reports whether a failed go command may leave lines in go.sum or
// go.work.sum (modload.mustHaveCompleteRequirements). What others write meanwhile
// cannot be told from that, so it is not looked for without need.
func (s *session) mayWriteSums() bool {
	mod, _ := s.plan.Inv.Flag("mod")
	w := s.plan.Workspace()
	return !s.plan.Inv.AtVersion() && (mod == "mod" || w != nil && w.WorkFile != "")
}

// takeSums reads the project's go.sum files. The session does so once, for before and
// sums: before the first run where that may write them, else when it needs to know.
func (s *session) takeSums() *gosum.Snapshot {
	w := s.plan.Workspace()
	if w == nil {
		return gosum.Take()
	}
	return gosum.Take(w.SumFiles()...)
}

// added returns what the go.sum files are at the end of a run that met a failure; nil
// where it cannot have added anything.
func (s *session) added() *gosum.Snapshot {
	if !s.mayWriteSums() {
		return nil
	}
	return s.before().Now()
}

// forget takes away what a run has added, and reports whether that could be done.
func (s *session) forget(after *gosum.Snapshot) bool {
	if after == nil {
		return true
	}
	err := s.before().Undo(after)
	if err != nil {
		s.say.debugf("cannot take back what was added to go.sum: %v", err)
	}
	return err == nil
}

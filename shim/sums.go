package shim

import (
	"github.com/gosteady/gosteady/internal/gosum"
)

// Go writes the hash of a module to go.sum before the checksum database has vouched
// for it, and leaves it there when the command fails for want of that: plain go is
// run again by a person, who has read why. (modfetch.checkModSum, and WriteGoSum
// where -mod=mod or a workspace lets it write.) What we run again must be checked as
// the first run was. So nothing that a run of ours has added outlives it, unless the
// run is the one whose result counts.

// before is what the project's go.sum files were before the first run.
func (s *session) before() *gosum.Snapshot { return s.sumFiles() }

// takeSums is what before remembers.
func (s *session) takeSums() *gosum.Snapshot {
	w := s.plan.Workspace()
	if w == nil {
		return gosum.Take()
	}
	return gosum.Take(w.SumFiles()...)
}

// sums returns what go.sum and go.work.sum vouched for before the first run. What
// cannot be read, go reports itself.
func (s *session) sums() *gosum.Sums { return s.before().Sums() }

// forget takes back what a run has added to the go.sum files, given as they were
// at its end, and reports whether that could be done. A scout could add more.
func (s *session) forget(after *gosum.Snapshot) bool {
	if w := s.plan.Workspace(); w != nil && w.WorkFile != "" {
		s.recall()
	}
	err := s.before().Undo(after)
	if err != nil {
		s.say.debugf("cannot take back what was added to go.sum: %v", err)
	}
	return err == nil
}

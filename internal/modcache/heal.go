package modcache

import (
	"context"
	"io"
	"os/exec"
	"time"
)

// Find verifies what a failure points at, and returns the damaged versions.
// Where the failure names no module, a quick look at all of them comes first,
// and every byte is read only if that finds nothing.
func (c *Cache) Find(ctx context.Context, s Suspects, sums Sums) []State {
	if s.Zips {
		if found := damaged(c.Quick(ctx, s.Versions, sums)); len(found) > 0 {
			return found
		}
	}
	return damaged(c.Verify(ctx, s.Versions, sums))
}

// damaged keeps the states that repairing can make a difference to.
func damaged(states []State) []State {
	var list []State
	for _, s := range states {
		if s.Heals() {
			list = append(list, s)
		}
	}
	return list
}

// A Healing is what Heal did.
type Healing struct {
	Outcomes []Outcome
	Clones   []*Quarantine // set aside, and what is cached of checksum databases; Finish them after the command ran again
}

// Healed reports whether something was changed that can make a difference to
// the command that failed.
func (h Healing) Healed() bool {
	for _, o := range h.Outcomes {
		if o.Repaired() {
			return true
		}
	}
	return len(h.Clones) > 0
}

// Heal verifies what a failure points at and repairs what is proven bad. Where nothing is,
// the failure may come of an index: those of the suspects are dropped, once. Clones
// and the caches of checksum databases are set aside only if online says that
// they can be had again. A fetcher that can be closed is closed.
func (c *Cache) Heal(ctx context.Context, s Suspects, sums Sums, fetch Fetcher, online bool) Healing {
	if closer, ok := fetch.(io.Closer); ok {
		defer closer.Close()
	}
	h := Healing{Outcomes: c.Repair(ctx, c.Find(ctx, s, sums), sums, fetch)}
	if len(h.Outcomes) == 0 && s.Indexes != NoDoubt {
		h.Outcomes = c.reindex(ctx, s)
	}
	if len(h.Outcomes) == 0 {
		h.Outcomes = c.repairedSince(ctx, s)
	}
	if !online {
		return h
	}
	git, err := exec.LookPath("git")
	if err != nil {
		git = ""
	}
	for _, dir := range s.Clones {
		h.add(c.QuarantineClone(ctx, git, dir))
	}
	for _, dir := range s.SumDBs {
		h.add(c.QuarantineSumDB(dir))
	}
	return h
}

// add keeps what was set aside. What could not be is left as it was, and the
// failure stays what it is.
func (h *Healing) add(q *Quarantine, err error) {
	if err == nil && q != nil {
		h.Clones = append(h.Clones, q)
	}
}

// repairedSince finds the suspects that another process repaired after the failed
// command had begun: running that again will help, too. A repair that has repaired the
// files is over when it gives its lock back.
func (c *Cache) repairedSince(ctx context.Context, s Suspects) []Outcome {
	since := s.Since
	if since.IsZero() {
		since = time.Now().Add(-time.Minute)
	}
	var list []Outcome
	for _, m := range s.Versions {
		p, err := c.place(m)
		if err != nil || existing(p.file(Lock)) == "" {
			continue
		}
		if unlock, err := lockFile(ctx, p.file(Lock)); err == nil {
			unlock()
		}
		if p.repairedAt().After(since) {
			list = append(list, Outcome{Module: m, Done: []string{meanwhile}})
		}
	}
	return list
}

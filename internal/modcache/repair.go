package modcache

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/mod/module"
)

// An Outcome is what Repair did about one version.
type Outcome struct {
	Module module.Version `json:"module"`
	Before State          `json:"before"`
	Done   []string       `json:"done,omitempty"` // what was done, for people: "zip replaced"
	Kept   string         `json:"kept,omitempty"` // the folder with copies of what somebody had changed, if anybody had
	Err    error          `json:"-"`              // why something was left as it was
}

// Repaired reports whether something was repaired and nothing remains.
func (o Outcome) Repaired() bool { return o.Err == nil && len(o.Done) > 0 }

// Repair repairs what Verify found, several versions side by side. fetch may be
// nil: then only what the cache itself can replace is repaired. Versions without
// damage have no outcome.
func (c *Cache) Repair(ctx context.Context, states []State, sums Sums, fetch Fetcher) []Outcome {
	var damaged []State
	for _, s := range states {
		if len(s.Damage) > 0 {
			damaged = append(damaged, s)
		}
	}
	outcomes := make([]Outcome, len(damaged))
	c.parallel(len(damaged), func(i int) { outcomes[i] = c.repair(ctx, damaged[i], orNone(sums), fetch) })
	return outcomes
}

// A repair is the work on one version.
type repair struct {
	*Cache
	place
	State                // as it was found under the lock, and corrected as we go
	got       *candidate // nil: nothing was fetched
	done      []string
	kept      string // see Outcome
	errs      []error
	indexKept bool // said that an index could not be dropped
}

func (c *Cache) repair(ctx context.Context, before State, sums Sums, fetch Fetcher) Outcome {
	o := Outcome{Module: before.Module, Before: before}
	p, err := c.place(before.Module)
	if err != nil {
		o.Err = err
		return o
	}
	r := &repair{Cache: c, place: p}
	if !before.facts.full { // what must be fetched depends on what the zip has
		before = c.look(before.Module, sums, true)
	}
	r.fetch(ctx, before, fetch)
	r.change(ctx, sums)
	o.Done, o.Kept, o.Err = r.done, r.kept, errors.Join(r.errs...)
	return o
}

// fetch brings the replacement, before the lock is taken: it may take long.
func (r *repair) fetch(ctx context.Context, before State, fetch Fetcher) {
	what, needed := before.needs(before.facts.ownModIn(legacyMod(before.Module)))
	if !needed {
		return
	}
	if fetch == nil {
		r.fail("fetching a replacement", errNoReplacement)
		return
	}
	files, err := fetch.Fetch(ctx, before.Module, what)
	if err == nil {
		r.got, err = files.read(r.place)
	}
	if err != nil {
		r.fail("fetching a replacement", err)
	}
}

// change looks again under the lock, since another process may have repaired
// the version meanwhile, and then changes what is still wrong.
func (r *repair) change(ctx context.Context, sums Sums) {
	r.at("lock")
	unlock, err := r.lock(ctx)
	if err != nil {
		r.fail("taking the go command's lock", err)
		return
	}
	defer unlock()
	r.State = r.look(r.place.Version, sums, true)
	if r.State.Err != nil {
		r.fail("looking again", r.State.Err)
		return
	}
	if len(r.Damage) == 0 {
		r.errs = nil
		r.did(meanwhile)
		return
	}
	r.fixZip()
	r.fixZipHash()
	r.fixDir()
	r.fixMod()
	r.fixInfo()
	r.at("end")
	if len(r.done) > 0 {
		r.note()
	}
}

// meanwhile says that somebody else was faster.
const meanwhile = "repaired by another process meanwhile"

// note leaves a trace for others whose commands met the same damage: the time
// of the lock, which the go command sets only when it makes the file, before
// the files that it guards.
func (p place) note() {
	now := time.Now()
	os.Chtimes(p.file(Lock), now, now) // without it, they cannot tell, and fail as before
}

// repairedAt is when a repair last ended, zero if there was none since the files
// were written.
func (p place) repairedAt() time.Time {
	fi, err := os.Stat(p.file(Lock))
	if err != nil {
		return time.Time{}
	}
	for _, file := range []string{p.file(Zip), p.file(ZipHash), p.file(Mod)} {
		if other, err := os.Stat(file); err == nil && !fi.ModTime().After(other.ModTime()) {
			return time.Time{}
		}
	}
	return fi.ModTime()
}

func (r *repair) fail(what string, err error) { r.errs = append(r.errs, describe(what, err)) }

func (r *repair) did(what string) { r.done = append(r.done, what) }

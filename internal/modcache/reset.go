package modcache

import (
	"bytes"
	"context"
	"errors"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/repofile"
)

// Reset puts fresh copies in place of all that the cache has of these
// versions, right or wrong, under the same conditions as Repair: each copy is
// verified and in hand before anything is touched.
func (c *Cache) Reset(ctx context.Context, versions []module.Version, sums Sums, fetch Fetcher) []Outcome {
	outcomes := make([]Outcome, len(versions))
	c.progress(len(versions), func(i int) { outcomes[i] = c.reset(ctx, versions[i], orNone(sums), fetch) })
	return outcomes
}

func (c *Cache) reset(ctx context.Context, m module.Version, sums Sums, fetch Fetcher) Outcome {
	o := Outcome{Module: m}
	p, err := c.place(m)
	if err != nil {
		o.Err = err
		return o
	}
	r := &repair{Cache: c, place: p}
	what := Meta
	if existing(p.file(Zip)) != "" || existing(p.dir) != "" {
		what = All
	}
	files, err := fetch.Fetch(ctx, m, what)
	if err == nil {
		r.got, err = files.read(p)
	}
	if err != nil {
		o.Err = describe("fetching a fresh copy", err)
		return o
	}
	r.renew(ctx, sums, what)
	o.Before, o.Done, o.Kept, o.Err = r.State, r.done, r.kept, errors.Join(r.errs...)
	return o
}

// renew is change for a version that need not be damaged.
func (r *repair) renew(ctx context.Context, sums Sums, what What) {
	r.at("lock")
	unlock, err := r.lock(ctx)
	if err != nil {
		r.fail("taking the go command's lock", err)
		return
	}
	defer unlock()
	if r.State = r.look(r.place.Version, sums, true); r.State.Err != nil {
		r.fail("looking again", r.State.Err)
		return
	}
	if what == All {
		if err := acceptZip(r.got, &r.facts); err != nil {
			r.fail("the zip", err)
			return
		}
		if err := r.install(); err != nil {
			r.fail("replacing the zip", err)
			return
		}
		r.renewDir()
	}
	r.renewMeta()
	r.at("end")
	r.note()
}

func (r *repair) renewDir() {
	switch r.facts.dir {
	case present:
		r.dropIndex()
		r.mend()
	case broken:
		r.fixDir()
	}
}

func (r *repair) renewMeta() {
	own := r.facts.ownModIn(legacyMod(r.place.Version))
	if old, err := repofile.Read(r.file(Mod), repofile.MaxMod); err == nil && !bytes.Equal(old, r.got.mod) {
		if data, err := acceptMod(r.got, &r.facts, own); err != nil {
			r.fail("the go.mod", err)
		} else {
			r.swap("mod", r.file(Mod), data)
		}
	}
	if old, err := repofile.Read(r.file(Info), repofile.MaxMod); err == nil && r.got.info != nil && !bytes.Equal(old, r.got.info) {
		r.swap("info", r.file(Info), r.got.info)
	}
}

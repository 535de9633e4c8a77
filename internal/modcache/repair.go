package modcache

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// Steps are the names of the steps of a repair, in their order. The process
// may die before any of them: the next plain go command then finds either the
// damage that was there before, or something that it accepts.
var Steps = []string{
	"lock",           // the replacement is in hand; nothing is touched yet
	"stage",          // a file is written beside its place
	"forget-zip",     // where .ziphash is wrong too, a zip that cannot be right goes: go would download it again
	"forget-ziphash", // then the wrong .ziphash goes
	"zip",            // the staged zip is renamed over
	"ziphash",        // the staged .ziphash is renamed over
	"drop-index",     // indexes of the damaged directory are removed
	"partial",        // the directory is marked: the go command now waits, and extracts it itself if we die
	"extra",          // an extra file is moved out
	"file",           // a file is renamed over
	"modes",          // folders get their permissions back
	"unpartial",      // the mark is removed
	"mod",            // the staged .mod is renamed over
	"info",           // the staged .info is renamed over
	"end",            // the lock is about to be released
}

// An Outcome is what Repair did about one version.
type Outcome struct {
	Module module.Version `json:"module"`
	Before State          `json:"before"`
	Done   []string       `json:"done,omitempty"` // what was done, for people: "zip replaced"
	Err    error          `json:"-"`              // why something was left as it was
}

// Mended reports whether something was mended and nothing remains.
func (o Outcome) Mended() bool { return o.Err == nil && len(o.Done) > 0 }

// Repair mends what Verify found, several versions side by side. fetch may be
// nil: then only what the cache itself can replace is mended. Versions without
// damage have no outcome.
func (c *Cache) Repair(ctx context.Context, states []State, sums Sums, fetch Fetcher) []Outcome {
	var damaged []State
	for _, s := range states {
		if len(s.Damage) > 0 {
			damaged = append(damaged, s)
		}
	}
	outcomes := make([]Outcome, len(damaged))
	var group sync.WaitGroup
	slots := make(chan struct{}, c.workers())
	for i, s := range damaged {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			outcomes[i] = c.repair(ctx, s, orNone(sums), fetch)
		})
	}
	group.Wait()
	return outcomes
}

// A repair is the work on one version.
type repair struct {
	*Cache
	place
	State                // as it was found under the lock, and corrected as we go
	got       *candidate // nil: nothing was fetched
	done      []string
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
	r.fetch(ctx, before, fetch)
	r.change(ctx, sums)
	o.Done, o.Err = r.done, errors.Join(r.errs...)
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

// change looks again under the lock, since another process may have mended
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
	if len(r.Damage) == 0 { // somebody else was faster
		r.errs = nil
		return
	}
	r.fixZip()
	r.fixZipHash()
	r.fixDir()
	r.fixMod()
	r.fixInfo()
	r.at("end")
}

func (r *repair) fail(what string, err error) { r.errs = append(r.errs, describe(what, err)) }

func (r *repair) did(what string) { r.done = append(r.done, what) }

// fixZip puts the fetched zip in place of one that cannot be right, or where a
// damaged directory has none to be mended from.
func (r *repair) fixZip() {
	f := &r.facts
	wrong := r.Has(ZipUnreadable) || r.Has(ZipWrong) || r.Has(ZipDisputed)
	if !wrong && !(r.Has(DirWrong) && f.zip == absent) {
		return
	}
	if err := acceptZip(r.got, f); err != nil {
		if r.got != nil {
			r.fail(filepath.Base(r.file(Zip)), err)
		}
		return
	}
	if f.zipSum == r.got.zipSum { // the dispute is settled for the zip
		r.record(f.zipSum)
		return
	}
	if err := r.install(); err != nil {
		r.fail("replacing the zip", err)
	}
}

func (r *repair) install() error {
	f := &r.facts
	r.at("stage")
	staged, err := r.stageCopy(r.got.zip)
	if err != nil {
		return err
	}
	if f.hash == present && f.hashed != r.got.zipSum {
		if err := r.forget(); err != nil {
			os.Remove(staged)
			return err
		}
	}
	r.at("zip")
	if err := replace(staged, r.file(Zip)); err != nil {
		return err
	}
	r.did("zip replaced")
	f.zip, f.zipSum, f.dirDiff = present, r.got.zipSum, nil
	if f.hashed != f.zipSum {
		r.record(f.zipSum)
	}
	return nil
}

// forget clears the way for a zip that the recorded hash contradicts. Two
// files cannot be replaced at once, and a right zip beside a wrong hash would be
// a security error; in this order, each state between is one that go mends.
func (r *repair) forget() error {
	r.at("forget-zip")
	if err := os.Remove(r.file(Zip)); err != nil && !isMissing(err) {
		return err
	}
	r.at("forget-ziphash")
	if err := os.Remove(r.file(ZipHash)); err != nil {
		return err
	}
	r.facts.zip, r.facts.hash, r.facts.hashed = absent, absent, ""
	return nil
}

// fixZipHash writes the hash that the zip, or the directory where there is no
// zip, has according to go.sum. What go.sum does not vouch for is left to the
// go command, which asks the checksum database.
func (r *repair) fixZipHash() {
	f := &r.facts
	switch {
	case f.good() || !r.Has(ZipHashMissing) && !r.Has(ZipHashMalformed) && !r.Has(ZipHashWrong):
	case f.vouched(f.zipSum):
		r.record(f.zipSum)
	case f.zip == present && acceptZip(r.got, f) == nil && r.got.zipSum == f.zipSum:
		r.record(f.zipSum)
	case f.zip != present && f.vouched(f.dirSum):
		r.record(f.dirSum)
	}
}

func (r *repair) record(sum string) {
	f := &r.facts
	r.at("stage")
	staged, err := r.stageBytes([]byte(sum))
	if err == nil {
		r.at("ziphash")
		err = replace(staged, r.file(ZipHash))
	}
	if err != nil {
		r.fail("writing .ziphash", err)
		return
	}
	f.hash, f.hashed = present, sum
	r.did("ziphash written")
}

// fixDir mends the extracted directory from the zip, which by now is good.
func (r *repair) fixDir() {
	switch f := &r.facts; {
	case r.Has(IndexStale):
		r.dropIndex()
		r.did("index dropped")
	case f.dir == absent || !r.Has(DirWrong) && !r.Has(DirPartial):
		if r.Has(DirPartial) {
			r.unmark()
		}
	case !f.good() || !f.trusted():
		if r.Has(DirWrong) && len(r.errs) == 0 {
			r.fail("mending the directory", errNoReplacement)
		}
	case r.Has(DirPartial):
		r.extract()
	default:
		r.mend()
	}
}

func (r *repair) dropIndex() {
	r.at("drop-index")
	if _, err := r.Index.Drop(r.dir); err != nil && !r.indexKept {
		r.indexKept = true
		r.fail("dropping the module index", err)
	}
}

// mark makes the go command regard the directory as not extracted: it then
// waits for the lock, and if we die, extracts the directory anew.
func (r *repair) mark() error {
	r.at("partial")
	return os.WriteFile(r.file(Partial), nil, 0o666)
}

func (r *repair) unmark() {
	r.at("unpartial")
	if err := os.Remove(r.file(Partial)); err != nil && !isMissing(err) {
		r.fail("removing the mark of a partial extraction", err)
		return
	}
	r.did("stale .partial removed")
}

// extract starts an interrupted extraction again, as modfetch.unzip would.
func (r *repair) extract() {
	r.dropIndex()
	err := r.mark()
	if err == nil {
		err = removeAll(r.dir)
	}
	if err == nil {
		r.at("file")
		err = modzip.Unzip(r.dir, r.place.Version, r.file(Zip))
	}
	if err != nil {
		r.fail("extracting the directory", err) // the mark stays: go tries itself
		return
	}
	r.dropIndex()
	r.at("unpartial")
	if err := os.Remove(r.file(Partial)); err != nil {
		r.fail("removing the mark of a partial extraction", err)
		return
	}
	r.at("modes")
	if !r.Writable {
		makeReadOnly(r.dir)
	}
	r.did("directory extracted again")
}

func (r *repair) fixMod() {
	f := &r.facts
	if !r.Has(ModUnreadable) && !r.Has(ModWrong) {
		return
	}
	data, err := acceptMod(r.got, f, f.ownModIn(legacyMod(r.place.Version)))
	if err != nil {
		if r.got != nil {
			r.fail(filepath.Base(r.file(Mod)), err)
		}
		return
	}
	r.swap("mod", r.file(Mod), data)
}

func (r *repair) fixInfo() {
	if (r.Has(InfoUnreadable) || r.Has(InfoWrong)) && r.got != nil && r.got.info != nil {
		r.swap("info", r.file(Info), r.got.info)
	}
}

func (r *repair) swap(step, file string, data []byte) {
	r.at("stage")
	staged, err := r.stage(func(w io.Writer) error { _, err := w.Write(data); return err })
	if err == nil {
		r.at(step)
		err = replace(staged, file)
	}
	if err != nil {
		r.fail("replacing ."+step, err)
		return
	}
	r.did(step + " replaced")
}

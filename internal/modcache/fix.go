package modcache

import (
	"os"
	"path/filepath"

	modzip "golang.org/x/mod/zip"

	"github.com/gosteady/gosteady/internal/robust"
)

// fixZip puts the fetched zip in place of one that cannot be right, or where a
// damaged directory has none to be repaired from.
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
			robust.Remove(staged)
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
// a security error; in this order, each state between is one that go repairs.
func (r *repair) forget() error {
	r.at("forget-zip")
	if err := robust.Remove(r.file(Zip)); err != nil && !isMissing(err) {
		return err
	}
	r.at("forget-ziphash")
	if err := robust.Remove(r.file(ZipHash)); err != nil {
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

// fixDir repairs the extracted directory from the zip, which by now is good.
func (r *repair) fixDir() {
	switch f := &r.facts; {
	case f.dir == absent || !r.Has(DirWrong) && !r.Has(DirPartial):
		if r.Has(DirPartial) {
			r.unmark()
		}
	case !f.good() || !f.trusted():
		if r.Has(DirWrong) && len(r.errs) == 0 {
			r.fail("repairing the directory", errNoReplacement)
		}
	case r.Has(DirPartial):
		r.extract()
	default:
		r.repairInPlace()
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
	if err := robust.Remove(r.file(Partial)); err != nil && !isMissing(err) {
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
	if err := robust.Remove(r.file(Partial)); err != nil {
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
	staged, err := r.stageBytes(data)
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

package modcache

import (
	"bytes"
	"slices"

	"github.com/gosteady/gosteady/internal/modhash"
)

// judge concludes what is damaged. It is a pure function of the facts; the
// order of its reasons is the package comment's "What is true".
func judge(p place, f *facts) State {
	j := &judgement{facts: f, State: State{Module: p.Version}, p: p}
	j.zipAndHash()
	j.directory()
	j.modFile()
	j.infoFile()
	j.State.facts = *f
	j.Status = j.status()
	return j.State
}

type judgement struct {
	*facts
	State
	p place
}

func (j *judgement) found(kind Kind, path, detail string) {
	j.State.Damage = append(j.State.Damage, Damage{kind, path, detail})
}

func (j *judgement) status() Status {
	onlyPartial := len(j.Damage) > 0
	for _, d := range j.Damage {
		onlyPartial = onlyPartial && d.Kind == DirPartial
	}
	switch {
	case onlyPartial:
		return Interrupted
	case len(j.Damage) > 0:
		return Damaged
	case j.zip == absent && j.dir == absent:
		return Absent
	}
	return Complete
}

// vouched reports whether go.sum names this hash of the zip's content.
func (f *facts) vouched(sum string) bool { return sum != "" && slices.Contains(f.zips, sum) }

// good reports whether the zip agrees with its own record. It is then right,
// whatever go.sum says.
func (f *facts) good() bool { return f.zip == present && f.zipSum != "" && f.zipSum == f.hashed }

func (j *judgement) zipAndHash() {
	switch {
	case j.zip == broken:
		j.found(ZipUnreadable, j.p.file(Zip), j.zipErr.Error())
		j.hashAlone()
	case j.zip == present && j.zipSum != "":
		j.zipAgainstHash()
	default: // no zip, or one that was not read
		j.hashAlone()
	}
}

func (j *judgement) zipAgainstHash() {
	switch {
	case j.good():
		j.Contradicts = len(j.zips) > 0 && !j.vouched(j.zipSum)
	case j.hash != present:
		j.hashDamage()
		j.zipAgainstSums()
	case j.vouched(j.zipSum):
		j.found(ZipHashWrong, j.p.file(ZipHash), "the zip is as go.sum has it")
	case j.vouched(j.hashed):
		j.found(ZipWrong, j.p.file(Zip), "its content is "+j.zipSum+"; .ziphash and go.sum have "+j.hashed)
	case len(j.zips) == 0 && j.dirSum == j.zipSum:
		j.found(ZipHashWrong, j.p.file(ZipHash), "zip and directory agree on "+j.zipSum)
	case len(j.zips) == 0 && j.dirSum == j.hashed:
		j.found(ZipWrong, j.p.file(Zip), "its content is "+j.zipSum+"; .ziphash and the directory have "+j.hashed)
	default:
		j.found(ZipDisputed, j.p.file(Zip), "its content is "+j.zipSum+", and .ziphash has "+j.hashed)
	}
}

// zipAgainstSums judges a zip that has no record of its own.
func (j *judgement) zipAgainstSums() {
	switch detail := "its content is " + j.zipSum + ", which go.sum does not have"; {
	case len(j.zips) == 0 || j.vouched(j.zipSum):
	case j.vouched(j.dirSum):
		j.found(ZipWrong, j.p.file(Zip), detail)
	default:
		j.found(ZipDisputed, j.p.file(Zip), detail)
	}
}

// hashAlone judges .ziphash where there is no zip to compare it with.
func (j *judgement) hashAlone() {
	switch {
	case j.hash == absent && (j.zip != absent || j.dir == present), j.hash == broken:
		j.hashDamage()
	case j.hash == present && j.dirSum != "" && j.dirSum != j.hashed && j.vouched(j.dirSum):
		j.found(ZipHashWrong, j.p.file(ZipHash), "the directory is as go.sum has it")
	}
}

func (j *judgement) hashDamage() {
	if j.hash == broken {
		j.found(ZipHashMalformed, j.p.file(ZipHash), "")
	} else {
		j.found(ZipHashMissing, j.p.file(ZipHash), "")
	}
}

func (j *judgement) directory() {
	switch {
	case j.dir == broken:
		j.found(DirPartial, j.p.dir, j.dirWhy)
	case j.dirDiff != nil && !j.dirDiff.Empty():
		j.found(DirWrong, j.p.dir, j.dirDiff.String())
	case j.dirSum != "" && j.dirSum != j.expected() && j.expected() != "":
		j.found(DirWrong, j.p.dir, "its content is "+j.dirSum+", expected "+j.expected())
	}
}

// expected is the hash that the directory should have where the zip cannot
// tell.
func (j *judgement) expected() string {
	switch {
	case j.vouched(j.dirSum):
		return j.dirSum
	case j.hashed != "":
		return j.hashed
	case len(j.zips) == 1:
		return j.zips[0]
	}
	return ""
}

func (j *judgement) modFile() {
	if j.mod == absent || slices.Contains(j.mods, modhash.GoMod(j.modData)) {
		return
	}
	if own := j.ownMod(); own != nil && bytes.Equal(own, j.modData) {
		j.Contradicts = j.Contradicts || len(j.mods) > 0
		return
	}
	switch own := j.ownMod(); {
	case j.mod == broken:
		j.found(ModUnreadable, j.p.file(Mod), "")
	case len(j.mods) > 0:
		j.found(ModWrong, j.p.file(Mod), "go.sum has another hash")
	case own != nil && j.zipGoMod != nil && !sameLines(own, j.modData):
		j.found(ModWrong, j.p.file(Mod), "differs from the go.mod in the zip")
	}
}

// ownModIn is the go.mod that the good zip says the version has: the zip's, or
// legacy, which go makes up for a zip without one. It is nil if there is no good zip.
func (f *facts) ownModIn(legacy []byte) []byte {
	switch {
	case !f.good():
		return nil
	case f.zipGoMod != nil:
		return f.zipGoMod
	}
	return legacy
}

// ownModIsExact reports whether the good zip has the very bytes of the .mod
// file: see sameLines.
func (f *facts) ownModIsExact() bool {
	return f.good() && f.zipGoMod != nil && !bytes.ContainsRune(f.zipGoMod, '\r')
}

// sameLines compares a zip's go.mod with a .mod file. A repository whose
// .gitattributes ask for CRLF has it in the zip, which git archive makes, and
// not in the .mod file, which is the blob: both are right.
func sameLines(a, b []byte) bool {
	strip := func(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }
	return bytes.Equal(strip(a), strip(b))
}

func (j *judgement) ownMod() []byte { return j.ownModIn(legacyMod(j.Module)) }

func (j *judgement) infoFile() {
	switch {
	case j.info == broken:
		j.found(InfoUnreadable, j.p.file(Info), "")
	case j.info == present && j.infoWhat != j.Module.Version:
		j.found(InfoWrong, j.p.file(Info), "it is about "+j.infoWhat)
	}
}

package modcache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/modhash"
	"github.com/gosteady/gosteady/internal/repofile"
)

// A candidate is what a Fetcher brought, read and hashed.
type candidate struct {
	zip    string // path
	zipSum string
	mod    []byte
	info   []byte
	sumdb  bool // the checksum database confirmed it
}

// read checks that the files are what they should be, whatever the fetcher
// says.
func (f Files) read(p place) (*candidate, error) {
	k := &candidate{zip: f.Zip, sumdb: f.SumDB}
	if f.Zip != "" {
		sum, err := hashZip(p.Version, f.Zip)
		if err != nil {
			return nil, err
		}
		k.zipSum = sum
	}
	var err error
	if k.mod, err = optional(f.Mod); err != nil {
		return nil, err
	}
	if k.info, err = optional(f.Info); err != nil {
		return nil, err
	}
	if version, err := readInfo(k.info); err != nil || version != p.Version.Version {
		k.info = nil
	}
	return k, nil
}

// hashZip is the hash of a zip that go would extract.
func hashZip(m module.Version, file string) (string, error) {
	if err := checkZip(m, file); err != nil {
		return "", err
	}
	z, err := openZip(m, file)
	if err != nil {
		return "", err
	}
	defer z.Close()
	return z.pass(context.Background(), nobody)
}

func optional(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	return repofile.Read(file, repofile.MaxMod)
}

// Reasons not to use a replacement.
var (
	errNoReplacement = errors.New("no replacement at hand")
	errNotVouched    = errors.New("what was fetched is not what go.sum has either; nothing was changed")
	errUnconfirmed   = errors.New("what was fetched is confirmed neither by .ziphash nor by the checksum database; nothing was changed")
)

// acceptZip decides whether a zip with this content may take the place of what
// is there: it must match go.sum where go.sum knows the version, and the
// recorded hash or the checksum database. Where nothing is recorded and what is
// there cannot be read at all, go.sum alone suffices: nothing right can be lost.
func acceptZip(k *candidate, f *facts) error {
	switch {
	case k == nil || k.zipSum == "":
		return errNoReplacement
	case len(f.zips) > 0 && !f.vouched(k.zipSum):
		return errNotVouched
	case k.sumdb, k.zipSum == f.hashed:
		return nil
	case f.hash != present && f.zip != present && f.vouched(k.zipSum):
		return nil
	}
	return errUnconfirmed
}

// acceptMod decides the same about a go.mod. The good zip's own go.mod is a
// witness too. Where go.sum is silent it suffices alone only in place of what
// cannot be a go.mod; in place of another one, a fresh copy must say the same.
func acceptMod(k *candidate, f *facts, own []byte) ([]byte, error) {
	if own != nil && slices.Contains(f.mods, modhash.GoMod(own)) || f.mod == broken && len(f.mods) == 0 && f.ownModIsExact() {
		return own, nil
	}
	if k == nil || k.mod == nil {
		return nil, errNoReplacement
	}
	vouched := slices.Contains(f.mods, modhash.GoMod(k.mod))
	switch {
	case len(f.mods) > 0 && !vouched:
		return nil, errNotVouched
	case k.sumdb, vouched && f.mod == broken, len(f.mods) == 0 && f.zipGoMod != nil && bytes.Equal(own, k.mod):
		return k.mod, nil
	}
	return nil, errUnconfirmed
}

// needs returns what must be fetched before a version can be repaired.
func (s State) needs(own []byte) (what What, fetch bool) {
	f := &s.facts
	if s.Has(ZipUnreadable) || s.Has(ZipWrong) || s.Has(ZipDisputed) ||
		s.Has(ZipHashWrong) && !f.vouched(f.zipSum) && !f.vouched(f.dirSum) ||
		s.Has(DirWrong) && !f.trusted() {
		return All, true
	}
	if s.Has(ModUnreadable) || s.Has(ModWrong) {
		if _, err := acceptMod(nil, f, own); err != nil {
			return Meta, true
		}
	}
	return Meta, s.Has(InfoUnreadable) || s.Has(InfoWrong)
}

// trusted reports whether the zip that is there may be extracted: it agrees
// with its record, or will once the record is corrected, and with go.sum.
func (f *facts) trusted() bool {
	return f.vouched(f.zipSum) || f.good() && len(f.zips) == 0
}

// describe adds to an error what it kept from being done.
func describe(what string, err error) error { return fmt.Errorf("%s: %w", what, err) }

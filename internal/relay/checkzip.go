package relay

import (
	"archive/zip"
	"errors"
	"runtime"
	"slices"

	"github.com/gosteady/gosteady/internal/modhash"
	"github.com/gosteady/gosteady/internal/modproxy"
	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// smallZip is the size up to which every zip is verified in full.
//
// go itself inflates and hashes each zip, and then inflates it again to
// extract it. A third time for all of them would cost as much CPU as go's
// hashing: 6.1 of the 14.5 CPU seconds of a cold download of 250 modules. Of
// 800 zips of real projects 73 % are no larger than this, with 8 % of all the
// bytes, so they cost next to nothing (BenchmarkCheckZip: about a quarter of a
// second for 250 modules). Of the larger ones every zip is verified whose way
// was not straight: retried, resumed, hedged, rotated, asked for a second
// time, or from an upstream that has served damage before. Of what is left the
// structure is checked; damage inside a file's data is found by go, and then a
// new run asks again and is verified in full. What an installer is going to
// hash is not inflated here at all, whatever its way was.
const smallZip = 256 << 10

// looks bounds how many zips are looked at side by side: as many as go would hash, so
// that what their directories take in memory is about the same.
var looks = make(chan struct{}, runtime.GOMAXPROCS(0))

// checkZip checks that a body is a module zip of that version. thorough, or a
// small zip, means that it is inflated: then it must match go.sum if go.sum
// knows it, and its own checksums otherwise.
func (r *Relay) checkZip(m module.Version, body *spool, thorough bool) *badContent {
	looks <- struct{}{}
	defer func() { <-looks }()
	z, err := modproxy.OpenZip(body, body.size)
	if errors.Is(err, modproxy.ErrDirectory) {
		body.unread = true // go is the one to say what it is
		return nil
	}
	if err != nil {
		return bad("%v", err)
	}
	if b := checkNames(m, z); b != nil {
		return b
	}
	if !thorough && (body.size > smallZip || r.install.Load().installs(m)) {
		return nil
	}
	got, err := modhash.Zip(z, nil)
	if err != nil {
		return bad("%v", err)
	}
	if want := r.config.Sums.Zip(m); want != nil && !slices.Contains(want, got) {
		return mismatch(m, "", got, want)
	}
	return nil
}

// checkNames looks at the zip's directory alone: every file below
// "module@version/", and no more in all than go would extract.
func checkNames(m module.Version, z *zip.Reader) *badContent {
	prefix := m.Path + "@" + m.Version + "/"
	var total uint64
	for _, f := range z.File {
		if len(f.Name) < len(prefix) || f.Name[:len(prefix)] != prefix {
			return bad("zip for %s has unexpected file %s", prefix[:len(prefix)-1], f.Name)
		}
		total += f.UncompressedSize64
		if f.UncompressedSize64 > modzip.MaxZipFile || total > modzip.MaxZipFile {
			return bad("total uncompressed size of module contents too large (max size is %d bytes)", modzip.MaxZipFile)
		}
	}
	return nil
}

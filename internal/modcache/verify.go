package modcache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/repofile"
)

// Verify looks at versions side by side, reading every byte. The states come
// in the order of the versions.
func (c *Cache) Verify(ctx context.Context, versions []module.Version, sums Sums) []State {
	return c.each(ctx, versions, func(m module.Version) State { return c.look(m, orNone(sums), true) })
}

// Quick is Verify without reading the contents of zips and directories: it
// finds truncated, empty and garbage zips, and extracted files that are missing,
// extra or of another size, but not changed bytes.
func (c *Cache) Quick(ctx context.Context, versions []module.Version, sums Sums) []State {
	return c.each(ctx, versions, func(m module.Version) State { return c.look(m, orNone(sums), false) })
}

// each calls look for every version, the largest first, so that no large one
// is left to be waited for at the end.
func (c *Cache) each(ctx context.Context, versions []module.Version, look func(module.Version) State) []State {
	states := make([]State, len(versions))
	order := c.bySize(versions)
	c.progress(len(order), func(i int) { states[order[i]] = c.one(ctx, versions[order[i]], look) })
	return states
}

func (c *Cache) one(ctx context.Context, m module.Version, look func(module.Version) State) State {
	if err := ctx.Err(); err != nil {
		return State{Module: m, Status: Unknown, Err: err}
	}
	if c.Verifying != nil {
		c.Verifying(m)
	}
	return look(m)
}

func (c *Cache) bySize(versions []module.Version) []int {
	sizes, order := make([]int64, len(versions)), make([]int, len(versions))
	for i, m := range versions {
		order[i] = i
		if file, err := c.File(m, Zip); err == nil {
			if fi, err := os.Stat(file); err == nil {
				sizes[i] = fi.Size()
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(1, max(-1, sizes[b]-sizes[a]))) })
	return order
}

// look gathers the facts of one version and judges them.
func (c *Cache) look(m module.Version, sums Sums, full bool) State {
	p, err := c.place(m)
	if err != nil {
		return State{Module: m, Status: Unknown, Err: err}
	}
	f, err := c.gather(p, sums, full)
	if err != nil {
		return State{Module: m, Status: Unknown, Err: err}
	}
	return judge(p, f)
}

// facts are what lies on disk, before anything is concluded.
type facts struct {
	zips, mods []string // what go.sum says
	full       bool     // every byte was read
	meta

	zip      presence // of the zip; broken: cannot be read as one
	zipErr   error    // why it is broken
	zipSum   string
	zipGoMod []byte   // the go.mod in it, nil if none
	hash     presence // of .ziphash; broken: malformed
	hashed   string   // what .ziphash says
	dir      presence // of the extracted directory; broken: marked partial, or not a directory
	dirWhy   string   // why it is broken
	dirDiff  *Diff    // against the zip; nil if not compared
	dirSum   string   // "" if not hashed
}

// meta are the facts about the files beside the zip.
type meta struct {
	mod      presence // broken: cannot be a go.mod
	modData  []byte
	info     presence
	infoWhat string // the version that .info is about
}

// presence says how a file was found.
type presence int

const (
	absent presence = iota
	present
	broken
)

// gather reads the files of a version. An error means that they could not be
// looked at, which says nothing about them.
func (c *Cache) gather(p place, sums Sums, full bool) (*facts, error) {
	f := &facts{zips: sums.Zip(p.Version), mods: sums.GoMod(p.Version)}
	if p.Path == fipsPath {
		return f, nil
	}
	return f, errors.Join(f.readMod(p), f.readInfo(p), f.readHash(p), f.readDir(p), f.readContent(c, p, full))
}

func (f *facts) readMod(p place) (err error) {
	f.modData, err = repofile.Read(p.file(Mod), repofile.MaxMod)
	switch {
	case isMissing(err):
		return nil
	case err != nil:
		return err
	case plausibleMod(f.modData):
		f.mod = present
	default:
		f.mod = broken
	}
	return nil
}

func (f *facts) readInfo(p place) error {
	data, err := repofile.Read(p.file(Info), repofile.MaxMod)
	if isMissing(err) {
		return nil
	} else if err != nil {
		return err
	}
	f.info = present
	if f.infoWhat, err = readInfo(data); err != nil {
		f.info = broken
	}
	return nil
}

func (f *facts) readHash(p place) error {
	data, err := readZipHash(p.file(ZipHash))
	switch {
	case isMissing(err):
		return nil
	case err != nil:
		return err
	case validHash(string(data)):
		f.hash, f.hashed = present, string(data)
	default:
		f.hash = broken
	}
	return nil
}

// readDir tells only whether the directory counts as extracted, as
// modfetch.DownloadDir does.
func (f *facts) readDir(p place) error {
	fi, err := os.Stat(p.dir)
	switch {
	case err == nil && fi.IsDir():
		f.dir = present
	case err == nil:
		f.dir, f.dirWhy = broken, "not a directory"
	case !isMissing(err):
		return err
	}
	if _, err := os.Lstat(p.file(Partial)); err == nil {
		f.dir, f.dirWhy = broken, "marked as not completely extracted"
	} else if !isMissing(err) {
		return err
	}
	return nil
}

// readContent reads the zip, and the directory with it or, where the zip is
// not what the directory was made of, by itself.
func (f *facts) readContent(c *Cache, p place, full bool) error {
	f.full = full
	diff, err := f.readZip(c, p)
	if err := f.zipError(p.file(Zip), err); err != nil || f.dir != present {
		return err
	}
	if f.zip == present && (!full || f.zipSpeaks()) {
		f.dirDiff = diff
		return nil
	}
	if !full {
		return nil
	}
	c.hashes(p.dir)
	f.dirSum, err = sumDir(p)
	return err
}

// readZip looks at the zip, and returns how the directory, if there is one, differs from
// it.
func (f *facts) readZip(c *Cache, p place) (*Diff, error) {
	z, err := openZip(p.Version, p.file(Zip))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	compare := &comparison{place: p, zip: z}
	switch extracted := f.dir == present; {
	case f.full && extracted:
		c.hashes(p.file(Zip))
		f.zipSum, err = compare.fully()
	case f.full:
		c.hashes(p.file(Zip))
		f.zipSum, err = z.pass(context.Background(), nobody)
	default:
		if err = z.headers(); err == nil && extracted {
			err = compare.quickly()
		}
	}
	if err == nil && f.full {
		f.zipGoMod, err = z.read("go.mod")
	}
	return &compare.diff, err
}

// zipSpeaks reports whether the directory can be judged by the zip: it agrees
// with its record or with go.sum, or nothing else is known.
func (f *facts) zipSpeaks() bool {
	return f.good() || f.vouched(f.zipSum) || f.hash != present && len(f.zips) == 0
}

// zipError tells a zip that cannot be read as one from a file that could not
// be looked at.
func (f *facts) zipError(file string, err error) error {
	var path *fs.PathError
	switch {
	case err == nil:
		f.zip = present
	case errors.As(err, &path) && path.Path == file && isMissing(err):
		f.zip = absent
	case errors.As(err, &path):
		return err
	default:
		f.zip, f.zipErr = broken, err
	}
	return nil
}

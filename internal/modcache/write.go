package modcache

import (
	"context"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/gosteady/gosteady/internal/robust"
)

// lock takes the lock under which cmd/go downloads and extracts this version
// (modfetch.lockVersion). A wait for it ends with ctx.
func (p place) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(p.download, 0o777); err != nil {
		return nil, err
	}
	return lockFile(ctx, p.file(Lock))
}

func lockFile(ctx context.Context, file string) (unlock func(), err error) {
	type result struct {
		unlock func()
		err    error
	}
	done := make(chan result, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(file).Lock()
		done <- result{unlock, err}
	}()
	select {
	case r := <-done:
		return r.unlock, r.err
	case <-ctx.Done():
		go func() { // the lock, once it is got, is of no use any more
			if r := <-done; r.err == nil {
				r.unlock()
			}
		}()
		return nil, ctx.Err()
	}
}

// stage writes a file beside the one it is going to replace. Of names like
// these the go command removes leftovers, under the same lock
// (modfetch.downloadZip), also those of .mod files if we name them so.
func (p place) stage(write func(io.Writer) error) (string, error) {
	for {
		name := filepath.Join(p.download, p.version+".zip"+strconv.Itoa(rand.IntN(1e9))+".tmp")
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if os.IsExist(err) {
			continue
		} else if err != nil {
			return "", err
		}
		err = write(f)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			robust.Remove(name)
			return "", err
		}
		return name, nil
	}
}

func (p place) stageBytes(data []byte) (string, error) {
	return p.stage(func(w io.Writer) error { _, err := w.Write(data); return err })
}

func (p place) stageCopy(file string) (string, error) {
	return p.stage(func(w io.Writer) error {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	})
}

// replace renames a staged file into place. What cannot be put into place is
// removed.
func replace(staged, file string) error {
	err := robust.Rename(staged, file)
	if err != nil {
		robust.Remove(staged)
	}
	return err
}

// removeAll removes a tree of which folders may be read-only.
func removeAll(dir string) error {
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() || err != nil && d != nil && d.IsDir() {
			os.Chmod(path, 0o777)
		}
		return nil
	})
	return robust.RemoveAll(dir)
}

// makeReadOnly takes the write permission from the folders of a tree, children
// first, as modfetch.makeDirsReadOnly does.
func makeReadOnly(dir string) {
	var dirs []string
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	for i := len(dirs) - 1; i >= 0; i-- {
		if fi, err := os.Stat(dirs[i]); err == nil {
			os.Chmod(dirs[i], fi.Mode()&^0o222)
		}
	}
}

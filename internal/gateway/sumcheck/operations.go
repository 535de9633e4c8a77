package sumcheck

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/internal/wholefile"
	"github.com/rogpeppe/go-internal/lockedfile"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
)

// maxFile bounds what is read of the store: a tile has 8 KiB, one of records more.
const maxFile = 1 << 20

// operations are what a sumdb.Client needs of the world.
type operations struct{ d *Database }

// item is what a path of the database stands for.
func (o *operations) item(path string) (modproxy.Item, error) {
	return modproxy.Parse("sumdb/" + o.d.Name + "/" + strings.TrimPrefix(path, "/"))
}

// ReadRemote asks the database.
func (o *operations) ReadRemote(path string) ([]byte, error) {
	it, err := o.item(path)
	if err != nil {
		return nil, err
	}
	data, err := o.d.remote(o.d.ctx, it, o.d.doubts())
	if it.Kind == modproxy.Lookup && errors.Is(err, fs.ErrNotExist) {
		o.d.noteMissing(it.Mod)
	}
	return data, err
}

// ReadConfig reads the key, or the tree that was seen last.
func (o *operations) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(o.d.key), nil
	}
	data, err := repofile.Read(o.latest(), maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !o.signed(data) {
		o.d.logf("%s is damaged: the checksum database's current tree is taken in its place", o.latest())
		return nil, nil
	}
	return data, nil
}

// signed reports whether data is a tree of the database's.
func (o *operations) signed(data []byte) bool {
	verifier, err := note.NewVerifier(o.d.key)
	if err != nil {
		return false
	}
	_, err = note.Open(data, note.VerifierList(verifier))
	return err == nil
}

// WriteConfig replaces the tree that was seen last, unless another process did.
func (o *operations) WriteConfig(_ string, old, new []byte) error {
	file := o.latest()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	unlock, err := lockedfile.MutexAt(file + ".lock").Lock()
	if err != nil {
		return err
	}
	defer unlock()
	now, err := o.ReadConfig("latest")
	if err != nil {
		return err
	}
	if !bytes.Equal(now, old) {
		return sumdb.ErrWriteConflict
	}
	return wholefile.WriteString(file, string(new))
}

// latest is the file of the tree that was seen last.
func (o *operations) latest() string {
	return filepath.Join(o.d.store.Own("sumdb"), filepath.FromSlash(o.d.Name), "latest")
}

// ReadCache reads a record or a tile. The client proves it again.
func (o *operations) ReadCache(file string) ([]byte, error) {
	it, err := o.item(strings.TrimPrefix(file, o.d.Name))
	if err != nil {
		return nil, err
	}
	f, err := o.d.store.Open(it, "")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Size > maxFile {
		return nil, fmt.Errorf("%s is larger than any tile", f.Name())
	}
	return io.ReadAll(f)
}

// WriteCache keeps a record or a tile that was proved. Where that fails, it is asked for
// again.
func (o *operations) WriteCache(file string, data []byte) {
	if it, err := o.item(strings.TrimPrefix(file, o.d.Name)); err == nil {
		_ = o.d.store.Put(it, bytes.NewReader(data), "", "") // the store says so itself
	}
}

// Log is not called by Client for anything that a person needs.
func (o *operations) Log(string) {}

// SecurityError is for a database that contradicts itself.
func (o *operations) SecurityError(msg string) {
	o.d.logf("the checksum database %s contradicts itself, nothing of it is believed: %s", o.d.Name, strings.Join(strings.Fields(msg), " "))
}

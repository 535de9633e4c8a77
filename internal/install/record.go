package install

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gosteady/gosteady/internal/wholefile"
)

// recordVersion is of the file's format. A file of another one is left alone.
const recordVersion = 1

// A Record is one installation. It says where to look, and nothing that is done
// unseen: what lies there is looked at before anything is renamed.
type Record struct {
	Kind   string   `json:"kind"` // shims or goroot
	Dir    string   `json:"dir"`  // of the shims, or the GOROOT
	System bool     `json:"system,omitempty"`
	Made   []string `json:"made,omitempty"` // directories that were not there before, the lowest first
}

// records is the file that has them; with no place for one, nothing is recorded.
type records struct {
	file string
	list []Record
}

type recordFile struct {
	Version  int      `json:"version"`
	Installs []Record `json:"installs"`
}

// openRecord reads the record, as far as there is one that can be trusted.
func (in *Installer) openRecord() *records {
	dir := in.stateDir()
	if isRoot() && in.Getenv("GOSTEADY_STATE") == "" {
		dir = systemRecords()
	}
	r := &records{}
	if dir != "" {
		r.file = filepath.Join(dir, "installs.json")
		r.read()
	}
	return r
}

// read takes the list from the file. What cannot be trusted or read is no list.
func (r *records) read() {
	r.list = nil
	fi, err := os.Lstat(r.file)
	if err != nil || !fi.Mode().IsRegular() || !ownedBy(fi) || fi.Size() > 1<<20 {
		return
	}
	data, err := os.ReadFile(r.file)
	if err != nil {
		return
	}
	var f recordFile
	if json.Unmarshal(data, &f) == nil && f.Version == recordVersion {
		r.list = f.Installs
	}
}

// add writes down one more, once.
func (r *records) add(rec Record) error {
	r.read()
	if at := r.index(rec); at >= 0 {
		rec.Made = append(rec.Made, r.list[at].Made...)
	}
	r.forget(rec)
	r.list = append(r.list, rec)
	return r.save()
}

// drop forgets one that was undone.
func (r *records) drop(rec Record) error {
	r.read() // another run may have changed it
	r.forget(rec)
	return r.save()
}

// index finds the record of the same place, -1 if there is none.
func (r *records) index(rec Record) int {
	return slices.IndexFunc(r.list, func(other Record) bool { return other.Kind == rec.Kind && other.Dir == rec.Dir })
}

func (r *records) forget(rec Record) {
	if at := r.index(rec); at >= 0 {
		r.list = slices.Delete(r.list, at, at+1)
	}
}

func (r *records) save() error {
	if r.file == "" {
		return fmt.Errorf("there is no directory to record this in; to undo it, run gosteady uninstall with the same options")
	}
	if len(r.list) == 0 {
		err := os.Remove(r.file)
		_ = os.Remove(filepath.Dir(r.file)) // only if it is empty
		if os.IsNotExist(err) {
			return nil
		}
		return err
	}
	data, err := json.MarshalIndent(recordFile{Version: recordVersion, Installs: r.list}, "", "  ")
	if err == nil {
		err = wholefile.WriteString(r.file, string(data)+"\n")
	}
	if err != nil {
		return fmt.Errorf("cannot record this in %s (%w); to undo it, run gosteady uninstall with the same options", r.file, err)
	}
	return nil
}

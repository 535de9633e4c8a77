package standing

import (
	"encoding/json"
	"path/filepath"

	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/internal/robust"
	"github.com/gosteady/gosteady/internal/wholefile"
)

// Written is what go env -w has of the gateway's, and what was there before.
type Written struct {
	Written string `json:"written"` // GOPROXY
	Before  string `json:"before"`  // the list that was in force: the upstreams from then on
	HadFile bool   `json:"hadFile"` // the user's file said something
	File    string `json:"file"`    // what it said
}

const (
	writtenName = "gateway-goproxy.json"
	maxWritten  = 64 << 10
)

// ReadWritten reports false if nothing was written.
func ReadWritten(state string) (w Written, ok bool) {
	if state == "" {
		return w, false
	}
	data, err := repofile.Read(filepath.Join(state, writtenName), maxWritten)
	if err != nil || json.Unmarshal(data, &w) != nil || w.Written == "" {
		return Written{}, false
	}
	return w, true
}

// Keep remembers it.
func (w Written) Keep(state string) error {
	data, err := json.Marshal(w)
	if err != nil {
		return err
	}
	return wholefile.WriteString(filepath.Join(state, writtenName), string(data)+"\n")
}

// ForgetWritten is for when it was restored.
func ForgetWritten(state string) error { return robust.Remove(filepath.Join(state, writtenName)) }

package modcache

import (
	"strings"

	"golang.org/x/mod/module"
)

// A Status sums up one version on disk.
type Status string

const (
	Absent      Status = "absent"      // nothing, or no more than .info and .mod, which are right
	Complete    Status = "complete"    // all that is there is right
	Interrupted Status = "interrupted" // an interrupted extraction, and nothing worse: the go command starts it again
	Damaged     Status = "damaged"     // see State.Damage
	Unknown     Status = "unknown"     // could not be looked at (State.Err): nothing is claimed, nothing is changed
)

// A Kind is one way in which a version can be damaged.
type Kind string

const (
	ZipUnreadable    Kind = "zip-unreadable"    // not a zip, truncated, or its content fails its own checksums
	ZipWrong         Kind = "zip-wrong"         // a zip with other content than .ziphash and a second witness say
	ZipDisputed      Kind = "zip-disputed"      // zip and .ziphash differ, and nobody here can say which is right
	ZipHashMissing   Kind = "ziphash-missing"   // beside a zip or an extracted directory
	ZipHashMalformed Kind = "ziphash-malformed" // not a hash
	ZipHashWrong     Kind = "ziphash-wrong"     // well-formed, but contradicted by the zip and a second witness
	ModUnreadable    Kind = "mod-unreadable"    // cannot be a go.mod
	ModWrong         Kind = "mod-wrong"         // differs from what go.sum and the good zip say
	InfoUnreadable   Kind = "info-unreadable"   // not JSON
	InfoWrong        Kind = "info-wrong"        // the JSON of another version
	DirPartial       Kind = "dir-partial"       // marked as not completely extracted
	DirWrong         Kind = "dir-wrong"         // files missing, changed or extra
)

// repairedByGo are the kinds that the go command repairs itself when it meets
// them (readDiskStat, downloadZip, checkMod, unzip of modfetch).
var repairedByGo = map[Kind]bool{ZipHashMissing: true, ZipHashMalformed: true, InfoUnreadable: true, DirPartial: true}

// Damage is one thing that is wrong.
type Damage struct {
	Kind   Kind   `json:"kind"`
	Path   string `json:"path"`
	Detail string `json:"detail,omitempty"`
}

// A State is what is known of one version on disk.
type State struct {
	Module      module.Version `json:"module"`
	Status      Status         `json:"status"`
	Damage      []Damage       `json:"damage,omitempty"`
	Contradicts bool           `json:"contradicts,omitempty"` // go.sum disagrees with a copy that agrees with itself: never damage
	Err         error          `json:"-"`

	facts facts
}

// Has reports whether a kind of damage was found.
func (s State) Has(kind Kind) bool {
	for _, d := range s.Damage {
		if d.Kind == kind {
			return true
		}
	}
	return false
}

// Heals reports whether repairing this version can change what the go command
// does: some damage that go does not repair itself.
func (s State) Heals() bool {
	for _, d := range s.Damage {
		if !repairedByGo[d.Kind] {
			return true
		}
	}
	return false
}

// String is the damage in one line, for people.
func (s State) String() string {
	var parts []string
	for _, d := range s.Damage {
		if d.Detail != "" {
			parts = append(parts, string(d.Kind)+" ("+d.Detail+")")
		} else {
			parts = append(parts, string(d.Kind))
		}
	}
	if s.Err != nil {
		parts = append(parts, s.Err.Error())
	}
	if len(parts) == 0 {
		return string(s.Status)
	}
	return strings.Join(parts, ", ")
}

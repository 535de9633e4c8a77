// Package release knows which gosteady this is.
package release

import "runtime/debug"

// Version is set by release builds (-ldflags "-X …/internal/release.Version=v0.2.0").
var Version = ""

// String is the release's version, else what the build information knows.
func String() string {
	if Version != "" {
		return Version
	}
	if bi, ok := debug.ReadBuildInfo(); ok && bi.Main.Version != "" && bi.Main.Version != "(devel)" {
		return bi.Main.Version
	}
	return "devel"
}

// Commit is the commit that it was built from, "" if nothing says so.
func Commit() string {
	bi, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range bi.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}

// A Module is one that is linked into gosteady.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum,omitempty"` // as in go.sum
}

// Modules are those that gosteady consists of, besides its own; never nil.
func Modules() []Module {
	list := []Module{}
	bi, ok := debug.ReadBuildInfo()
	if !ok {
		return list
	}
	for _, m := range bi.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		list = append(list, Module{m.Path, m.Version, m.Sum})
	}
	return list
}

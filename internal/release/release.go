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

//go:build unix

package install

import "os"

// The places of the whole machine.

func systemShims(func(string) string) string { return "/usr/local/lib/gosteady/shims" }

// systemRecords is where root's record lies: root's HOME may be a user's (sudo).
func systemRecords() string { return "/var/lib/gosteady" }

// systemProfiles are read by the login shells of all users, and on macOS by its zsh.
func systemProfiles() []string {
	return []string{systemEtc() + "/profile.d/gosteady.sh", systemEtc() + "/zprofile"}
}

func systemEtc() string { return "/etc" }

func isRoot() bool { return os.Geteuid() == 0 }

package install

import "path/filepath"

// systemShims is for all users.
func systemShims(getenv func(string) string) string {
	return filepath.Join(getenv("ProgramData"), "gosteady", "shims")
}

// An administrator's record is the user's, as everything else that gosteady remembers.
func isRoot() bool          { return false }
func systemRecords() string { return "" }

// There are no start-up files: Path is in the registry.
func systemProfiles() []string { return make([]string, 2) }

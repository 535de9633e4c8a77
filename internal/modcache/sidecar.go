package modcache

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/repofile"
)

// h1Length is the length of "h1:" and 32 bytes in base64.
const h1Length = len("h1:") + 44

// validHash is modfetch.isValidSum: no NUL bytes (which a write that failed
// leaves behind), and the right length.
func validHash(s string) bool {
	return len(s) == h1Length && strings.HasPrefix(s, "h1:") && !strings.Contains(s, "\x00")
}

// maxZipHash bounds a .ziphash file: it is one hash, or damaged.
const maxZipHash = 4 << 10

// readZipHash reads the recorded hash under the lock that modfetch takes for
// this file. Without permission to lock, it is read as it is.
func readZipHash(file string) ([]byte, error) {
	if fi, err := os.Stat(file); err != nil {
		return nil, err // lockedfile would say the same, but not on all platforms
	} else if !fi.Mode().IsRegular() || fi.Size() > maxZipHash {
		return nil, &fs.PathError{Op: "read", Path: file, Err: repofile.ErrNotRegular}
	}
	data, err := lockedfile.Read(file)
	if err != nil {
		data, err = repofile.Read(file, repofile.MaxMod)
	}
	return bytes.TrimSpace(data), err
}

// legacyMod is the go.mod that the go command makes up for a module that has
// none.
func legacyMod(m module.Version) []byte {
	return []byte("module " + modfile.AutoQuote(m.Path) + "\n")
}

// plausibleMod reports whether data can be the go.mod of a dependency.
func plausibleMod(data []byte) bool {
	f, err := modfile.ParseLax("go.mod", data, nil)
	return err == nil && f.Module != nil
}

// readInfo returns the version that an .info file is about.
func readInfo(data []byte) (string, error) {
	var info struct {
		Version string
		Time    time.Time
	}
	err := json.Unmarshal(data, &info)
	return info.Version, err
}

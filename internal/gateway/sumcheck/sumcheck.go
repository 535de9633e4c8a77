// Package sumcheck compares module files with the checksum database.
//
// It is a client of the database as the go command is one (golang.org/x/mod/sumdb): all
// that it believes is proved to belong to the signed tree, and the tree to contain the
// one that it saw last. Records and tiles that were proved are kept in a [store.Store],
// which serves them to others as well; the last tree lies beside them.
package sumcheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gosteady/gosteady/internal/gateway/store"
	"github.com/gosteady/gosteady/internal/modproxy"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
)

// The one database whose key the go command knows (modfetch/key.go).
const (
	knownName = "sum.golang.org"
	knownKey  = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
)

// maxLookups is after how many records a client is given up for a new one: it keeps all
// that it has seen in memory, and the store has it on disk.
const maxLookups = 2000

// toolchainPath is the module that toolchains are downloaded as. The go command looks
// it up whatever GONOSUMDB says.
const toolchainPath = "golang.org/toolchain"

// ErrMissing says that the database has no record of a version.
var ErrMissing = errors.New("the checksum database has no record of it")

// A MismatchError is a file that is not the one in the database.
type MismatchError struct {
	Module module.Version // its Version ends in "/go.mod" for a .mod file
	Got    string
	Want   string
	DB     string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s@%s: checksum mismatch: downloaded %s, %s has %s", e.Module.Path, e.Module.Version, e.Got, e.DB, e.Want)
}

// A Setting is what GOSUMDB says.
type Setting struct {
	Name string // of the database; "": off
	URL  string // where it is asked, past all proxies; "": by proxies, else at its own address
	key  string
}

// Parse reads GOSUMDB as the go command does.
func Parse(gosumdb string) (Setting, error) {
	switch gosumdb {
	case "off":
		return Setting{}, nil
	case "":
		gosumdb = knownName
	case "sum.golang.google.cn":
		gosumdb = "sum.golang.org https://sum.golang.google.cn"
	}
	words := strings.Fields(gosumdb)
	if len(words) == 0 || len(words) > 2 {
		return Setting{}, fmt.Errorf("GOSUMDB has %d words; it takes a name or key, and perhaps an address", len(words))
	}
	s := Setting{key: words[0]}
	if s.key == knownName {
		s.key = knownKey
	}
	if len(words) > 1 {
		s.URL = words[1]
	}
	verifier, err := note.NewVerifier(s.key)
	if err != nil {
		return Setting{}, fmt.Errorf("GOSUMDB has neither a known name nor a key: %w", err)
	}
	s.Name = verifier.Name()
	if _, err := (modproxy.Item{Kind: modproxy.Supported, DB: s.Name}).Path(); err != nil {
		return Setting{}, fmt.Errorf("GOSUMDB: %q is no name of a checksum database", s.Name)
	}
	return s, nil
}

// A Remote asks for a file of the database. An error that is [fs.ErrNotExist] is the
// database's word that there is none. doubted is set after a failure: what a cache has
// may be its cause.
type Remote func(ctx context.Context, it modproxy.Item, doubted bool) ([]byte, error)

// A Database is safe for concurrent use.
type Database struct {
	Setting
	except string // GONOSUMDB
	store  *store.Store
	remote Remote
	logf   func(string, ...any)
	ctx    context.Context

	mu      sync.Mutex
	client  *sumdb.Client
	lookups int                     // by this client
	doubted bool                    // the last one failed
	missing map[module.Version]bool // what the database has no record of, as this client was told
}

// New returns a client of the database, which lives as long as ctx.
func New(ctx context.Context, s Setting, gonosumdb string, st *store.Store, remote Remote, logf func(string, ...any)) *Database {
	return &Database{Setting: s, except: gonosumdb, store: st, remote: remote, logf: logf, ctx: ctx}
}

// Covers reports whether the database is asked about a module.
func (d *Database) Covers(path string) bool {
	return d.Name != "" && (path == toolchainPath || !module.MatchPrefixPatterns(d.except, path))
}

// Exempts reports whether the names of a module must not be told to the database.
func (d *Database) Exempts(path string) bool {
	return path != toolchainPath && module.MatchPrefixPatterns(d.except, path)
}

// Zip compares the hash of a zip with the database.
func (d *Database) Zip(m module.Version, hash string) error { return d.compare(m, hash) }

// GoMod compares the hash of a .mod file with the database.
func (d *Database) GoMod(m module.Version, hash string) error {
	m.Version += "/go.mod"
	return d.compare(m, hash)
}

// Knows returns nil if the database has a record of a version.
func (d *Database) Knows(m module.Version) error {
	_, err := d.lines(m)
	return err
}

func (d *Database) compare(m module.Version, hash string) error {
	lines, err := d.lines(m)
	if err != nil {
		return err
	}
	prefix := m.Path + " " + m.Version + " "
	if slices.Contains(lines, prefix+hash) {
		return nil
	}
	for _, line := range lines {
		if want, ok := strings.CutPrefix(line, prefix+"h1:"); ok {
			return &MismatchError{Module: m, Got: hash, Want: "h1:" + want, DB: d.Name}
		}
	}
	return fmt.Errorf("%s@%s: %w", m.Path, m.Version, ErrMissing)
}

// lines are those of the record of a version, or of its go.mod.
func (d *Database) lines(m module.Version) ([]string, error) {
	client := d.current()
	lines, err := client.Lookup(m.Path, m.Version)
	if err == nil {
		d.doubt(false)
		return lines, nil
	}
	d.giveUp(client) // it would repeat the failure for ever
	if d.isMissing(module.Version{Path: m.Path, Version: strings.TrimSuffix(m.Version, "/go.mod")}) {
		return nil, fmt.Errorf("%s@%s: %w", m.Path, m.Version, ErrMissing)
	}
	d.doubt(true)
	return nil, err
}

func (d *Database) doubt(yes bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.doubted = yes
}

func (d *Database) doubts() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.doubted
}

// current is the client of the moment.
func (d *Database) current() *sumdb.Client {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client == nil || d.lookups >= maxLookups {
		d.client, d.lookups = sumdb.NewClient(&operations{d}), 0
		d.missing = make(map[module.Version]bool)
	}
	d.lookups++
	return d.client
}

func (d *Database) giveUp(client *sumdb.Client) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client == client {
		d.client = nil
	}
}

// noteMissing remembers what the database said of a version: x/mod/sumdb wraps no error.
func (d *Database) noteMissing(m module.Version) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.missing[m] = true
}

func (d *Database) isMissing(m module.Version) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.missing[m]
}

package faultproxy

import (
	"context"
	"crypto/rand"
	"hash/fnv"
	"net/http"
	"os"
	"strings"
	"sync"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
)

// A SumDB is a checksum database with a signing key of its own, over the modules of
// a Store: a real transparency log, which cmd/go verifies as it does any other. It
// is served below /sumdb/NAME/ of the store, which is how a proxy forwards one and
// also good as the address in GOSUMDB.
type SumDB struct {
	Name string
	Key  string // the verifier key, for GOSUMDB: name+hash+key

	store  *Store
	signer string

	mu      sync.Mutex
	lies    map[string]string // key: path@version
	missing map[string]bool
	history []module.Version // what was recorded
	server  http.Handler
}

// SumDB makes the store's checksum database, once.
func (s *Store) SumDB(name string) (*SumDB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sumdb != nil {
		return s.sumdb, nil
	}
	signer, verifier, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return nil, err
	}
	s.sumdb = &SumDB{
		Name: name, Key: verifier, store: s, signer: signer,
		lies: map[string]string{}, missing: map[string]bool{},
	}
	s.sumdb.server = sumdb.NewServer(sumdb.NewTestServer(signer, s.sumdb.lines))
	return s.sumdb, nil
}

// lines is the record of a version in the log.
func (db *SumDB) lines(modPath, version string) ([]byte, error) {
	key := modPath + "@" + version
	text, err := db.store.Sum(modPath, version)
	db.mu.Lock()
	defer db.mu.Unlock()
	lie := db.lies[key]
	if db.missing[key] || err != nil && lie == "" {
		return nil, os.ErrNotExist
	}
	db.history = append(db.history, module.Version{Path: modPath, Version: version})
	if lie != "" {
		text = strings.ReplaceAll(lie, "MODULE", modPath+" "+version)
	}
	return []byte(text), nil
}

// Lie makes the database record other hashes for a version than the store's content
// has. It must come before the first lookup of that version.
func (db *SumDB) Lie(modPath, version string) {
	const other = "MODULE h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" +
		"MODULE/go.mod h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	db.mu.Lock()
	defer db.mu.Unlock()
	db.lies[modPath+"@"+version] = other
}

// Miss makes the database not know a version, or know it again.
func (db *SumDB) Miss(modPath, version string, missing bool) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.missing[modPath+"@"+version] = missing
}

// Fork continues with a log of another history under the same key, as long as the
// first one: what a client that has seen that one must refuse.
func (db *SumDB) Fork() {
	const first = "fork.example"
	other := sumdb.NewTestServer(db.signer, func(modPath, version string) ([]byte, error) {
		if modPath == first {
			return []byte("fork.example v1.0.0 h1:\n"), nil
		}
		return db.lines(modPath, version)
	})
	db.mu.Lock()
	history := append([]module.Version{{Path: first, Version: "v1.0.0"}}, db.history...)
	db.mu.Unlock()
	for _, m := range history {
		other.Lookup(context.Background(), m)
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.server = sumdb.NewServer(other)
}

// serveSumDB forwards to the checksum database as a module proxy does.
func (s *Store) serveSumDB(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	db := s.sumdb
	s.mu.Unlock()
	if db == nil || !strings.HasPrefix(r.URL.Path, "/sumdb/"+db.Name+"/") {
		http.NotFound(w, r)
		return
	}
	rest := strings.TrimPrefix(r.URL.Path, "/sumdb/"+db.Name)
	if rest == "/supported" {
		return
	}
	db.mu.Lock()
	server := db.server
	db.mu.Unlock()
	inner := r.Clone(r.Context())
	inner.URL.Path = rest
	server.ServeHTTP(w, inner)
}

// sum tells contents apart, for entity tags.
func sum(data []byte) uint64 {
	h := fnv.New64a()
	h.Write(data)
	return h.Sum64()
}

package main

import (
	"bufio"
	"crypto/rand"
	"net/http"
	"os"
	"strings"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
)

// sums is a proxy that carries a checksum database, which has what a go.sum says.
type sums struct {
	key     string
	records map[string]string // by path@version
	modules http.Handler
	server  http.Handler
}

const sumsName = "bench.gosteady.dev"

func newSums(gosum string, modules http.Handler) (*sums, error) {
	f, err := os.Open(gosum)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := &sums{records: make(map[string]string), modules: modules}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if w := strings.Fields(lines.Text()); len(w) == 3 {
			s.records[w[0]+"@"+strings.TrimSuffix(w[1], "/go.mod")] += lines.Text() + "\n"
		}
	}
	signer, key, err := note.GenerateKey(rand.Reader, sumsName)
	if err != nil {
		return nil, err
	}
	s.key = key
	s.server = sumdb.NewServer(sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) {
		if record := s.records[path+"@"+version]; record != "" {
			return []byte(record), nil
		}
		return nil, os.ErrNotExist
	}))
	return s, lines.Err()
}

func (s *sums) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/sumdb/"+sumsName)
	switch {
	case !ok:
		s.modules.ServeHTTP(w, r)
	case rest == "/supported":
	default:
		inner := r.Clone(r.Context())
		inner.URL.Path = rest
		s.server.ServeHTTP(w, inner)
	}
}

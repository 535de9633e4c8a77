package journal

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/wholefile"
)

// The requests of an invocation are many lines that one may want to see for
// the newest few invocations alone. They have a file of their own each, beside
// the journal: gzip of one JSON line a request. The invocation's ID names it.
// Where it is missing or damaged, nothing but they is missing.
const (
	requestsDir    = "requests"
	requestsSuffix = ".jsonl.gz"
	maxRequestFile = 20        // of the newest; a quarter of a megabyte each at most
	maxLine        = 64 << 10  // of a request that is read
	staleTemp      = time.Hour // after which a temporary file belongs to a process that died
)

// newID is what an invocation's file is named by. IDs sort by time; the
// process keeps those of the same instant apart.
func newID(start time.Time, pid int) string {
	return fmt.Sprintf("%s-%d", start.UTC().Format("20060102t150405.000000000z"), pid)
}

// isID reports whether a journal's ID may be part of a file's name.
func isID(id string) bool {
	return id != "" && id[0] != '.' && strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyz.-") == ""
}

func (s Store) requestsPath(id string) string {
	return filepath.Join(s.dir, requestsDir, id+requestsSuffix)
}

// Requests returns the requests of an invocation as far as they are kept, in
// the order of their starts.
func (s Store) Requests(inv Invocation) []Request {
	if s.dir == "" || !isID(inv.ID) {
		return nil
	}
	f, err := os.Open(s.requestsPath(inv.ID))
	if err != nil {
		return nil
	}
	defer f.Close()
	list, err := readRequests(f)
	if err != nil {
		return nil // half of it would be taken for all
	}
	return list
}

func readRequests(r io.Reader) ([]Request, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	var list []Request
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var q Request
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return nil, err
		}
		if list = append(list, q); len(list) > maxRequests {
			return nil, errors.New("more requests than were ever kept")
		}
	}
	return list, lines.Err()
}

// writeRequests writes the file of an invocation that the journal has by now,
// and makes room for it. A reader sees all of it or nothing.
func (s Store) writeRequests(id string, list []Request) error {
	err := wholefile.Write(s.requestsPath(id), func(w io.Writer) error { return encodeRequests(w, list) })
	if err != nil {
		return err
	}
	s.pruneRequests()
	return nil
}

func encodeRequests(w io.Writer, list []Request) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(z)
	for _, q := range list {
		if err := enc.Encode(q); err != nil {
			return err
		}
	}
	return z.Close()
}

// pruneRequests leaves the newest files. Two processes that do so at once
// remove the same.
func (s Store) pruneRequests() {
	ids := s.requestFiles()
	for _, id := range ids[:max(0, len(ids)-maxRequestFile)] {
		_ = os.Remove(s.requestsPath(id))
	}
}

// requestFiles lists the invocations that have a file, oldest first, and
// removes what a writer that died has left.
func (s Store) requestFiles() []string {
	dir := filepath.Join(s.dir, requestsDir)
	entries, _ := os.ReadDir(dir) // sorted
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), requestsSuffix); ok && isID(id) {
			ids = append(ids, id)
			continue
		}
		fi, err := e.Info()
		if err == nil && strings.HasSuffix(e.Name(), ".tmp") && time.Since(fi.ModTime()) > staleTemp {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	return ids
}

// forgetRequests removes the files of invocations that have fallen out of the
// journal. Their writers have the journal's line written before the file, so
// what is listed first and found in no line belongs to none.
func (s Store) forgetRequests() {
	ids := s.requestFiles()
	if len(ids) == 0 {
		return
	}
	for inv := range s.All() {
		if i, ok := slices.BinarySearch(ids, inv.ID); ok {
			ids = slices.Delete(ids, i, i+1)
		}
	}
	for _, id := range ids {
		_ = os.Remove(s.requestsPath(id))
	}
}

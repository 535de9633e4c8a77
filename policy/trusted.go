package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// trustedName is the list that "go steady policy trust" writes, beside the
// policy.yaml of the user or of the system: one value a line.
const trustedName = "trusted"

const trustedHeader = "# what repositories may use on this machine; written by 'go steady policy trust'\n"

// parseTrusted reads the list; bad are complaints about lines.
func parseTrusted(data []byte) (values, bad []string) {
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		value, err := ParseTrust(line)
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		values = append(values, value)
	}
	return values, bad
}

// A TrustStore is the list of trusted values in the user's or the system's
// directory.
type TrustStore struct{ dir string }

// TrustStore returns the user's store, or the system's.
func (l Loader) TrustStore(system bool) (TrustStore, error) {
	l = l.complete()
	switch {
	case system && l.SystemDir != "":
		return TrustStore{l.SystemDir}, nil
	case !system && l.UserDir != "":
		return TrustStore{l.UserDir}, nil
	}
	return TrustStore{}, errors.New("no home directory to remember trust in; set GOSTEADY_TRUST, or use --system")
}

// Path is the file of the store.
func (s TrustStore) Path() string { return filepath.Join(s.dir, trustedName) }

// Values returns what the store trusts.
func (s TrustStore) Values() ([]string, error) {
	data, err := os.ReadFile(s.Path())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	values, _ := parseTrusted(data)
	return values, err
}

// Add trusts values, as ParseTrust spells them.
func (s TrustStore) Add(values ...string) error {
	err := s.change(func(have []string) []string {
		for _, v := range values {
			if !slices.Contains(have, v) {
				have = append(have, v)
			}
		}
		return have
	})
	if err != nil {
		return fmt.Errorf("trust cannot be remembered: %w; set GOSTEADY_TRUST", err)
	}
	return nil
}

// Remove trusts values no more, and reports those that were not there.
func (s TrustStore) Remove(values ...string) (missing []string, err error) {
	err = s.change(func(have []string) []string {
		for _, v := range values {
			i := slices.Index(have, v)
			if i < 0 {
				missing = append(missing, v)
				continue
			}
			have = slices.Delete(have, i, i+1)
		}
		return have
	})
	return missing, err
}

// change rewrites the list under its lock.
func (s TrustStore) change(edit func([]string) []string) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	f, err := lockedfile.OpenFile(s.Path(), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	have, _ := parseTrusted(data)
	var out bytes.Buffer
	out.WriteString(trustedHeader)
	for _, v := range edit(have) {
		fmt.Fprintln(&out, v)
	}
	if _, err := f.WriteAt(out.Bytes(), 0); err != nil {
		return err
	}
	return f.Truncate(int64(out.Len()))
}

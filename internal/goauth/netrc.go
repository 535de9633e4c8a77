package goauth

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// A login is one machine of a .netrc file.
type login struct{ machine, user, password string }

// addNetrc stores every login of the file; of two for the same machine the
// first counts.
func (s *Source) addNetrc() error {
	file := s.netrcFile()
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, l := range slices.Backward(parseNetrc(string(data))) {
		s.store(l.machine, basic(l.user, l.password))
	}
	return nil
}

func basic(user, password string) http.Header {
	r := http.Request{Header: make(http.Header)}
	r.SetBasicAuth(user, password)
	return r.Header
}

// netrcFile is NETRC, or .netrc in the home directory; on Windows an existing
// _netrc comes first.
func (s *Source) netrcFile() string {
	if file := s.getenv("NETRC"); file != "" {
		return file
	}
	if runtime.GOOS != "windows" {
		if home := s.getenv("HOME"); home != "" {
			return filepath.Join(home, ".netrc")
		}
		return ""
	}
	home := s.getenv("USERPROFILE")
	if home == "" {
		return ""
	}
	if legacy := filepath.Join(home, "_netrc"); exists(legacy) {
		return legacy
	}
	return filepath.Join(home, ".netrc")
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// parseNetrc reads the words of a file in pairs, line by line, as the go
// command does: a pair never spans lines, macro definitions are skipped up to
// the next empty line, and nothing after "default" counts.
func parseNetrc(data string) []login {
	var logins []login
	var l login
	inMacro := false
	for line := range strings.SplitSeq(data, "\n") {
		if inMacro {
			inMacro = line != ""
			continue
		}
		words := strings.Fields(line)
		for len(words) > 1 {
			switch words[0] {
			case "machine":
				l = login{machine: words[1]}
			case "login":
				l.user = words[1]
			case "password":
				l.password = words[1]
			case "macdef":
				inMacro = true
			}
			words = words[2:]
			if l.machine != "" && l.user != "" && l.password != "" {
				logins, l = append(logins, l), login{}
			}
		}
		if len(words) == 1 && words[0] == "default" {
			break
		}
	}
	return logins
}

// Package goauth gives https requests the credentials that the go command
// would have sent.
//
// The go command takes them from what GOAUTH names: "netrc" (the default),
// "git DIR", commands of the user's own, or "off". Each is asked once without a
// URL before the first request. Where an answer is a 4xx, they are asked again
// with the URL and the answer, and the request is repeated. See "go help
// goauth" and cmd/go/internal/auth, which this package follows down to the
// order in which later sources overwrite earlier ones.
//
// Credentials are held in memory only, and nothing here prints one.
package goauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gosteady/gosteady/internal/environ"
)

// A Source knows the credentials of one invocation. It is safe for concurrent
// use. The zero value has none.
type Source struct {
	Setting string   // GOAUTH; "" and "off": no credentials
	Environ []string // of the commands that are run, and for NETRC and HOME
	Dir     string   // the working directory of the commands; zero: ours
	// Client confirms what git offered, so that git's helper learns whether it
	// was right. Zero: that is left out.
	Client *http.Client
	Debugf func(format string, args ...any) // zero: nothing is said
	// Lifetime bounds what is asked once for all requests. Zero: the first of
	// them bounds it.
	Lifetime context.Context

	once  sync.Once
	runs  sync.Mutex // one run of the commands at a time: they may prompt
	mu    sync.RWMutex
	known map[string]http.Header // by URL prefix without https://
}

// Check reports a setting at which the go command gives up before any
// request. Whoever gets an error here leaves the request to the go command, so
// that its own message appears.
func Check(setting string) error {
	if setting == "" || setting == "off" {
		return nil
	}
	for _, command := range strings.Split(setting, ";") {
		words := strings.Fields(command)
		switch {
		case len(words) == 0:
			return errors.New("GOAUTH has an empty command")
		case words[0] == "off":
			return errors.New("GOAUTH=off combined with other commands")
		case words[0] == "git":
			if err := checkGitDir(words[1:]); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkGitDir(args []string) error {
	if len(args) != 1 || !filepath.IsAbs(args[0]) {
		return errors.New("GOAUTH=git needs one absolute directory")
	}
	info, err := os.Stat(args[0])
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("GOAUTH=git: %s is not a directory", args[0])
	}
	return nil
}

// Add adds what is known for the request's URL. The first call asks all
// sources for what they know without being told a URL.
func (s *Source) Add(ctx context.Context, req *http.Request) {
	if !s.on() || req.URL.Scheme != "https" {
		return
	}
	s.once.Do(func() { s.ask(cmp.Or(s.Lifetime, ctx), "", nil) })
	maps.Copy(req.Header, s.lookup(req.URL.String()))
}

// Again asks the sources about a URL that was answered with a 4xx. It reports
// whether that changed what is sent: if not, there is no point in asking the
// server again.
func (s *Source) Again(ctx context.Context, url string, res *http.Response) bool {
	if !s.on() || !strings.HasPrefix(url, "https://") {
		return false
	}
	before := s.lookup(url)
	s.ask(ctx, url, res)
	return !maps.EqualFunc(before, s.lookup(url), slices.Equal)
}

func (s *Source) on() bool { return s.Setting != "" && s.Setting != "off" }

// ask runs the sources from last to first, so that the first has the last
// word.
func (s *Source) ask(ctx context.Context, url string, res *http.Response) {
	s.runs.Lock()
	defer s.runs.Unlock()
	for _, command := range slices.Backward(strings.Split(s.Setting, ";")) {
		command = strings.TrimSpace(command)
		if err := s.run(ctx, command, url, res); err != nil && s.Debugf != nil {
			// The command's own words may carry a secret: only its kind is told.
			s.Debugf("GOAUTH command %q failed: %v", firstWord(command), err)
		}
	}
}

func (s *Source) run(ctx context.Context, command, url string, res *http.Response) error {
	switch words := strings.Fields(command); {
	case len(words) == 0:
		return nil
	case words[0] == "netrc":
		if url != "" {
			return nil // the file was read once, it says the same again
		}
		return s.addNetrc()
	case words[0] == "git":
		if url == "" || len(words) != 2 {
			return nil // git can only be asked about a URL
		}
		return s.addGit(ctx, words[1], url)
	}
	return s.addCommand(ctx, command, url, res)
}

func firstWord(command string) string {
	word, _, _ := strings.Cut(command, " ")
	return word
}

// store remembers a header for all URLs below a prefix; an empty header
// forgets the prefix.
func (s *Source) store(prefix string, header http.Header) {
	prefix = strings.TrimSuffix(strings.TrimPrefix(prefix, "https://"), "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(header) == 0 {
		delete(s.known, prefix)
		return
	}
	if s.known == nil {
		s.known = make(map[string]http.Header)
	}
	s.known[prefix] = header
}

// lookup returns the header of the longest prefix of url, path element by path
// element.
func (s *Source) lookup(url string) http.Header {
	s.mu.RLock()
	defer s.mu.RUnlock()
	prefix := strings.TrimSuffix(strings.TrimPrefix(url, "https://"), "/")
	for {
		if h, ok := s.known[prefix]; ok {
			return h.Clone()
		}
		slash := strings.LastIndexByte(prefix, '/')
		if slash < 0 {
			return nil
		}
		prefix = prefix[:slash]
	}
}

func (s *Source) getenv(name string) string { return environ.Get(s.Environ, name) }

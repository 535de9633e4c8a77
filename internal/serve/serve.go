// Package serve runs a gateway: it reads what flags, policy and Go's settings say,
// listens, drains at the end, and tells clients how to use it.
//
// The policy is the user's and the system's; no repository's file, go.mod or go.sum is
// read. What a flag says comes before the policy, and that before Go's settings.
package serve

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/gateway"
	"github.com/gosteady/gosteady/internal/gateway/standing"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/policy"
)

// Flags are what a person said on the command line. Empty is unsaid.
type Flags struct {
	Listen, Upstream, Store string
	MaxSize                 string
	TokenFile, Cert, Key    string
	Insecure                bool
	Hosts, StoreUnverified  []string
	Log                     string
}

// empty reports whether nothing was said.
func (f Flags) empty() bool {
	return f.Listen+f.Upstream+f.Store+f.MaxSize+f.TokenFile+f.Cert+f.Key+f.Log == "" && !f.Insecure && len(f.Hosts)+len(f.StoreUnverified) == 0
}

// Settings are what a gateway goes by.
type Settings struct {
	policy.Serve
	List      []proxylist.Proxy // the upstreams
	Rules     gateway.Rules
	Token     string
	Exposed   bool // others than this machine's users can connect
	Notes     []string
	Policy    *policy.Policy
	Go        *goenv.Settings
	listening bool // on what it was given, such as by systemd
}

// TLS reports whether it speaks TLS.
func (s *Settings) TLS() bool { return s.Cert != "" }

// Scheme is of its address.
func (s *Settings) Scheme() string {
	if s.TLS() {
		return "https"
	}
	return "http"
}

// Read finds the settings in force in a place.
func Read(place here.Place, f Flags) (*Settings, error) { return read(place, f, "") }

// read is Read for a gateway that listens on an address already; "" for one that does
// not.
func read(place here.Place, f Flags, given string) (*Settings, error) {
	s := &Settings{Go: place.Settings(), listening: given != ""}
	var notices []policy.Notice
	s.Policy, notices = policy.Loader{Getenv: place.Getenv, Settings: s.Go}.Load()
	for _, n := range notices {
		s.Notes = append(s.Notes, n.Text)
	}
	for _, p := range s.Policy.Problems {
		if !p.Warning { // the layers below would mean another server
			return nil, fmt.Errorf("%s: %s: %s; see 'gosteady policy check'", place.Shown(p.File), p.Key, p.Text)
		}
	}
	s.Serve = s.Policy.Serve
	if err := s.flags(place, f); err != nil {
		return nil, err
	}
	if given != "" {
		s.Listen = given
	}
	if err := s.store(); err != nil {
		return nil, err
	}
	s.Rules = gateway.Rules{
		Private: s.Go.Get("GOPRIVATE"), NoProxy: s.Go.Get("GONOPROXY"), NoSumDB: s.Go.Get("GONOSUMDB"), SumDB: s.Go.Get("GOSUMDB"),
		StoreUnverified: s.StoreUnverified,
	}
	if err := s.upstreams(journal.OpenStore(place.Getenv).Dir()); err != nil {
		return nil, err
	}
	return s, s.access(place)
}

// flags lays the command line over the policy.
func (s *Settings) flags(place here.Place, f Flags) error {
	for _, x := range []struct {
		dst  *string
		said string
		file bool
	}{
		{&s.Listen, f.Listen, false}, {&s.Upstreams, f.Upstream, false}, {&s.Store, f.Store, true}, {&s.TokenFile, f.TokenFile, true},
		{&s.Cert, f.Cert, true}, {&s.Key, f.Key, true}, {&s.Log, f.Log, false},
	} {
		if x.said != "" {
			*x.dst = x.said
		}
		if x.file && *x.dst != "" {
			*x.dst = place.Path(*x.dst)
		}
	}
	if f.Insecure {
		s.Insecure = "on"
	}
	s.Hosts = append(slices.Clone(s.Hosts), f.Hosts...)
	s.StoreUnverified = append(slices.Clone(s.StoreUnverified), f.StoreUnverified...)
	if f.MaxSize != "" {
		n, err := policy.ParseSize(f.MaxSize)
		if err != nil {
			return fmt.Errorf("--max-size: %w; allowed: a size such as 20G", err)
		}
		s.MaxSize = n
	}
	if s.Log != "text" && s.Log != "json" {
		return fmt.Errorf("--log %s: allowed are text and json", mask.Quote(s.Log))
	}
	return nil
}

// StoreDir is where the store of a gateway is; said is what a person says of it, "" for
// nothing.
func StoreDir(place here.Place, said string) (string, error) {
	s := &Settings{Go: place.Settings()}
	p, _ := policy.Loader{Getenv: place.Getenv, Settings: s.Go}.Load()
	s.Serve = p.Serve
	if said != "" {
		s.Store = said
	}
	if s.Store != "" {
		return place.Path(s.Store), nil
	}
	err := s.store()
	return s.Store, err
}

// store finds the directory of the store.
func (s *Settings) store() error {
	if s.Store != "" {
		return nil
	}
	dir, ok := s.Go.UserCacheDir()
	if !ok || !filepath.IsAbs(dir) {
		return errors.New("there is no cache directory for the store; name one with --store")
	}
	s.Store = filepath.Join(dir, "gosteady", "gateway")
	return nil
}

// upstreams finds whom to ask.
func (s *Settings) upstreams(state string) (err error) {
	list := s.Upstreams
	if list == "" {
		list = s.Go.Get("GOPROXY")
		if w, ok := standing.ReadWritten(state); ok && w.Written == list {
			list = w.Before // go env -w has the gateway in the place of it
		}
	}
	if list == "" {
		list = proxylist.Default
	}
	s.List, err = gateway.Upstreams(list, s.Listen)
	return err
}

// access checks that nobody gets in who should not.
func (s *Settings) access(place here.Place) error {
	if (s.Cert == "") != (s.Key == "") {
		return errors.New("a certificate needs its key, and a key its certificate: --tls-cert and --tls-key")
	}
	token, err := readToken(place, s.TokenFile)
	if err != nil {
		return err
	}
	s.Token = token
	loopback, err := isLoopback(s.Listen)
	if err != nil {
		return err
	}
	s.Exposed = !loopback
	switch {
	case loopback:
		return nil
	case !s.TLS() && s.Insecure != "on":
		return fmt.Errorf("other machines can connect to %s: that needs --tls-cert and --tls-key, or --insecure behind something that has them", s.Listen)
	case s.Token == "":
		return fmt.Errorf("other machines can connect to %s: that needs --token-file", s.Listen)
	}
	return nil
}

// readToken reads the file of a token; "" for none.
func readToken(place here.Place, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	data, err := repofile.Read(file, 4<<10)
	if err != nil {
		return "", fmt.Errorf("the token cannot be read: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if !validToken(token) {
		return "", fmt.Errorf("%s: a token has at least 16 letters, digits and -._; make one with: openssl rand -hex 20", place.Shown(file))
	}
	return token, nil
}

// validToken accepts what can stand in an address as it is.
func validToken(s string) bool {
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && !strings.ContainsRune("-._", c) {
			return false
		}
	}
	return len(s) >= 16 && len(s) <= 256
}

// isLoopback reports whether an address is reached from this machine alone.
func isLoopback(listen string) (bool, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "" {
		return false, fmt.Errorf("--listen %s: allowed is HOST:PORT, such as 127.0.0.1:7878", mask.Quote(listen))
	}
	if host == "localhost" {
		return true, nil
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback(), nil
}

// openToRead reports whether a file can be read by other users.
func openToRead(file string) bool {
	fi, err := os.Stat(file)
	return err == nil && runtime.GOOS != "windows" && fi.Mode().Perm()&0o077 != 0
}

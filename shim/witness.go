package shim

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/lazyregexp"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/relay"
)

// Evidence before text. What go prints names and explains a failure; that there was
// one is known from what was seen. A file in a repository may be *named* like a reset
// connection, and go prints its name: such a text makes nobody wait, and nothing run
// again.

// A witness is what was seen of a failure.
type witness uint8

const (
	relayMet   witness = 1 << iota // the relay answered go with it
	relaySent                      // the relay answered that the module is missing, and "direct" follows
	gitRan                         // a clone that go names is there, or git was seen to hang
	cacheLacks                     // go fetches this module without the relay, and the cache lacks it
	fileWrong                      // a file of the cache is wrong, or go did not accept what the relay gave it unproven
)

// asked are the witnesses of whatever may be asked for without the relay: the page at
// an import path, and everything where there is no relay.
const asked = relayMet | relaySent | cacheLacks

// witnesses has, for each class that can lead to a wait or to another run of the
// command, whose word counts. Where the relay met it, the relay has waited.
var witnesses = map[classify.Class]witness{
	classify.DNS:              asked,
	classify.Connect:          asked,
	classify.Timeout:          asked,
	classify.Reset:            asked,
	classify.Truncated:        asked,
	classify.HTTP2:            asked,
	classify.TLSHandshake:     asked,
	classify.ServerError:      asked,
	classify.RateLimited:      asked,
	classify.NotFound:         asked | gitRan,
	classify.Gone:             asked | gitRan,
	classify.Unauthorized:     asked,
	classify.Forbidden:        asked,
	classify.TLSVerify:        asked,
	classify.HTTPProxy:        asked,
	classify.BadContent:       asked | fileWrong,
	classify.Checksum:         asked | fileWrong,
	classify.SumDBUnreachable: relayMet | cacheLacks,
	classify.SumDBMissing:     relayMet | cacheLacks,
	classify.VCSNetwork:       relaySent | gitRan | cacheLacks,
	classify.VCSAuth:          relaySent | gitRan | cacheLacks,
	classify.VCSMissing:       relaySent | gitRan | cacheLacks,
	classify.CacheCorrupt:     relayMet | fileWrong,
	classify.CacheIO:          relayMet | cacheLacks,
	classify.Toolchain:        relayMet | cacheLacks,
}

// A sight is what was seen of one run.
type sight struct {
	met    []relay.Failure // what the relay answered go with
	clones func() bool     // git ran in a clone
}

// witnessed returns whose word there is for a failure that go has printed.
func (s *session) witnessed(f classify.Failure, seen sight) witness {
	var w witness
	for of, saw := range map[witness]func() bool{
		relayMet: func() bool {
			return slices.ContainsFunc(seen.met, func(r relay.Failure) bool { return sameFailure(r, f) })
		},
		relaySent:  func() bool { return s.sentOn(f, seen.met) },
		gitRan:     seen.clones,
		cacheLacks: func() bool { return s.lacks(f, seen.met) },
	} {
		if witnesses[f.Class]&of != 0 && saw() {
			w |= of
		}
	}
	return w
}

// sentOn reports whether the relay had go ask a module's origin: it said that the
// module is missing, or "|" follows.
func (s *session) sentOn(f classify.Failure, met []relay.Failure) bool {
	if s.relay == nil || !asksOrigins(s.relay.GOPROXY()) {
		return false
	}
	return slices.ContainsFunc(met, func(r relay.Failure) bool {
		if f.Module == "" {
			return nameless(f) && hasVCSSuffix(r.Module)
		}
		return r.Module != "" && (within(f.Module, r.Module) || within(r.Module, f.Module))
	})
}

// ofDatabase reports whether a failure is the checksum database's.
func ofDatabase(c classify.Class) bool {
	return c == classify.SumDBUnreachable || c == classify.SumDBMissing
}

// asksOrigins reports whether a GOPROXY list ends in "direct".
func asksOrigins(goproxy string) bool {
	list, err := proxylist.Parse(goproxy)
	return err == nil && len(list) > 0 && list[len(list)-1].Kind == proxylist.Direct
}

// lacks reports whether go has to fetch the module of a failure, does so without the
// relay, and has not got it. For the checksum database, the module is what is to be
// proven, and may have come through the relay.
func (s *session) lacks(f classify.Failure, met []relay.Failure) bool {
	cache := s.cache()
	database := ofDatabase(f.Class)
	switch {
	case cache == nil, s.gatewaySays(f):
		return false
	case f.Module == "" && nameless(f):
	case f.Module == "":
		return false
	case f.Class == classify.CacheIO:
		return slices.ContainsFunc(s.needed(f), func(m module.Version) bool { return !exists(cache.ModuleDir(m)) })
	case database && s.relay != nil && !s.asksDatabase(met):
		return false
	case !database && s.carries(f.Module):
		return false
	}
	return slices.ContainsFunc(s.needed(f), func(m module.Version) bool { return !has(cache, m) })
}

// carries reports whether go fetches a module through the relay.
func (s *session) carries(path string) bool {
	return s.relay != nil && !s.plan.Settings.NoProxy(path)
}

// asksDatabase reports whether go asks the checksum database itself: it has an address
// of its own, or the relay said that nobody carries it.
func (s *session) asksDatabase(met []relay.Failure) bool {
	setting := s.plan.Settings.Get("GOSUMDB")
	if len(strings.Fields(setting)) > 1 || strings.Contains(setting, "://") {
		return s.relay.Used()
	}
	return slices.ContainsFunc(met, func(r relay.Failure) bool { return r.File == "supported" })
}

// needed returns the versions that a failure may be about and that the command needs:
// those of go.sum and go.mod, and where it looks for new ones, what the failure names.
// A version of "" stands for one that has to be asked for.
func (s *session) needed(f classify.Failure) []module.Version {
	named := module.Version{Path: f.Module, Version: f.Version}
	if f.Module != "" && s.looksForMore(f.Module) {
		return []module.Version{named}
	}
	var list []module.Version
	for _, m := range s.required(named) {
		switch {
		case f.Module == "":
			if hasVCSSuffix(m.Path) && !s.carries(m.Path) {
				list = append(list, m)
			}
		case f.Version != "" && f.Version != m.Version:
		case within(f.Module, m.Path) || within(m.Path, f.Module):
			list = append(list, m)
		}
	}
	return list
}

// required returns what go.mod requires and, since go.mod may name direct requirements
// only, what go.sum names of other modules. (Go.sum keeps versions that are required no
// more; only the one that a failure names counts.)
func (s *session) required(named module.Version) []module.Version {
	var list []module.Version
	if w := s.plan.Workspace(); w != nil {
		list, _ = w.Requirements() // what could be read; the rest is go's to report
	}
	paths := make(map[string]bool, len(list))
	for _, m := range list {
		paths[m.Path] = true
	}
	for _, m := range s.gosum.sums().Versions() {
		if !paths[m.Path] || m == named {
			list = append(list, m)
		}
	}
	return list
}

// looksForMore reports whether the command asks for modules that neither go.mod nor
// go.sum has: then what is imported decides what is fetched, as with plain go.
func (s *session) looksForMore(path string) bool {
	inv := &s.plan.Inv
	switch mod, _ := inv.Flag("mod"); {
	case mod == "mod", inv.AtVersion(), inv.Bool("u"), inv.Bool("versions"):
		return true
	case inv.Command == "get", inv.Command == "mod tidy", inv.Command == "work sync":
		return true
	}
	return slices.ContainsFunc(inv.Packages(), func(arg string) bool { return within(arg, path) || within(path, arg) })
}

// has reports whether the cache has a version, as far as go downloads it.
func has(cache *modcache.Cache, m module.Version) bool {
	return m.Version != "" && exists(cache.File(m, modcache.Mod)) && exists(cache.File(m, modcache.Zip))
}

// exists reports whether there is a file, if its name is known.
func exists(name string, err error) bool {
	if err == nil {
		_, err = os.Stat(name)
	}
	return err == nil
}

// within reports whether a package or module path is another one or below it.
func within(path, root string) bool {
	rest, ok := strings.CutPrefix(path, root)
	return ok && (rest == "" || rest[0] == '/')
}

// nameless reports whether go says of a failure neither module nor clone: it has tried
// out which protocols a repository speaks, and keeps git's words to itself.
func nameless(f classify.Failure) bool { return f.Kind == classify.NoProtocol }

// hasVCSSuffix reports whether go reads off a path which system a repository is of, and
// tries out the protocols (vcs.vcsPaths, the entry for everything).
func hasVCSSuffix(path string) bool { return vcsSuffix().MatchString(path) }

var vcsSuffix = lazyregexp.New(`\.(bzr|fossil|git|hg|svn)(/|$)`)

// sawClone reports whether git, or another such program, ran in a clone: go names one
// that is there, as it does where that has failed, or one was written to.
func (s *session) sawClone(text string, begun time.Time) bool {
	cache := s.cache()
	if cache == nil {
		return false
	}
	for _, dir := range cache.ClonesIn(text) {
		if fi, err := os.Stat(dir); err == nil && fi.IsDir() {
			return true
		}
	}
	return slices.ContainsFunc(cache.Clones(), func(dir string) bool {
		return slices.ContainsFunc([]string{"", "FETCH_HEAD", "config"}, func(name string) bool {
			fi, err := os.Stat(filepath.Join(dir, name))
			return err == nil && fi.ModTime().After(begun)
		})
	})
}

// interpreted is what a failure is in the light of what was seen. Git that failed while
// go tried out protocols is a network's failure, where it may be any: nothing says that
// the host or the repository is unknown.
func (s *session) interpreted(f classify.Failure, seen sight) classify.Failure {
	if f.Kind != classify.NoProtocol {
		return f
	}
	asked := f
	asked.Class, asked.Transient = classify.VCSNetwork, true
	if s.witnessed(asked, seen) == 0 {
		return f
	}
	return asked
}

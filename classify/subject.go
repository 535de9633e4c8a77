package classify

import (
	"strings"

	"github.com/gosteady/gosteady/internal/mask"
)

// mostEvidence bounds the line that is quoted.
const mostEvidence = 500

// name fills in the module, its version and the host.
func (s *statement) name(r *reading, at int) {
	m, ok := s.subject(&r.Failure, at)
	if !ok {
		r.blind = r.Class == BadContent || r.Class == CacheIO || r.Class == VCSNetwork || r.Class == VCSAuth || r.Kind == "fork"
		m, _ = s.gitModule()
	}
	r.Module, r.Version = m.path, m.version
	r.Host = s.hostAt(&r.Failure, at)
}

// subject finds the module, best source first: the file in the cache, what go
// wraps the error in, the address, the list that follows, the repository.
func (s *statement) subject(f *Failure, at int) (mod, bool) {
	if f.Class == CacheCorrupt || f.Class == CacheIO {
		if m, ok := s.cached(); ok {
			return m, true
		}
	}
	m, ok := s.moduleBefore(at)
	if !ok || m.version == "" {
		m, ok = s.addressed(m, ok, at)
	}
	if !ok && s.pos == 0 {
		m, ok = s.moduleAfter(at)
	}
	if ok && m.version == "" {
		m.version = s.quotedVersion()
	}
	if !ok && (f.Kind == "deprecated" || f.Kind == "retracted") {
		return s.remarked(at)
	}
	return m, ok
}

// remarked reads the module of "module path is deprecated:" and of
// "path v1.0.0 (retracted)".
func (s *statement) remarked(at int) (mod, bool) {
	words := strings.Fields(s.text[:at])
	switch {
	case len(words) > 1 && pathLike(words[0]) && versionLike(words[1]):
		return mod{words[0], words[1]}, true
	case len(words) > 1 && pathLike(words[len(words)-1]):
		return mod{path: words[len(words)-1]}, true
	}
	return mod{}, false
}

// addressed takes the module, or the version that it lacks, from the address.
func (s *statement) addressed(m mod, ok bool, at int) (mod, bool) {
	a, there := s.addressBefore(at)
	if !there {
		return m, ok
	}
	n, known := moduleOf(a.url)
	if known && (!ok || n.path == m.path && n.version != "") {
		return n, true
	}
	return m, ok
}

// quotedVersion reads `version "v2.0.0" invalid` and `for query "latest"`.
func (s *statement) quotedVersion() string {
	for _, before := range []string{`: version "`, `for query "`} {
		if _, rest, ok := strings.Cut(s.text, before); ok {
			version, _, _ := strings.Cut(rest, `"`)
			return version
		}
	}
	return ""
}

// hostAt finds the host that failed.
func (s *statement) hostAt(f *Failure, at int) string {
	switch f.Class {
	case VCSNetwork, VCSAuth:
		return s.gitHost(at)
	case Checksum:
		if strings.Contains(s.text, "sum.golang.google.cn") {
			return "sum.golang.google.cn"
		}
		if strings.Contains(s.text, "sum.golang.org") {
			return "sum.golang.org"
		}
		return ""
	case HTTPProxy:
		if h := s.dialled(); h != "" {
			return h
		}
	case VCSMissing:
		if f.Kind != "disallowed" {
			return ""
		}
		for _, who := range []string{"public ", "private "} {
			if _, path, ok := strings.Cut(s.text[at:], who); ok && strings.Contains(s.text[at:], "disallows") {
				return hostWord(path)
			}
		}
		return ""
	case CacheIO, CacheCorrupt:
		if f.Kind == "disk-full" && s.has(signURL, at) {
			break
		}
		return ""
	}
	if a, ok := s.addressBefore(at); ok {
		return hostOf(a.url)
	}
	if a, ok := s.addressBefore(len(s.text)); ok && f.Class == BadContent {
		return hostOf(a.url)
	}
	if f.Class == Reset || f.Class == Timeout || f.Class == Truncated {
		return s.peer()
	}
	return ""
}

// dialled returns the HTTP proxy that could not be reached: what follows
// "proxyconnect tcp: dial tcp", or the other end of what was cut.
func (s *statement) dialled() string {
	if _, rest, ok := strings.Cut(s.text, "socks connect tcp "); ok {
		name, _, _ := strings.Cut(rest, "->")
		return name
	}
	_, rest, ok := strings.Cut(s.text, "proxyconnect tcp: dial tcp")
	if !ok && strings.Contains(s.text, "proxyconnect tcp: ") {
		return s.peer()
	}
	if !ok {
		return ""
	}
	rest = strings.TrimPrefix(strings.TrimLeft(rest, ": "), "lookup ")
	name, _, _ := strings.Cut(rest, " ")
	return strings.TrimSuffix(name, ":")
}

// peer returns the other end of "read tcp A:1->B:443: …".
func (s *statement) peer() string {
	_, rest, ok := strings.Cut(s.text, "->")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, ": ")
	name = strings.TrimSuffix(strings.TrimSuffix(name, ":443"), ":80")
	if strings.ContainsAny(name, " \n") {
		return ""
	}
	return name
}

// evidence returns the line that decided, without secrets.
func (s *statement) evidence(at int) string {
	n := 0
	for n+1 < len(s.lines) && s.lines[n+1] <= at {
		n++
	}
	start := s.lines[n]
	for n > 0 && s.text[start-1] != '\n' { // pieces of a wrapped line
		n--
		start = s.lines[n]
	}
	end := len(s.text)
	if i := strings.IndexByte(s.text[start:], '\n'); i >= 0 {
		end = start + i
	}
	return evidence(s.text[start:end])
}

// evidence is a text without what must not be shown, as long as it may be quoted.
func evidence(text string) string {
	// Masked before it is cut: half an address is not known for one. But a log may be one line.
	return clip(mask.Text(clip(text, 16*mostEvidence)), mostEvidence)
}

func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

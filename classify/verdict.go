package classify

import (
	"slices"
	"strings"
)

// A rank orders the failures of a text by how much they decide.
type rank uint8

const (
	decisive rank = iota
	fallout       // an unknown revision beside the failure that caused it, or a mere hint
	traced        // a line of "go … -x", which go may have got over
	noticed       // a retraction or a deprecation
)

// A reading is what one statement says.
type reading struct {
	Failure
	rank  rank
	blind bool // names no module: the one that go was just fetching
	block int  // the part of the log, between blank lines
	over  bool // go has got over it
}

// read says what failed, if the statement is a failed fetch of go.
func (s *statement) read() (reading, bool) {
	ans, answered := s.status()
	h, found := s.deciding()
	if !answered && (!found || weight(h) < 2 && signatures()[h.id].role != shape) {
		if r, ok := s.unworded(); ok {
			return r, true
		}
	}
	if answered && ans.code != 200 && (!found || weight(h) < 2 || weight(h) == 2 && h.start < ans.at) && s.anchored(ans.at) {
		return s.answered(ans), true
	}
	if !found {
		return reading{}, false
	}
	sig := &signatures()[h.id]
	if sig.class == NotFetch {
		return reading{}, false
	}
	r := reading{Failure: Failure{Class: sig.class, Kind: sig.kind, Transient: sig.retry}}
	s.place(&r.Failure, h)
	s.passing(&r.Failure, h)
	s.name(&r, h.start)
	r.Evidence = s.evidence(h.start)
	r.rank = s.rank(sig, r.Failure)
	return r, true
}

// weight says how much a signature decides.
func weight(h hit) int {
	switch signatures()[h.id].role {
	case strong:
		return 3
	case cause, tunnel:
		return 2
	case weak, shape, notice:
		return 1
	}
	return 0
}

// deciding returns the signature that decides: of those that weigh most the
// innermost, which go prints last; and of equal ones (git's several complaints,
// a list of modules) the first.
func (s *statement) deciding() (hit, bool) {
	var best hit
	found := false
	end := s.bodyAt()
	for _, h := range s.hits {
		if weight(h) == 0 || h.start >= end || !s.applies(h) {
			continue
		}
		if !found || weight(h) > weight(best) || weight(h) == weight(best) && h.start >= best.start {
			best, found = h, true
		}
	}
	if !found {
		return hit{}, false
	}
	for _, h := range s.hits {
		same := signatures()[h.id].class == signatures()[best.id].class && signatures()[h.id].kind == signatures()[best.id].kind
		if same && weight(h) == weight(best) && h.start < best.start && s.applies(h) {
			return h, true
		}
	}
	return best, true
}

// applies reports whether a signature means what it says where it stands.
func (s *statement) applies(h hit) bool {
	sig := &signatures()[h.id]
	switch {
	case sig.needs&own == 0 && (s.midWord(h) || s.quoted(h.start)):
		return false
	case sig.class == CacheIO && s.onWire(h):
		return false
	case sig.needs&inVCS != 0 && !s.has(signVCS, len(s.text)):
		return sig.needs&inCache != 0 && s.inCache(h)
	case sig.needs&atEnd != 0 && !s.atEnd(h):
		return false
	case sig.needs&inTree != 0 && !s.inTree(h):
		return false
	case sig.needs&inCache != 0 && sig.needs&inTree == 0 && !s.inCache(h):
		return false
	case sig.needs&ofCache != 0 && !s.ofCache(h):
		return false
	case sig.needs&inList != 0 && !s.listed(h), sig.needs&alone != 0 && (h.start > 0 || !s.only):
		return false
	case sig.role == tunnel && !s.tunnelled(h):
		return false
	}
	if sig.needs&named != 0 {
		if _, ok := s.moduleBefore(h.start); ok {
			return true
		}
	}
	return sig.needs&own != 0 || sig.needs&atPos != 0 && (s.pos > 0 || s.headed(h.start)) || s.anchored(h.start)
}

// midWord reports whether a hit begins within a word, as "connection refused"
// does in the identifier ErrConnectionRefused. The piece of a wrapped line may
// have lost the space before it.
func (s *statement) midWord(h hit) bool {
	return h.start > 0 && letter(s.text[h.start]) && letter(s.text[h.start-1]) && !slices.Contains(s.lines, h.start)
}

func letter(b byte) bool { return lower(b) >= 'a' && lower(b) <= 'z' }

// quoted reports whether an offset is in a string of the source that a compiler
// or a linter complains of.
func (s *statement) quoted(at int) bool {
	return s.pos > 0 && at > s.pos && strings.Count(s.text[s.pos:at], `"`)%2 == 1
}

// onWire reports whether a hit is the reason why a connection or its
// certificates failed: "dial tcp …: socket: too many open files" is not about
// the disk.
func (s *statement) onWire(h hit) bool {
	for _, before := range s.hits {
		if signatures()[before.id].role == shape && before.end <= h.start && !s.midWord(before) {
			between := s.text[before.end:h.start]
			return !strings.Contains(between, "pkg/mod") && !strings.Contains(between, "cache") && !strings.Contains(between, `pkg\mod`)
		}
	}
	return false
}

// atEnd reports whether a hit ends its line, or a quotation in it.
func (s *statement) atEnd(h hit) bool {
	rest := s.text[h.end:]
	if i := strings.IndexAny(rest, "\n`"); i >= 0 {
		rest = rest[:i]
	}
	return strings.Trim(rest, " )\"'*.,;") == ""
}

// tunnelled reports whether a hit is the bare text of an HTTP proxy's refusal:
// it follows an address directly, without a number.
func (s *statement) tunnelled(h hit) bool {
	a, ok := s.addressBefore(h.start)
	return ok && a.end < h.start && strings.Trim(s.text[a.end:h.start], "\": ") == "" && s.atEnd(h)
}

// inCache reports whether the statement is about the module cache.
func (s *statement) inCache(h hit) bool {
	if s.has(signBuild, len(s.text)) {
		return false
	}
	if s.has(signCache, len(s.text)) || s.has(signVCS, len(s.text)) {
		return true
	}
	return s.versioned(h.start)
}

// ofCache reports whether a hit is what the system said of a path inside the
// download cache or a clone.
func (s *statement) ofCache(h hit) bool {
	path, ok := strings.CutSuffix(s.text[:h.start], ": ")
	path = path[strings.LastIndexAny(path, " \n\"")+1:]
	if strings.HasPrefix(path, "file:") {
		return false // a module proxy, which lacks the file
	}
	return ok && (strings.Contains(path, "/mod/cache/") || strings.Contains(path, `\mod\cache\`))
}

// inTree reports whether a hit is about a Go file of an extracted module: its
// path, with @version in it, stands before the hit or ends with it.
func (s *statement) inTree(h hit) bool {
	line := s.lineOf(h.start)
	start := strings.LastIndexByte(s.text[:h.start], '\n') + 1
	left := line[:min(h.end-start, len(line))]
	_, rest, ok := strings.Cut(left, "@v")
	slash := strings.IndexAny(rest, `/\`)
	return ok && digits(rest) > 0 && slash > 0 && strings.Contains(rest[slash:], ".go")
}

// anchored reports whether something that only go prints stands left of an
// offset. Every Go program words network errors as go does.
func (s *statement) anchored(at int) bool {
	for _, what := range []sign{signURL, signSumDB, signVCS, signTools, signCache} {
		if s.has(what, at) {
			return true
		}
	}
	if s.has(signGo, at) && !tried(s.text[:at]) {
		return true
	}
	return s.versioned(at) && !tried(s.text[s.known[1]:max(s.known[1], at)])
}

// tried reports whether a program counts its attempts, which go does not.
func tried(text string) bool {
	return strings.Contains(text, "attempt ") || strings.Contains(text, "retry ") || strings.Contains(text, "retrying")
}

// headed reports whether the statement is "path: " and the error at an offset,
// or "path version: ", as go mod verify has it.
func (s *statement) headed(at int) bool {
	token, rest := nextToken(s.text)
	_, ok := moduleToken(token)
	if !ok {
		path := token
		token, rest = nextToken(rest)
		_, ok = spacedToken(path, token)
	}
	return ok && len(s.text)-len(strings.TrimLeft(rest, " ")) == at
}

// listed reports whether a hit is a remark in the output of go list -m:
// "path v1.0.0 (retracted)".
func (s *statement) listed(h hit) bool {
	path, rest, _ := strings.Cut(s.lineOf(h.start), " ")
	return pathLike(path) && strings.HasPrefix(rest, "v") && digits(rest[1:]) > 0
}

// place turns the class of the bare cause into the class of the failure: the
// same "connection refused" is DNS after a lookup, git's after a git command,
// the checksum database's at its address.
func (s *statement) place(f *Failure, h hit) {
	if !slices.Contains(onTheWay, f.Class) {
		if f.Kind == "unknown-revision" && s.has(signSumDB, h.start) { // mostly a fresh release
			f.Class, f.Transient = SumDBMissing, true
		}
		if f.Class == NotFound || f.Class == HTTPProxy || f.Class == TLSVerify {
			s.toolchain(f, h.start)
		}
		return
	}
	switch {
	case s.has(signLookup, h.end) && (f.Class == Timeout || f.Class == Connect || f.Class == Reset || f.Class == Truncated):
		f.Class = DNS
	}
	switch {
	case s.has(signVCS, h.start):
		f.Class = VCSNetwork
	case s.has(signSumDB, h.start):
		f.Class = SumDBUnreachable
	}
	s.toolchain(f, h.start)
}

func (s *statement) toolchain(f *Failure, at int) {
	if s.has(signTools, at) {
		f.Class = Toolchain
	}
}

func (s *statement) rank(sig *signature, f Failure) rank {
	switch {
	case strings.HasPrefix(s.text, "# get "):
		return traced
	case sig != nil && sig.role == notice:
		return noticed
	case f.Kind == "unknown-revision" && f.Status == 0, sig != nil && sig.role == weak:
		return fallout
	}
	return decisive
}

package classify

import (
	"slices"
	"strings"
)

// Text reads any log tolerantly, and returns its failed fetches, the most
// decisive first; nil if there is none. It reads what a console has wrapped, a
// CI prefixed, a person quoted or a tool escaped, in linear time.
func Text(log string) []Failure {
	if !table().any(log) {
		return nil
	}
	lines := logLines(strings.TrimRight(log, " \t\r\n"))
	markTheirs(lines)
	r := &reader{lines: lines}
	r.all()
	return r.failures()
}

// mostReadings bounds how many failures of a log are kept.
const mostReadings = 10000

// A reader collects what the statements of a log say, and what was being
// fetched around them.
type reader struct {
	lines    []line
	readings []reading
	versions map[string]string // the first version that the log names of a path
	named    mod               // the first module that the log names with its version
	fetching mod               // what go was last reported to fetch
	block    int               // the number of blank lines so far
	compiled map[int]bool      // the blocks in which a compiler or a test spoke
	asked    map[string]bool   // the hosts that "-x" shows being asked
	traced   map[string][]int  // the readings of "-x", by module and by file
	cuts     int               // how many ends were searched for a wording that was cut
}

func (r *reader) all() {
	r.versions, r.compiled = map[string]string{}, map[int]bool{}
	for i := 0; i < len(r.lines); {
		i = r.one(i)
	}
}

// one reads the statement at line i and returns the line after it.
func (r *reader) one(i int) int {
	l := r.lines[i]
	switch {
	case l.text == "":
		r.block++
	case l.theirs, strings.HasPrefix(l.text, "# ") && !strings.HasPrefix(l.text, "# get "), position(l.text) > 0:
		r.compiled[r.block] = true
	}
	if l.text == "" || l.theirs || !table().any(l.text) || asserted(l.text) || logged(l.text) || strings.HasPrefix(l.text, "+ echo ") {
		return i + 1
	}
	r.mention(l.text)
	if rest, ok := r.news(l.text); ok {
		r.lines[i].text = rest
		return i
	}
	if m, ok := progress(l.text); ok {
		r.fetching = m
		r.settle(m.path)
		return i + 1
	}
	r.trace(l.text)
	s := statementAt(r.lines, i)
	if r.ends(s.next) && !s.decided() {
		s.complete()
	}
	got, ok := s.read()
	if !ok {
		return i + 1
	}
	got.block = r.block
	if got.blind && r.fetching.path != "" {
		got.Module, got.Version = r.fetching.path, r.fetching.version
	}
	if len(r.readings) < mostReadings {
		r.readings = append(r.readings, got)
		r.expect(got, l.text)
	}
	return s.next
}

// news takes go's report of progress off a line in which something follows it:
// a log whose line breaks were lost.
func (r *reader) news(text string) (rest string, ok bool) {
	for _, word := range []string{"go: downloading ", "go: finding ", "go: extracting "} {
		if rest, ok = strings.CutPrefix(text, word); ok {
			break
		}
	}
	path, rest, _ := strings.Cut(rest, " ")
	version, rest, more := strings.Cut(rest, " ")
	if !ok || !more || version != "latest" && !numbered(version) && !strings.HasPrefix(version, "(") {
		return "", false
	}
	if pathLike(path) {
		r.fetching = mod{path, version}
	}
	return strings.TrimLeft(rest, " "), true
}

// progress reads "go: downloading path version", and "path (download)" of go
// before modules.
func progress(text string) (mod, bool) {
	for _, word := range []string{"go: downloading ", "go: finding ", "go: extracting "} {
		if rest, ok := strings.CutPrefix(text, word); ok {
			path, version, _ := strings.Cut(rest, " ")
			return mod{path, version}, pathLike(path)
		}
	}
	path, ok := strings.CutSuffix(text, " (download)")
	return mod{path: path}, ok && pathLike(path)
}

// mention remembers versions that a line names, so that an error that has only
// a path can be completed.
func (r *reader) mention(text string) {
	if m, ok := progress(text); ok {
		r.remember(m)
		return
	}
	if !strings.Contains(text, "@") {
		return
	}
	for token := ""; len(text) > 0; {
		token, text = nextToken(text)
		if m, ok := moduleToken(token); ok && strings.HasPrefix(m.version, "v") {
			r.remember(m)
		}
	}
}

func (r *reader) remember(m mod) {
	if _, known := r.versions[m.path]; known || m.version == "" || m.version == "latest" || m.version == "upgrade" {
		return
	}
	r.versions[m.path] = m.version
	if r.named.path == "" {
		r.named = m
	}
}

// complete adds the version, of the module that the path lies in: what go
// reported to fetch, where a query was asked for.
func (r *reader) complete(f *Failure) {
	if v, ok := r.versions[f.Module]; ok && (f.Version == "latest" || f.Version == "upgrade") {
		f.Version = v
		return
	}
	if f.Module == "" || f.Version != "" {
		return
	}
	for path := f.Module; path != "."; {
		if v, ok := r.versions[path]; ok {
			f.Module, f.Version = path, v
			return
		}
		i := strings.LastIndexByte(path, '/')
		if i < 0 {
			return
		}
		path = path[:i]
	}
}

func (r *reader) failures() []Failure {
	slices.SortStableFunc(r.readings, func(a, b reading) int { return int(a.rank) - int(b.rank) })
	type key struct {
		class                 Class
		module, version, host string
	}
	seen := map[key]bool{}
	var out []Failure
	for _, got := range r.readings {
		switch {
		case got.over, got.rank > fallout && len(out) > 0, got.rank == noticed && r.compiled[got.block]:
			continue // go got over it, or failed for another reason
		}
		f := got.Failure
		got.block = r.block
		if got.blind && f.Module == "" {
			f.Module, f.Version = r.named.path, r.named.version
		}
		r.complete(&f)
		if f.Host == "" && len(r.asked) == 1 && slices.Contains(onTheWay, f.Class) {
			for host := range r.asked {
				f.Host = host
			}
		}
		k := key{f.Class, f.Module, f.Version, f.Host}
		if seen[k] {
			continue
		}
		seen[k] = true
		if strings.Contains(f.Evidence, "loading deprecation for ") {
			f.Kind = NewerVersion
		}
		f.Advice = advise(f)
		out = append(out, f)
	}
	return out
}

package classify

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// A mod is a module as an error names it; its version may be unknown.
type mod struct{ path, version string }

// moduleBefore returns the module that the error is about: the last one named
// left of an offset, addresses and files apart, since go wraps from the
// outside in ("a requires b@v: reading …").
func (s *statement) moduleBefore(end int) (mod, bool) {
	var last, named mod
	text := s.text[s.pos:max(s.pos, end)]
	if m, ok := atRevision(text); ok {
		return m, true
	}
	for token, before := "", ""; len(text) > 0; before = token {
		token, text = nextToken(text)
		m, ok := moduleToken(token)
		if !ok {
			m, ok = spacedToken(before, token)
		}
		if !ok {
			m, ok = toolchainToken(before, token)
		}
		if !ok {
			continue
		}
		if m.version != "" {
			named = m
		}
		last = m
	}
	switch {
	case named.path != "" && (last.version != "" || strings.HasPrefix(last.path, named.path) || !strings.Contains(s.text, "module "+last.path)):
		return named, true
	case last.path != "":
		return last, true
	}
	return mod{}, false
}

// atRevision reads what go says of a repository without a proxy: "reading
// example.com/x/sub/go.mod at revision sub/v1.1.0: ".
func atRevision(text string) (mod, bool) {
	before, after, ok := strings.Cut(text, "/go.mod at revision ")
	_, path, found := strings.Cut(before, "reading ")
	revision, _, ends := strings.Cut(after, ":")
	if !ok || !found || !ends || !pathLike(path) {
		return mod{}, false
	}
	version := revision[strings.LastIndexByte(revision, '/')+1:]
	if !versionLike(version) {
		return mod{}, false
	}
	if major, _, ok := strings.Cut(version, "."); ok && strings.Contains(before, path+"/"+major+"@"+version) {
		path += "/" + major // the go.mod of v2 and later may lie in the root
	}
	return mod{path, version}, true
}

// moduleAfter returns the first module with a version right of an offset: of a
// list that a message heads.
func (s *statement) moduleAfter(at int) (mod, bool) {
	for text := s.text[at:]; len(text) > 0; {
		var token string
		token, text = nextToken(text)
		if m, ok := moduleToken(token); ok && m.version != "" {
			return m, true
		}
	}
	return mod{}, false
}

// nextToken cuts the next word off a text; quotes and parentheses do not belong
// to words, a colon at the end does.
func nextToken(text string) (token, rest string) {
	text = strings.TrimLeft(text, " \t\n\"'`()*,[]")
	i := strings.IndexAny(text, " \t\n\"'`()*,[]")
	if i < 0 {
		return text, ""
	}
	if text[i] == '"' && strings.HasPrefix(text[i:], `":`) {
		return text[:i] + ":", text[i+2:]
	}
	return text[:i], text[i:]
}

// moduleToken reads "path@version:", "path@version/go.mod:" or "path:". A path
// without version counts only before a colon.
func moduleToken(token string) (mod, bool) {
	if strings.Contains(token, "://") || strings.Contains(token, `\`) || strings.HasPrefix(token, "/") {
		return mod{}, false
	}
	name, colon := strings.CutSuffix(token, ":")
	name, _ = strings.CutSuffix(strings.TrimRight(name, ";."), "/go.mod")
	path, version, found := strings.Cut(name, "@")
	if !found && (!colon || strings.Contains(name, "/@")) {
		return mod{}, false
	}
	if found && (version == "" || !versionLike(version)) {
		return mod{}, false
	}
	if !pathLike(path) || !found && strings.HasSuffix(path, ".go") {
		return mod{}, false
	}
	return mod{path, version}, true
}

// spacedToken reads "path version:", as go1.11 wrote it.
func spacedToken(path, token string) (mod, bool) {
	version, ok := strings.CutSuffix(token, ":")
	return mod{path, version}, ok && numbered(version) && versionLike(version) && pathLike(path)
}

// toolchainToken reads "download go1.99.0:". A toolchain is fetched as a module whose
// name go leaves out of what it finds wrong with the zip.
func toolchainToken(before, token string) (mod, bool) {
	name, ok := strings.CutSuffix(token, ":")
	return mod{path: "golang.org/toolchain"}, ok && before == "download" && strings.HasPrefix(name, "go") && goVersion(name)
}

// goVersion reports whether a word is a version of Go, "go1.99.0" or "1.22rc1", which
// reads like the name of a host.
func goVersion(word string) bool {
	word = strings.TrimPrefix(word, "go")
	n := digits(word)
	return n > 0 && n+1 < len(word) && word[n] == '.' && isDigit(word[n+1])
}

// numbered reports whether a word begins as a version does, "v1.".
func numbered(v string) bool {
	if len(v) < 4 || v[0] != 'v' {
		return false
	}
	n := digits(v[1:])
	return n > 0 && n+2 < len(v) && v[n+1] == '.' && isDigit(v[n+2])
}

func versionLike(v string) bool {
	for i := 0; i < len(v); i++ {
		if !word(v[i]) && v[i] != '+' {
			return false
		}
	}
	return !strings.HasSuffix(v, ".go")
}

// pathLike reports whether a word can be a module or package path that go
// would fetch: its first element is a host name.
func pathLike(p string) bool {
	first, _, more := strings.Cut(p, "/")
	dot := strings.IndexByte(first, '.')
	if dot <= 0 || dot == len(first)-1 || numbered(first) || first != strings.ToLower(first) || digits(first[dot+1:]) == len(first)-dot-1 {
		return false
	}
	if !more && (goVersion(first) || first == "go.mod" || first == "go.sum" || first == "go.work" || strings.HasSuffix(first, ".go") || strings.HasSuffix(first, ".zip")) {
		return false
	}
	return module.CheckImportPath(p) == nil && net.ParseIP(first) == nil && !strings.Contains(p, "...")
}

// An address is a URL in a text and where it ends.
type address struct {
	url   *url.URL
	start int
	end   int
}

// addressBefore returns the last URL that begins left of an offset. Before
// go1.22 a failed read of a body had lost a slash: "https:/proxy.golang.org/…".
func (s *statement) addressBefore(end int) (address, bool) {
	for at := min(end, len(s.text)); at > 0; {
		i := strings.LastIndex(s.text[:at], ":/")
		if i < 0 {
			break
		}
		at = i
		start := i
		for start > 0 && s.text[start-1] >= 'a' && s.text[start-1] <= 'z' {
			start--
		}
		stop := i + 2
		for stop < len(s.text) && strings.IndexByte(" \t\n\"'`<>|", s.text[stop]) < 0 {
			stop++
		}
		scheme, rest := s.text[start:i], strings.TrimRight(s.text[i+1:stop], ":,;.)")
		if !slices.Contains(schemes, scheme) {
			continue
		}
		if u, err := url.Parse(scheme + "://" + strings.TrimLeft(rest, "/")); err == nil && u.Host != "" {
			return address{u, start, i + 1 + len(rest)}, true
		}
	}
	return address{}, false
}

var schemes = []string{"http", "https", "ssh", "git", "svn"}

// hostOf returns a URL's host as it is reported: without userinfo, without the
// scheme's own port, and without the port of a loopback address, which is
// another one in every run.
func hostOf(u *url.URL) string {
	port := u.Port()
	name := strings.TrimSuffix(u.Host, ":"+port)
	loopback := strings.HasPrefix(name, "127.") || name == "[::1]"
	if port == "" || loopback || port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" {
		return name
	}
	return u.Host
}

// moduleOf reads the module out of an address of the module protocol.
func moduleOf(u *url.URL) (mod, bool) {
	if u == nil {
		return mod{}, false
	}
	path, version := u.Path, ""
	if _, rest, ok := strings.Cut(path, "/lookup/"); ok {
		path, version, _ = strings.Cut(rest, "@")
	} else if before, file, ok := strings.Cut(path, "/@v/"); ok {
		path, version = before, strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(file, ".info"), ".mod"), ".zip")
		if file == "list" || version == file {
			version = ""
		}
	} else if before, ok := strings.CutSuffix(path, "/@latest"); ok {
		path = before
	} else if u.Query().Get("go-get") == "1" {
		path = u.Host + path
	} else {
		return mod{}, false
	}
	return unescaped(path, version)
}

// unescaped undoes the module proxy's escapes, after leading elements that
// belong to the proxy ("/artifactory/api/go/…").
func unescaped(path, version string) (mod, bool) {
	for path = strings.Trim(path, "/"); path != ""; {
		if p, err := module.UnescapePath(path); err == nil && pathLike(p) {
			if v, err := module.UnescapeVersion(version); err == nil {
				version = v
			}
			return mod{p, version}, true
		}
		_, rest, ok := strings.Cut(path, "/")
		if !ok {
			break
		}
		path = rest
	}
	return mod{}, false
}

// cached reads the module out of a path inside the module cache.
func (s *statement) cached() (mod, bool) {
	text := strings.ReplaceAll(s.text, `\`, "/")
	if _, rest, ok := strings.Cut(text, "/cache/download/"); ok {
		path, file, ok := strings.Cut(rest, "/@v/")
		if !ok || strings.ContainsAny(path, " \n:") {
			return mod{}, false
		}
		file, _, _ = strings.Cut(file, ":")
		if m := cachedFile(file); m != "" {
			return unescaped(path, m)
		}
		return unescaped(path, "")
	}
	_, rest, ok := strings.Cut(text, "pkg/mod/")
	path, file, found := strings.Cut(rest, "@")
	if !ok || !found || strings.ContainsAny(path, " \n:") {
		return mod{}, false
	}
	if i := strings.IndexAny(file, "/ :\n)"); i >= 0 {
		file = file[:i]
	}
	file, _, _ = strings.Cut(file, ".tmp-") // a directory that is being extracted
	return unescaped(path, file)
}

// cachedFile returns the version that a file of the download cache belongs to.
func cachedFile(file string) string {
	if i := strings.IndexAny(file, " \n\"'"); i >= 0 {
		file = file[:i]
	}
	for _, ext := range []string{".zip", ".mod", ".info", ".lock", ".partial"} {
		if i := strings.Index(file, ext); i > 0 {
			return file[:i]
		}
	}
	return ""
}

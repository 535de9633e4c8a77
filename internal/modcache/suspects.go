package modcache

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/lazyregexp"
)

// Suspects are what the text of a failure points at: what is worth verifying.
// Pointing is cheap and proves nothing; only what verification finds damaged
// is changed.
type Suspects struct {
	Versions []module.Version // the most suspicious first
	Clones   []string         // folders of cache/vcs
	SumDBs   []string         // folders of what is cached of checksum databases
	Since    time.Time        // when the failed command began; zero: a minute ago
	Indexes  Doubt            // whether the failure may come of an index of theirs
	Zips     bool             // an error about a zip that names no module: Versions are all that go.sum names
}

// A Doubt says how much a failure tells against the indexes of the suspects.
type Doubt int

const (
	NoDoubt  Doubt = iota // it has another reason
	Outdated              // those may be wrong that are older than their directories
	AnyIndex              // and any that nobody has doubted before
)

// Empty reports whether the text points nowhere.
func (s Suspects) Empty() bool { return len(s.Versions)+len(s.Clones)+len(s.SumDBs) == 0 }

// Suspects reads the text of a failure. sums are the versions that the
// command can have used.
func (c *Cache) Suspects(text string, sums Sums) Suspects {
	sums = orNone(sums)
	s := Suspects{Versions: PathsIn(text, c.Dir), Clones: c.ClonesIn(text)}
	add := func(list ...module.Version) {
		for _, m := range list {
			if !slices.Contains(s.Versions, m) {
				s.Versions = append(s.Versions, m)
			}
		}
	}
	add(versionsIn(text)...)
	hints := classify.CacheHints(text)
	for _, pkg := range hints.Packages {
		add(providers(pkg, sums)...)
	}
	if hints.Source && len(s.Versions) > 0 {
		s.Indexes = AnyIndex
	} else if hints.Source { // a name that is undefined is most often somebody's mistake
		s.Indexes = Outdated
	}
	for _, tool := range hints.Tools {
		add(c.toolchainsWithout(tool)...)
	}
	for _, name := range hints.Undefined {
		add(c.qualified(name, sums)...)
	}
	for _, line := range hints.Revisions {
		s.addClones(c.clonesFor(line, sums))
	}
	if hints.SumDB {
		s.SumDBs = c.sumDBs() // none: it came from the network
	}
	if len(s.Versions) == 0 && len(s.Clones) == 0 && hints.Zip {
		s.Zips = true
		add(sums.Versions()...)
	}
	return s
}

// providers returns the versions in sums that could have a package.
func providers(pkg string, sums Sums) []module.Version {
	var list []module.Version
	for _, m := range sums.Versions() {
		if pkg == m.Path || strings.HasPrefix(pkg, m.Path+"/") {
			list = append(list, m)
		}
	}
	return list
}

// qualified returns the versions that likely have a package of this name: by an
// element of the module's path, or a folder at its top.
func (c *Cache) qualified(name string, sums Sums) []module.Version {
	var list []module.Version
	for _, m := range sums.Versions() {
		p, err := c.place(m)
		if err != nil || existing(p.dir) == "" {
			continue
		}
		if slices.Contains(strings.Split(m.Path, "/"), name) || existing(filepath.Join(p.dir, name)) != "" {
			list = append(list, m)
		}
	}
	return list
}

// separators end a path in the text of an error. A module path has none of
// them.
const separators = " \t\n\r\"'`()[]{}<>,;=|"

// PathsIn returns the module versions of which files in the module cache are
// mentioned, in the order of their first mention. The go command shortens
// paths ("../../go/pkg/mod/…"), so that a path counts from the last folder of
// gomodcache on.
func PathsIn(text, gomodcache string) []module.Version {
	root := "/" + filepath.Base(filepath.Clean(gomodcache)) + "/"
	var list []module.Version
	for token := range words(text) {
		rest := token
		for {
			i := strings.Index(rest, root)
			if i < 0 {
				break
			}
			rest = rest[i+len(root)-1:]
			if m, ok := versionAt(rest[1:]); ok && !slices.Contains(list, m) {
				list = append(list, m)
				break
			}
		}
	}
	return list
}

// versionsIn returns the versions that are named as "path@version", also with
// a file behind, as -trimpath shows it.
func versionsIn(text string) []module.Version {
	var list []module.Version
	for token := range words(text) {
		if !strings.Contains(token, "@v") || strings.Contains(token, "/@v/") {
			continue
		}
		if m, ok := extracted(token, false); ok && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

func words(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
			if word = strings.ReplaceAll(word, `\`, "/"); strings.Contains(word, "@v") && !yield(word) {
				return
			}
		}
	}
}

// versionAt reads a version off a path below the module cache.
func versionAt(rel string) (module.Version, bool) {
	if download, ok := strings.CutPrefix(rel, "cache/download/"); ok {
		rest, _, _ := strings.Cut(download, ":")
		return parseDownload(rest)
	}
	return extracted(rel, true)
}

// extracted reads "<path>@<version>[/file][:line:column:]".
func extracted(s string, escaped bool) (module.Version, bool) {
	path, rest, ok := strings.Cut(s, "@")
	if !ok {
		return module.Version{}, false
	}
	version := rest
	if i := strings.IndexAny(rest, "/:"); i >= 0 {
		version = rest[:i]
	}
	if escaped {
		return unescape(path, version)
	}
	m := module.Version{Path: path, Version: strings.TrimRight(version, ".")}
	return m, module.CanonicalVersion(m.Version) == m.Version && module.Check(m.Path, m.Version) == nil
}

var cloneName = lazyregexp.New(`cache[/\\]+vcs[/\\]+([0-9a-f]{64})\b`)

// ClonesIn returns the clones that a text names, whether they are there or not. Quoted,
// a path of Windows has two backslashes.
func (c *Cache) ClonesIn(text string) []string {
	var list []string
	for _, match := range cloneName().FindAllStringSubmatch(text, -1) {
		if dir := filepath.Join(c.VCSDir(), match[1]); !slices.Contains(list, dir) {
			list = append(list, dir)
		}
	}
	return list
}

// clonesFor returns the clones of the modules that a line names. A commit that was
// there and cannot be read is an "unknown revision" in the words of the go command.
func (c *Cache) clonesFor(line string, sums Sums) []string {
	var list []string
	for _, dir := range c.Clones() {
		_, origin, _ := strings.Cut(strings.TrimSuffix(CloneURL(dir), ".git"), "://")
		for _, m := range sums.Versions() {
			if origin != "" && (m.Path == origin || strings.HasPrefix(m.Path, origin+"/")) && strings.Contains(line, m.Path) {
				list = append(list, dir)
				break
			}
		}
	}
	return list
}

func (s *Suspects) addClones(list []string) {
	for _, dir := range list {
		if !slices.Contains(s.Clones, dir) {
			s.Clones = append(s.Clones, dir)
		}
	}
}

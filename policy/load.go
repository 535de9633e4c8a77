package policy

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/gosteady/gosteady/internal/abspath"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/mask"
)

// A Loader reads the layers of one invocation. The zero value reads no
// repository's file and the platform's other ones.
type Loader struct {
	Getenv        func(string) string // nil: os.Getenv
	Settings      *goenv.Settings     // nil: GOPROXY is taken to be Go's default
	Dir           string              // the working directory; "" if it is gone: no repository's file
	ModuleRoot    string              // the directory of go.mod, "" outside a module
	WorkspaceRoot string              // the directory of go.work, ""
	SystemDir     string              // "" for the platform's, such as /etc/gosteady
	UserDir       string              // "" for the platform's, such as ~/.config/gosteady
}

// FileName is the name of a repository's policy file.
const FileName = ".gosteady.yaml"

// Load returns the policy in force and the lines to say about it. It never
// fails: what cannot be used is left out, and Problems and Ignored say why.
func (l Loader) Load() (*Policy, []Notice) {
	l = l.complete()
	p := Default()
	p.whereFrom = l
	switch v := l.Getenv("GOSTEADY"); v {
	case "", "on":
	case "off":
		p.Off = true
		return p, nil
	default:
		p.Problems = append(p.Problems, l.badVariable("GOSTEADY", v, []string{"on", "off"}))
	}
	p.machineLayer(System, l.SystemDir)
	p.machineLayer(User, l.UserDir)
	p.trustVariable()
	without := &Policy{Retry: p.Retry, Timeouts: p.Timeouts, Rules: slices.Clip(p.Rules), Trust: slices.Clip(p.Trust), origins: map[string]Origin{}, whereFrom: l}
	files := len(p.Files)
	p.repositoryLayer()
	p.variables()
	if len(p.Files) > files {
		without.variables()
		p.without = without
	}
	p.noteUnused()
	return p, p.notices()
}

func (l Loader) complete() Loader {
	if l.Getenv == nil {
		l.Getenv = os.Getenv
	}
	if l.SystemDir == "" {
		l.SystemDir = systemDir(l.Getenv)
	}
	if l.UserDir == "" {
		l.UserDir = userDir(l.Getenv)
	}
	return l
}

// machineLayer reads policy.yaml and the list of trusted values in one of this
// machine's own directories.
func (p *Policy) machineLayer(layer Layer, dir string) {
	if dir == "" {
		return
	}
	p.readFile(layer, filepath.Join(dir, "policy.yaml"))
	file := filepath.Join(dir, trustedName)
	data, ok := p.open(layer, file)
	if !ok {
		return
	}
	trusted, bad := parseTrusted(data)
	p.addTrust(Origin{Layer: layer, Name: file}, trusted...)
	for _, text := range bad {
		p.Problems = append(p.Problems, Problem{File: file, Text: text, Warning: true, Layer: layer})
	}
}

func (p *Policy) trustVariable() {
	const name = "GOSTEADY_TRUST"
	for _, word := range words(p.whereFrom.Getenv(name)) {
		value, err := ParseTrust(word)
		if err != nil {
			p.Problems = append(p.Problems, Problem{File: name, Text: err.Error(), Layer: Environment})
			continue
		}
		p.addTrust(Origin{Layer: Environment, Name: name}, value)
	}
}

// repositoryLayer reads the file that GOSTEADY_POLICY names, else the one at
// the root of the module, the workspace or the repository.
func (p *Policy) repositoryLayer() {
	l := p.whereFrom
	switch named := l.Getenv("GOSTEADY_POLICY"); {
	case named == "off":
	case named == "":
		file, near := l.findFile()
		if file != "" {
			p.readFile(Repository, file)
		}
		for _, name := range near {
			p.Files = append(p.Files, File{Path: name, Layer: Repository, Skipped: "a policy's name is " + FileName + "; rename it"})
		}
	default:
		named = abspath.From(l.Dir, named)
		if !p.readFile(Repository, named) {
			p.Problems = append(p.Problems, Problem{File: "GOSTEADY_POLICY", Text: mask.Quote(named) + " cannot be read; allowed: a file, or off", Layer: Repository})
		}
	}
}

// readFile lays a file over the policy, and reports whether there was one.
func (p *Policy) readFile(layer Layer, file string) bool {
	data, ok := p.open(layer, file)
	if ok {
		r := &reader{layer: layer, file: display(p.whereFrom.Dir, file)}
		r.read(data)
		p.apply(r)
	}
	return ok || slices.ContainsFunc(p.Files, func(f File) bool { return f.Path == file })
}

// open reads a file that may be believed, and remembers it in Files.
func (p *Policy) open(layer Layer, file string) ([]byte, bool) {
	data, err := readBelieved(layer, file, p.whereFrom.Getenv("GOSTEADY_POLICY") != "")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	f := File{Path: file, Layer: layer}
	if err != nil {
		f.Skipped = err.Error()
	}
	p.Files = append(p.Files, f)
	return data, err == nil
}

// variables lays the GOSTEADY_* variables over the policy. A bad one is left
// out, the others are used.
func (p *Policy) variables() {
	for i := range keys {
		k := &keys[i]
		name := k.env()
		if name == "" {
			continue
		}
		if text := p.whereFrom.Getenv(name); text != "" {
			r := &reader{layer: Environment, file: name, variable: true}
			r.readVariable(k, text)
			p.apply(r)
		}
	}
	if v := p.whereFrom.Getenv("GOSTEADY_LOG"); v != "" && v != "off" && v != "debug" {
		p.Problems = append(p.Problems, p.whereFrom.badVariable("GOSTEADY_LOG", v, []string{"debug", "off"}))
	}
}

// readVariable parses a key's value from a variable: a list is separated by
// commas or spaces, rules are written as in the file, in [{…}].
func (r *reader) readVariable(k *key, text string) {
	if k.kind == kindRules {
		r.read([]byte("rules: " + text))
		return
	}
	items := []string{text}
	if k.isList() {
		items = words(text)
	}
	v := value{list: k.isList()}
	for _, it := range items {
		v.items = append(v.items, item{text: it})
	}
	if parsed, ok := r.parse(k, v); ok {
		r.settings = append(r.settings, setting{key: k, val: parsed, items: v.items})
	}
}

// words splits the list in a variable: at commas or spaces.
func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || unicode.IsSpace(c) })
}

func (l Loader) badVariable(name, v string, words []string) Problem {
	r := &reader{layer: Environment, file: name, variable: true}
	r.word(&key{}, item{text: v}, words)
	return r.problems[0]
}

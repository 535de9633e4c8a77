package main

import (
	"bytes"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

const modulePath = "github.com/gosteady/gosteady"

// dependencies are all that this module may require directly. A further one
// needs a reason that beats writing it, and a line here.
var dependencies = []string{
	"github.com/goccy/go-yaml",
	"github.com/google/shlex",
	"github.com/hashicorp/go-retryablehttp",
	"github.com/rogpeppe/go-internal",
	"github.com/spf13/cobra",
	"golang.org/x/mod",
	"golang.org/x/sys",
	"golang.org/x/term",
}

func TestDependencies(t *testing.T) {
	data, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range mod.Require {
		if !r.Indirect && !slices.Contains(dependencies, r.Mod.Path) {
			t.Errorf("go.mod requires %s, which is not among the allowed dependencies", r.Mod.Path)
		}
	}
	if len(mod.Replace) > 0 {
		t.Error("go.mod has a replace directive, which holds only in this checkout")
	}
}

// layers are the packages from the lowest to the highest. A package imports
// only from lower layers.
var layers = [][]string{
	{"classify", "internal/goenv", "internal/goflag", "internal/proxylist", "internal/release", "internal/faultproxy", "internal/wholefile"},
	{"internal/gosum", "internal/workspace", "internal/relay/goauth", "internal/scripttest", "internal/modtest", "internal/transparency"},
	{"policy", "shim/front"},
	{"internal/journal", "internal/modcache", "internal/here", "shim/passfirst"},
	{"internal/ask", "internal/relay", "internal/steadytest", "internal/wording"},
	{"shim", "internal/demo", "internal/doctor", "internal/explain", "internal/probe", "internal/report", "internal/stats", "internal/upkeep"},
	{"internal/steady"},
	{"", "bench", "examples/flaky"},
}

// testOnly packages are linked into tests and benchmarks, never into gosteady.
var testOnly = []string{"internal/modtest", "internal/scripttest", "internal/steadytest", "internal/transparency"}

func layerOf(path string) int {
	path = strings.TrimPrefix(strings.TrimPrefix(path, modulePath), "/")
	if strings.HasPrefix(path, "bench/") {
		path = "bench"
	}
	return slices.IndexFunc(layers, func(layer []string) bool { return slices.Contains(layer, path) })
}

func TestImportsPointDownwards(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		from := layerOf(words[0])
		if from < 0 {
			t.Errorf("%s has no layer: add it to the table in this test", words[0])
		}
		for _, imported := range words[1:] {
			if !strings.HasPrefix(imported, modulePath) {
				continue
			}
			if to := layerOf(imported); to >= from {
				t.Errorf("%s (layer %d) imports %s (layer %d)", words[0], from, imported, to)
			}
			if slices.Contains(testOnly, strings.TrimPrefix(imported, modulePath+"/")) {
				t.Errorf("%s imports %s, which is for tests", words[0], imported)
			}
		}
	}
}

// Every package but the programs has a row in the table of docs/architecture.md, and every
// row a package.
func TestPackagesInDocs(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]bool)
	for _, m := range packageRow.FindAllStringSubmatch(string(page), -1) {
		rows[m[1]] = true
		if m[1] != "main" && layerOf(modulePath+"/"+m[1]) < 0 {
			t.Errorf("docs/architecture.md has a row for %s, and there is no such package", m[1])
		}
	}
	for _, path := range slices.Concat(layers[:len(layers)-1]...) { // above are programs
		if !rows[path] {
			t.Errorf("docs/architecture.md has no row for %s", path)
		}
	}
}

var packageRow = regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\| ")

// sources are the files of the repository with this ending.
func sources(t *testing.T, ending string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "dist"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ending):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestFormat(t *testing.T) {
	for _, file := range sources(t, ".go") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		formatted, err := format.Source(data)
		if err != nil || !bytes.Equal(data, bytes.ReplaceAll(formatted, []byte("\n"), newline(data))) {
			t.Errorf("%s is not as gofmt has it (%v)", file, err)
		}
	}
}

// newline is what ends the lines of a checkout: git may have made it \r\n.
func newline(data []byte) []byte {
	if bytes.Contains(data, []byte("\r\n")) {
		return []byte("\r\n")
	}
	return []byte("\n")
}

var (
	markdownLink  = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	codeSpan      = regexp.MustCompile("`([^`\n]+)`")
	steadyCommand = regexp.MustCompile(`(?:^|\| |run: )(?:gosteady|go steady)((?: [a-z]+)+)([^|>#]*)`)
	longFlag      = regexp.MustCompile(`--[a-z-]+`)
)

// shown are the lines of code in a page: blocks, fenced or indented, and spans.
func shown(page string) []string {
	var lines []string
	fenced := false
	for line := range strings.Lines(page) {
		switch code, indented := strings.CutPrefix(line, "    "); {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
		case fenced || indented:
			lines = append(lines, strings.TrimPrefix(strings.TrimSpace(code), "$ "))
		default:
			for _, m := range codeSpan.FindAllStringSubmatch(line, -1) {
				lines = append(lines, m[1])
			}
		}
	}
	return lines
}

func TestLinksInDocs(t *testing.T) {
	for _, file := range sources(t, ".md") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range markdownLink.FindAllSubmatch(data, -1) {
			target := filepath.Join(filepath.Dir(file), filepath.FromSlash(string(m[1])))
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", file, m[1], err)
			}
		}
	}
}

// Every command that the docs show is one that gosteady has.
func TestCommandsInDocs(t *testing.T) {
	binary := filepath.Join(bin, "gosteady")
	help := make(map[string]string)
	for _, file := range sources(t, ".md") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range shown(string(data)) {
			m := steadyCommand.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			if _, asked := help[m[1]]; !asked {
				help[m[1]] = helpOf(binary, strings.Fields(m[1]))
			}
			if help[m[1]] == "" {
				t.Errorf("%s shows %q, and there is no such command", file, line)
			}
			for _, flag := range longFlag.FindAllString(m[2], -1) {
				if !strings.Contains(help[m[1]], " "+flag) {
					t.Errorf("%s shows %q, and there is no flag %s", file, line, flag)
				}
			}
		}
	}
}

var (
	testInDocs   = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`")
	scriptInDocs = regexp.MustCompile("`([a-z0-9_]+\\.txtar)`")
)

// Every test that the docs name as a proof is there.
func TestTestsInDocs(t *testing.T) {
	var code strings.Builder
	for _, file := range sources(t, "_test.go") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(data)
	}
	for _, file := range sources(t, ".md") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range testInDocs.FindAllSubmatch(data, -1) {
			if !strings.Contains(code.String(), "\nfunc "+string(m[1])+"(") {
				t.Errorf("%s names %s, and there is no such test", file, m[1])
			}
		}
		for _, m := range scriptInDocs.FindAllSubmatch(data, -1) {
			if _, err := os.Stat(filepath.Join("testdata", "script", string(m[1]))); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

var usageLine = regexp.MustCompile(`(?m)^ +gosteady((?: [a-z]+)+)(?: |$)`)

// helpOf returns the help of the command that the words begin with, "" if there is
// none: then cobra prints that of the group above it. What follows a command are its
// arguments.
func helpOf(binary string, words []string) string {
	out, err := exec.Command(binary, append(slices.Clone(words), "--help")...).CombinedOutput()
	usage := usageLine.FindSubmatch(out)
	if err != nil || usage == nil {
		return ""
	}
	command := strings.Fields(string(usage[1]))
	isGroup := bytes.Contains(out, []byte("Available Commands:"))
	if !slices.Equal(command, words[:min(len(command), len(words))]) || isGroup && len(words) > len(command) {
		return ""
	}
	return string(out)
}

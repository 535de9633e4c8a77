package hygiene

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

	"github.com/gosteady/gosteady/internal/modtest"
)

func TestMain(m *testing.M) {
	modtest.EnterRoot()
	os.Exit(m.Run())
}

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
	{"docs", "internal/abspath", "internal/console", "internal/environ", "internal/instant", "internal/lazyregexp", "internal/mask", "internal/metrics", "internal/modhash", "internal/repofile", "internal/robust"},
	{"classify", "internal/markdown", "internal/goenv", "internal/goflag", "internal/proxylist", "internal/release", "internal/faultproxy", "internal/limit", "internal/wholefile"},
	{"internal/family", "internal/gateway/standing", "internal/gosum", "internal/modproxy", "internal/spool", "internal/outages", "internal/workspace", "internal/goauth", "internal/stamp", "internal/scripttest", "internal/modtest", "internal/transparency",
		"internal/e2e", "internal/e2e/docs", "internal/e2e/gateway", "internal/e2e/install", "internal/e2e/release", "internal/hygiene", "internal/recording"},
	{"policy", "shim/front", "internal/gateway/store"},
	{"internal/gateway/sumcheck", "internal/journal", "internal/modcache", "internal/here", "internal/retry", "shim/passfirst", "shim/proc", "shim/stdio"},
	{"internal/httpprobe", "internal/install", "internal/steadytest", "internal/tui", "internal/upstream"},
	{"internal/gateway", "internal/prefetch"},
	{"internal/relay"},
	{"shim", "internal/demo", "internal/doctor", "internal/explain", "internal/probe", "internal/report", "internal/serve", "internal/stats", "internal/cachecmd"},
	{"internal/steady"},
	{"", "bench", "examples/flaky", "internal/manpages", "packaging/image", "packaging/sbom"},
}

// testOnly packages are linked into tests and bench, never into gosteady.
var testOnly = []string{"internal/instant", "internal/modtest", "internal/scripttest", "internal/steadytest", "internal/transparency",
	"internal/e2e", "internal/e2e/docs", "internal/e2e/gateway", "internal/e2e/install", "internal/e2e/release", "internal/hygiene", "internal/outages", "internal/recording"}

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
			if slices.Contains(testOnly, strings.TrimPrefix(imported, modulePath+"/")) && words[0] != modulePath+"/bench" {
				t.Errorf("%s imports %s, which is for tests", words[0], imported)
			}
		}
	}
}

// The guides are for "gosteady help": what carries out a go command does not read them.
func TestGuidesAreForHelpAlone(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./shim").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"docs", "internal/markdown"} {
		if slices.Contains(strings.Fields(string(out)), modulePath+"/"+path) {
			t.Errorf("the shim imports %s", path)
		}
	}
}

// goesWords are the files that word a failure as go does, which masks passwords alone.
var goesWords = []string{"internal/relay/", "internal/upstream/", "internal/modproxy/", "internal/proxylist/", "internal/mask/"}

// One package decides what gosteady's own output must not have.
func TestOneMask(t *testing.T) {
	for _, file := range modtest.Sources(t, ".go") {
		if slices.ContainsFunc(goesWords, func(dir string) bool { return strings.HasPrefix(file, filepath.FromSlash(dir)) }) || strings.HasSuffix(file, "_test.go") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(".Redacted()")) {
			t.Errorf("%s has Redacted, which leaves user names and queries: use mask.URL", file)
		}
	}
}

// What begins each line of gosteady's own is written down once: console.Prefix.
func TestOnePrefix(t *testing.T) {
	for _, file := range modtest.Sources(t, ".go") {
		if strings.HasSuffix(file, "_test.go") || file == filepath.FromSlash("internal/console/console.go") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if code, _, _ := strings.Cut(line, "// "); strings.Contains(code, `"gosteady: `) {
				t.Errorf("%s has a prefix of its own: use console.Prefix in %s", file, strings.TrimSpace(line))
			}
		}
	}
}

// Every row of the table in docs/architecture.md is a package, and every package says in its
// comment what it is for.
func TestPackagesInDocs(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := packageRow.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 10 {
		t.Errorf("docs/architecture.md has a table of %d packages", len(rows))
	}
	for _, m := range rows {
		if m[1] != "main" && layerOf(modulePath+"/"+m[1]) < 0 {
			t.Errorf("docs/architecture.md has a row for %s, and there is no such package", m[1])
		}
	}
	out, err := exec.Command("go", "list", "-f", `{{if not .Doc}}{{.ImportPath}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		t.Errorf("%s has no package comment", path)
	}
}

var packageRow = regexp.MustCompile("(?m)^\\| `([a-z0-9/]+)` \\| ")

func TestFormat(t *testing.T) {
	for _, file := range modtest.Sources(t, ".go") {
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

//go:build unix

package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/gosteady/gosteady/internal/modtest"
)

// TestPoliciesInDocs: each policy that the docs show is one that "policy check" has
// nothing to say about, after what the page says to trust.
func TestPoliciesInDocs(t *testing.T) {
	seen := 0
	for _, b := range docBlocks(t) {
		if b.lang != "yaml" || !isPolicy(b.text) {
			continue
		}
		seen++
		if out, ok := checkShownPolicy(t, b); !ok {
			t.Errorf("%s:%d: policy check says of\n%s\n%s", b.page, b.line, b.text, out)
		}
	}
	if seen < 7 {
		t.Errorf("found %d policies only", seen)
	}
}

func isPolicy(text string) bool {
	var doc map[string]any
	if yaml.Unmarshal([]byte(text), &doc) != nil {
		return false
	}
	return doc["version"] != nil || doc["trust"] != nil
}

// usersOwn is the first line of a policy that is not a repository's.
var usersOwn = regexp.MustCompile(`^# (~/\.config|/etc)/gosteady/policy\.yaml\n`)

var toTrust = regexp.MustCompile(`(?m)^to trust on this machine: go steady policy trust (.*)$`)

func checkShownPolicy(t *testing.T, b docBlock) (string, bool) {
	t.Helper()
	dir := modtest.Files(t, map[string]string{"m/go.mod": "module example.com/m\n\ngo 1.21\n", "home/.config/gosteady/.keep": ""})
	name := "m/.gosteady.yaml"
	if usersOwn.MatchString(b.text) {
		name = "home/.config/gosteady/policy.yaml"
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(b.text), 0o644); err != nil {
		t.Fatal(err)
	}
	env := modtest.Env(t, "HOME="+filepath.Join(dir, "home"), "XDG_CONFIG_HOME="+filepath.Join(dir, "home/.config"), "GOPROXY=https://proxy.golang.org,direct")
	steady := func(args ...string) modtest.Result {
		return modtest.Run(t, filepath.Join(dir, "m"), env, built(), args...)
	}
	got := steady("policy", "check")
	for range 2 { // trust in a proxy is asked for before trust in going to it
		if m := toTrust.FindStringSubmatch(got.Stdout); m != nil && saysToTrust(t, b.page, m[1]) {
			steady(append([]string{"policy", "trust"}, strings.Fields(m[1])...)...)
			got = steady("policy", "check", "--strict")
		}
	}
	return got.Stdout + got.Stderr, got.Code == 0 && !strings.Contains(got.Stdout, "warning") && !strings.Contains(got.Stdout, "ignored") && !strings.Contains(got.Stdout, "trap: ")
}

// saysToTrust reports whether a page tells people to trust these values.
func saysToTrust(t *testing.T, page, values string) bool {
	for command := range strings.SplitSeq(readPage(t, page), "go steady policy trust ") {
		shown, _, _ := strings.Cut(command, "`")
		said := strings.Fields(shown)
		if !slices.ContainsFunc(strings.Fields(values), func(v string) bool { return !slices.Contains(said, v) }) {
			return true
		}
	}
	return false
}

var policyKey = regexp.MustCompile("(?m)^- `([a-z.-]+)`: ")

var steadyVariable = regexp.MustCompile(`\bGOSTEADY_[A-Z_]+\b`)

// Each variable of gosteady's in the docs is one that the program reads. Those of
// the policy's keys are those of the list in docs/policy-reference.md, which is made from
// the keys, in capitals.
func TestVariablesInDocs(t *testing.T) {
	var known strings.Builder
	for _, file := range modtest.Sources(t, ".go") {
		if !strings.HasSuffix(file, "_test.go") {
			known.WriteString(readPage(t, file))
		}
	}
	known.WriteString(readPage(t, "install.sh"))
	for _, m := range policyKey.FindAllStringSubmatch(readPage(t, "docs/policy-reference.md"), -1) {
		known.WriteString(" GOSTEADY_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(m[1])) + " ")
	}
	for _, page := range docPages(t) {
		for _, name := range steadyVariable.FindAllString(readPage(t, page), -1) {
			if !regexp.MustCompile(`\b` + name + `\b`).MatchString(known.String()) {
				t.Errorf("%s names %s, which nothing reads", page, name)
			}
		}
	}
}

// Each metric in the docs is one that "stats" prints, or the script on the page.
func TestMetricsInDocs(t *testing.T) {
	const page = "docs/operations.md"
	got := modtest.Run(t, t.TempDir(), modtest.Env(t), built(), "stats", "--format", "prometheus")
	for _, name := range regexp.MustCompile(`\b(gosteady|module_proxies)_[a-z_]+`).FindAllString(readPage(t, page), -1) {
		made := strings.Contains(got.Stdout, "# TYPE "+name+" ") || strings.Contains(readPage(t, page), name+" %d")
		if !made && name != "module_proxies" { // the name of the file
			t.Errorf("%s has the metric %s, which nothing prints", page, name)
		}
	}
}

// The steps of .ci/run that the docs name are there.
func TestCIStepsInDocs(t *testing.T) {
	steps := regexp.MustCompile(`(?m)^bash \.ci/run ?([a-z ]*)`).FindAllStringSubmatch(readPage(t, "CONTRIBUTING.md"), -1)
	if len(steps) == 0 {
		t.Error("CONTRIBUTING.md no longer says how to run .ci/run")
	}
	ci := readPage(t, ".ci/run")
	for _, m := range steps {
		for _, step := range strings.Fields(m[1]) {
			if !strings.Contains(ci, "\nstep_"+step+"() {") {
				t.Errorf("CONTRIBUTING.md names the step %s, and .ci/run has none", step)
			}
		}
	}
}

var (
	repositoryPath = regexp.MustCompile(`^(\.?[\w-]+/)+[\w.-]*$|^[a-z][\w-]*\.(go|sh|md|txtar)$`)
	sourceEnding   = regexp.MustCompile(`\.(go|sh|md|txtar)$`)
)

// Each path of this repository in the docs leads somewhere.
func TestRepositoryPathsInDocs(t *testing.T) {
	for _, page := range docPages(t) {
		for _, m := range codeSpan.FindAllStringSubmatch(readPage(t, page), -1) {
			path := m[1]
			if !repositoryPath.MatchString(path) {
				continue
			}
			first, _, _ := strings.Cut(path, "/")
			if _, err := os.Stat(first); err != nil && !sourceEnding.MatchString(path) {
				continue // of another place
			}
			beside := filepath.Join(filepath.Dir(page), path)
			script := filepath.Join("testdata", "script", path)
			if !exists(path) && !exists(beside) && !exists(script) {
				t.Errorf("%s names %s, which is not there", page, path)
			}
		}
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// machinePaths are the places on a person's machine that the docs name, each with
// the file of this repository that makes it what it is, and the words there.
var machinePaths = []struct{ path, source, words string }{
	{"~/.local/share/gosteady/shims", "internal/install/shims.go", `filepath.Join(in.Getenv("HOME"), ".local", "share")`},
	{"$XDG_DATA_HOME", "install.sh", "${XDG_DATA_HOME:-"},
	{"/usr/local/lib/gosteady/shims", "internal/install/places_unix.go", `"/usr/local/lib/gosteady/shims"`},
	{"/var/lib/gosteady", "internal/install/places_unix.go", `"/var/lib/gosteady"`},
	{"/usr/local/go", "internal/install/toolchains.go", `"usr/local/go"`},
	{"~/sdk", "internal/install/toolchains.go", `"sdk/go*"`},
	{`%LOCALAPPDATA%\gosteady\shims`, "internal/install/shims.go", `in.Getenv("LOCALAPPDATA")`},
	{"/etc/profile.d/gosteady.sh", "internal/install/places_unix.go", `"/profile.d/gosteady.sh"`},
	{"/etc/gosteady/policy.yaml", "policy/discover_unix.go", `return "/etc/gosteady"`},
	{`%ProgramData%\gosteady`, "policy/discover_windows.go", `"ProgramData"`},
	{"$XDG_CONFIG_HOME/gosteady/policy.yaml", "policy/discover_unix.go", `getenv("XDG_CONFIG_HOME")`},
	{"~/.config/gosteady", "policy/discover_unix.go", `filepath.Join(home, ".config", "gosteady")`},
	{"~/Library/Application Support/gosteady", "policy/discover_unix.go", `"Library", "Application Support", "gosteady"`},
	{`%AppData%\gosteady`, "policy/discover_windows.go", `"AppData"`},
	{"$GOROOT/go.env", "internal/goenv/goenv.go", "go.env"},
	{"$GOPATH/pkg/sumdb", "internal/modcache/layout.go", "in GOPATH/pkg/sumdb. They are never touched"},
	{"/usr/local/go/bin", "install.sh", "/usr/local/go/bin:"},
	{"~/.cache/gosteady", "internal/serve/serve.go", `filepath.Join(dir, "gosteady", "gateway")`},
	{"~/.local/state/gosteady", "internal/journal/store.go", `".local", "state", "gosteady"`},
	{"$XDG_STATE_HOME/gosteady", "internal/journal/store.go", `getenv("XDG_STATE_HOME")`},
	{"~/Library/Application Support/gosteady/state", "internal/journal/store.go", `"Library", "Application Support", "gosteady", "state"`},
	{`%LocalAppData%\gosteady\state`, "internal/journal/store.go", `"LocalAppData"), []string{"gosteady", "state"}`},
}

var machinePath = regexp.MustCompile(`^(~/|\$XDG_|\$[A-Z]+/|%\w+%|/(etc|usr|var|opt|srv)/)[\w/\\. -]*$`)

// The table above and the docs name the same places.
func TestMachinePathsInDocs(t *testing.T) {
	var named []string
	for _, page := range docPages(t) {
		for _, m := range codeSpan.FindAllStringSubmatch(readPage(t, page), -1) {
			if machinePath.MatchString(m[1]) {
				named = append(named, m[1])
			}
		}
	}
	slices.Sort(named)
	all := "\n" + strings.Join(slices.Compact(named), "\n") + "\n"
	for _, p := range machinePaths {
		if !strings.Contains(all, "\n"+p.path+"\n") {
			t.Errorf("no page names %s: take it out of the table", p.path)
		}
		if !strings.Contains(readPage(t, p.source), p.words) {
			t.Errorf("the docs name %s, and %s has no %q", p.path, p.source, p.words)
		}
		all = strings.ReplaceAll(all, "\n"+p.path+"\n", "\n\n")
	}
	for path := range strings.SplitSeq(strings.TrimSpace(all), "\n") {
		if path == "" {
			continue
		}
		t.Errorf("the docs name %s: is it used? then say by whom in the table", path)
	}
}

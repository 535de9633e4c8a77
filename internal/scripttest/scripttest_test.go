package scripttest

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
)

//go:embed quick.txt
var quick string

var (
	scripts = flag.String("scripts", "", `which of cmd/go's tests to run: "quick", "all", or a pattern as of go test -run; none by default`)
	binary  = flag.String("gosteady", "", "the gosteady to test; else it is built")
	inPlace = flag.Bool("inplace", false, "gosteady stands in the GOROOT, as gosteady install --goroot puts it there")
	logFile = flag.String("log", "", "a file for the output of the run with gosteady")
)

// TestScripts is the comparison itself. It takes minutes (quick) or an hour
// (all), so that it is asked for: go test ./internal/scripttest -scripts quick
func TestScripts(t *testing.T) {
	if *scripts == "" {
		t.Skip("give -scripts quick, all or a pattern")
	}
	suite := newSuite(t)
	pattern := map[string]string{"quick": Scripts(strings.Fields(quick)), "all": "."}[*scripts]
	if pattern == "" {
		pattern = *scripts
	}
	gosteady := gosteadyBinary(t)
	with := results(t, suite, gosteady, pattern)
	if len(with) == 0 {
		t.Fatalf("%s selects no test", pattern)
	}
	// Only what did not pass has to be compared with a run without gosteady.
	without := again(t, suite, "", NotPassed(with))
	report := Compare(with, without)
	// The scripts share one machine, and some measure time: a regression has to
	// show twice.
	for name, result := range again(t, suite, gosteady, names(report.Regressions)) {
		with[name] = result
	}
	report = Compare(with, without)
	t.Logf("%v", report)
	t.Logf("failing without gosteady too: %v", report.FailedToo)
	for _, r := range report.Regressions {
		if !excluded(t, r) {
			t.Errorf("%s: passes with go, and with gosteady: %q\n%s", r.Name, r.Status, r.Output)
		}
	}
}

// again runs these tests, and only these.
func again(t *testing.T, suite Suite, gosteady string, tests []string) map[string]Result {
	t.Helper()
	all := make(map[string]Result)
	for _, pattern := range Patterns(tests) {
		maps.Copy(all, results(t, suite, gosteady, pattern))
	}
	return all
}

func names(regressions []Regression) []string {
	var names []string
	for _, r := range regressions {
		names = append(names, r.Name)
	}
	return names
}

// An exclusion is a script that goes as with plain go up to one line, which cannot.
type exclusion struct{ failure, reason string }

// exclusions are few; README.md has them too.
var exclusions = map[string]exclusion{
	"TestScript/mod_download_partial": {"go mod download: unexpected success",
		"its last step empties a zip in the module cache and wants go mod download to fail: mending that is what gosteady is for"},
}

// excluded reports whether the regression is the one that is expected, and no other.
func excluded(t *testing.T, r Regression) bool {
	e, ok := exclusions[r.Name]
	if !ok || !strings.Contains(r.Output, e.failure) {
		return false
	}
	t.Logf("%s: excluded: %s", r.Name, e.reason)
	return true
}

func newSuite(t *testing.T) Suite {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	goroot := strings.TrimSpace(string(out))
	bin, err := Build(t.Context(), goroot, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return Suite{GOROOT: goroot, Binary: bin, InPlace: *inPlace, Timeout: 3 * time.Hour, Short: testing.Short()}
}

func gosteadyBinary(t *testing.T) string {
	t.Helper()
	if *binary != "" {
		return *binary
	}
	dir := t.TempDir()
	if err := modtest.Build(dir); err != nil {
		t.Fatal(err)
	}
	return modtest.Executable(dir, "gosteady")
}

func results(t *testing.T, suite Suite, gosteady, pattern string) map[string]Result {
	t.Helper()
	var w io.Writer
	if *logFile != "" && gosteady != "" {
		f, err := os.OpenFile(*logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		w = f
	}
	suite.Log = w
	results, err := suite.Run(t.Context(), gosteady, pattern)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func TestReadResults(t *testing.T) {
	output := `=== RUN   TestA
    a.go:1: one
=== RUN   TestScript
=== RUN   TestScript/x
=== PAUSE TestScript/x
=== RUN   TestScript/y
=== CONT  TestScript/x
    script.go:1: two
=== NAME  TestScript/y
        --- FAIL: TestExitZero (0.00s)
    script.go:2: three
--- PASS: TestA (0.00s)
--- FAIL: TestScript (0.00s)
    --- PASS: TestScript/x (0.01s)
    --- SKIP: TestScript/y (0.01s)
=== RUN   TestHangs
panic: test timed out
`
	got, ended, err := readResults(strings.NewReader(output))
	if err != nil || ended {
		t.Errorf("ended %v, error %v", ended, err)
	}
	want := map[string]Result{
		"TestA":        {"PASS", "    a.go:1: one\n"},
		"TestScript":   {"FAIL", ""},
		"TestScript/x": {"PASS", "    script.go:1: two\n"},
		"TestScript/y": {"SKIP", "        --- FAIL: TestExitZero (0.00s)\n    script.go:2: three\n"},
		"TestHangs":    {"", "panic: test timed out\n"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestCompare(t *testing.T) {
	pass, fail, skip := Result{Status: "PASS"}, Result{Status: "FAIL", Output: "out"}, Result{Status: "SKIP"}
	without := map[string]Result{"TestScript": fail, "TestScript/same": pass, "TestScript/worse": pass, "TestScript/bad": fail,
		"TestScript/skipped": skip, "TestHangs": pass, "TestSkips": pass}
	with := map[string]Result{"TestScript": fail, "TestScript/same": pass, "TestScript/worse": fail, "TestScript/bad": fail,
		"TestScript/skipped": skip, "TestHangs": {}, "TestSkips": skip}
	got := Compare(with, without)
	want := Report{Passed: 1, Skipped: 1, FailedToo: []string{"TestScript/bad"}, Regressions: []Regression{
		{"TestHangs", "", ""}, {"TestScript/worse", "FAIL", "out"}, {"TestSkips", "SKIP", ""}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// The tests that passed with gosteady need not have run without it.
	delete(without, "TestScript/same")
	if got := Compare(with, without); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	patterns := Patterns(NotPassed(with))
	if got, want := fmt.Sprint(patterns), "[^TestScript$/^(bad|skipped|worse)$ ^(TestHangs|TestSkips)$]"; got != want {
		t.Errorf("Patterns() = %s, want %s", got, want)
	}
}

// A new toolchain whose tests look different has to be noticed, not skipped.
func TestOverlayNeedsItsText(t *testing.T) {
	src, dir := t.TempDir(), t.TempDir()
	for _, name := range []string{"go_test.go", "script_test.go"} {
		if err := os.WriteFile(filepath.Join(src, name), []byte("package main_test\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := writeOverlay(src, dir); err == nil || !strings.Contains(err.Error(), "another edit") {
		t.Errorf("got %v", err)
	}
}

func TestOverlayOfThisToolchain(t *testing.T) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	src := filepath.Join(strings.TrimSpace(string(out)), "src", "cmd", "go")
	if _, err := os.Stat(src); err != nil {
		t.Skip("this toolchain has no sources of cmd/go")
	}
	if _, err := writeOverlay(src, t.TempDir()); err != nil {
		t.Error(err)
	}
	for _, name := range strings.Fields(quick) {
		if _, err := os.Stat(filepath.Join(src, "testdata", "script", name+".txt")); err != nil {
			t.Logf("quick.txt: not in this toolchain: %v", err)
		}
	}
}

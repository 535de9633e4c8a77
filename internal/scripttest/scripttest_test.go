package scripttest

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

//go:embed quick.txt
var quick string

var (
	scripts = flag.String("scripts", "", `which of cmd/go's tests to run: "quick", "all", or a pattern as of go test -run; none by default`)
	binary  = flag.String("gosteady", "", "the gosteady to test; else it is built")
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
	without, with := results(t, suite, "", pattern), results(t, suite, gosteady, pattern)
	report := Compare(without, with)
	t.Logf("%v", report)
	t.Logf("failing without gosteady too: %v", report.FailedToo)
	for _, again := range report.Patterns() {
		// A test that fails now and then says so only once.
		second := results(t, suite, gosteady, again)
		for name, result := range second {
			if result.Status == without[name].Status {
				with[name] = result
			}
		}
	}
	for _, r := range Compare(without, with).Regressions {
		if !excluded(t, r) {
			t.Errorf("%s: passes with go, and with gosteady: %q\n%s", r.Name, r.Status, r.Output)
		}
	}
	if report.Passed == 0 {
		t.Error("nothing was compared")
	}
}

// exclusions are the tests whose subject is something that cannot be the same
// with any wrapper. README.md has the reasons.
var exclusions = map[string]string{}

func excluded(t *testing.T, r Regression) bool {
	reason, ok := exclusions[r.Name]
	if ok {
		t.Logf("%s: excluded: %s", r.Name, reason)
	}
	return ok
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
	return Suite{GOROOT: goroot, Binary: bin, Timeout: 80 * time.Minute}
}

func gosteadyBinary(t *testing.T) string {
	t.Helper()
	if *binary != "" {
		return *binary
	}
	file := filepath.Join(t.TempDir(), "gosteady")
	cmd := exec.Command("go", "build", "-trimpath", "-o", file, "../..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
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
	got, err := readResults(strings.NewReader(output))
	if err != nil {
		t.Fatal(err)
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
		"TestScript/skipped": skip, "TestGone": pass, "TestSkips": pass}
	with := map[string]Result{"TestScript": fail, "TestScript/same": pass, "TestScript/worse": fail, "TestScript/bad": fail,
		"TestScript/skipped": skip, "TestSkips": skip}
	got := Compare(without, with)
	want := Report{Passed: 1, Skipped: 1, FailedToo: []string{"TestScript/bad"}, Regressions: []Regression{
		{"TestGone", "", ""}, {"TestScript/worse", "FAIL", "out"}, {"TestSkips", "SKIP", ""}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got, want := fmt.Sprint(got.Patterns()), "[^TestScript$/^(worse)$ ^(TestGone|TestSkips)$]"; got != want {
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

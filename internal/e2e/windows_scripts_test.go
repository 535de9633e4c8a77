package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gosteady/gosteady/internal/modtest"
)

const brokenGit = "the git that fails is a shell script"

// notOnWindows are the scripts that cannot run on Windows, each with the reason. The
// others do, the parts after a "[windows] stop" excepted. TestNotOnWindows keeps
// the table from growing old.
var notOnWindows = map[string]string{
	"ci_buildkite":             "buildkite-agent is a shell script there",
	"class_dns":                "the resolver is put in place with a mount",
	"class_vcs-network":        brokenGit,
	"class_vcs-network_direct": brokenGit,
	"class_vcs-network_hang":   "only Linux tells what a process is doing",
	"class_vcs-network_words":  brokenGit,
	"foreign_files":            "there are no FIFOs, and no devices in the file system",
	"other_family":             "the names are put in place with a mount",
}

// scripts are the files of those that run here, all of them elsewhere than on Windows.
func scripts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testdata, "script", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	if runtime.GOOS != "windows" {
		return files
	}
	var here []string
	_, noGit := exec.LookPath("git")
	left := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		switch {
		case err != nil:
			t.Fatal(err)
		case notOnWindows[scriptName(file)] != "":
			left["are not for Windows"]++
		case needsTrust.Match(text) && !modtest.CanTrust():
			left["need certificates in the system's store"]++
		case needsGit.Match(text) && noGit != nil:
			left["need git, which is not here"]++
		default:
			here = append(here, file)
		}
	}
	t.Logf("%d of %d scripts run here; of the others: %v", len(here), len(files), left)
	return here
}

var (
	needsTrust = regexp.MustCompile(`(?m)^proxy .* -(tls|h2|soon)\b`)
	needsGit   = regexp.MustCompile(`(?m)^\[!exec:git\] skip`)
)

func scriptName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txtar") }

var windowsSkip = regexp.MustCompile(`(?m)^\[(windows|!unix|!linux)\] (skip|stop)(.*)$`)

// The table names scripts that there are, and nothing but the table leaves one out
// whole; the end of a script that is left out says why.
func TestWindowsTable(t *testing.T) {
	for name, why := range notOnWindows {
		if _, err := os.Stat(filepath.Join(testdata, "script", name+".txtar")); err != nil || why == "" {
			t.Errorf("%s: %q, %v", name, why, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(testdata, "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range windowsSkip.FindAllStringSubmatch(string(data), -1) {
			switch {
			case m[2] == "skip":
				t.Errorf("%s: %q: put it into notOnWindows, with the reason", file, m[0])
			case m[1] == "windows" && strings.TrimSpace(m[3]) == "":
				t.Errorf("%s: %q says not why", file, m[0])
			}
		}
	}
}

// TestNotOnWindows runs the scripts that are said not to run on Windows. One that
// does is to leave the table.
func TestNotOnWindows(t *testing.T) {
	if runtime.GOOS != "windows" || os.Getenv("GOSTEADY_TEST_EXCLUDED") == "" {
		t.Skip("for Windows, where GOSTEADY_TEST_EXCLUDED is set")
	}
	for name := range notOnWindows {
		t.Run(name, func(t *testing.T) {
			params := modtest.Script(bin, filepath.Join(testdata, "mods.txtar"))
			params.Files = []string{filepath.Join(testdata, "script", name+".txtar")}
			a := &attempt{}
			testscript.RunT(a, params)
			if !a.failed {
				t.Errorf("%s runs on Windows: take it out of notOnWindows", name)
			}
		})
	}
}

// An attempt is a script that may fail. What skips itself, for want of git, has failed.
type attempt struct{ failed bool }

func (a *attempt) Skip(...any)   { a.FailNow() }
func (a *attempt) Fatal(...any)  { a.FailNow() }
func (a *attempt) Parallel()     {}
func (a *attempt) Log(...any)    {}
func (a *attempt) Verbose() bool { return false }

func (a *attempt) FailNow() {
	a.failed = true
	runtime.Goexit()
}

func (a *attempt) Run(_ string, script func(testscript.T)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		script(a)
	}()
	<-done
}

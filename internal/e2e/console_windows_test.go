package e2e

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"github.com/gosteady/gosteady/internal/modtest"
)

func init() {
	ofSystem["interrupt"] = interrupt
	ofSystem["up"] = func(about string) {
		if err := os.WriteFile(about+".up", nil, 0o666); err != nil {
			panic(err)
		}
		helper("stay " + about + ".go")
	}
}

var setConsoleCtrlHandler = windows.NewLazySystemDLL("kernel32.dll").NewProc("SetConsoleCtrlHandler")

// interrupt starts the command of the arguments, presses Ctrl-C in the console of both once
// the file is there, and ends as the command does.
func interrupt(file string) {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt) // we outlive it
	setConsoleCtrlHandler.Call(0, 0)                     // and do not hand on that it is ignored
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Env = append(os.Environ(), helperEnv+"="+os.Getenv(helperEnv+"_INNER"))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	for !isThere(file) {
		time.Sleep(20 * time.Millisecond)
	}
	if err := windows.GenerateConsoleCtrlEvent(windows.CTRL_C_EVENT, 0); err != nil {
		panic(err)
	}
	cmd.Wait()
	os.Exit(cmd.ProcessState.ExitCode())
}

// Ctrl-C in a console reaches gosteady and go at the same time, and ends a command of
// either route as it ends plain go. Under Wine it needs a console (see .ci/wine).
func TestConsoleInterrupt(t *testing.T) {
	if modtest.UnderWine() && !hasConsole() {
		t.Skip("no console here")
	}
	theirs := make(chan os.Signal, 1)
	signal.Notify(theirs, os.Interrupt) // Wine gives the console of a new process to us as well
	defer signal.Stop(theirs)
	for _, args := range [][]string{{"mod", "download"}, {"build", "-o", "NUL", "."}} {
		var statuses [2]uint32
		for i, program := range []string{modtest.RealGo(t), steadyGo()} {
			p, dir := modtest.Flaky(t, "**.zip hang")
			env := modtest.Env(t, "GOPROXY="+p.URL())
			statuses[i] = interrupted(t, dir, env, program, args, func() bool { return p.Count("**.zip") > 0 })
		}
		if statuses[0] != statuses[1] {
			t.Errorf("go %v: exit status %#x, plain go has %#x", args, statuses[1], statuses[0])
		}
	}
	// On the pass route gosteady is there too, and is not to end with another status.
	about := filepath.Join(t.TempDir(), "about")
	env := append(asGo(t, ""), helperEnv+"_INNER=up "+about)
	t.Cleanup(func() { write(t, about+".go", "") })
	var statuses [2]uint32
	for i, program := range []string{modtest.Getenv(env, "GOSTEADY_GO"), steadyGo()} {
		statuses[i] = interrupted(t, t.TempDir(), env, program, []string{"version"}, func() bool { return isThere(about + ".up") })
		os.Remove(about + ".up")
	}
	if statuses[0] != statuses[1] {
		t.Errorf("go version: exit status %#x, plain go has %#x", statuses[1], statuses[0])
	}
}

// interrupted is the exit status of a command that gets Ctrl-C once it is ready.
func interrupted(t *testing.T, dir string, env []string, program string, args []string, ready func() bool) uint32 {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "now")
	cmd := exec.Command(self, append([]string{program}, args...)...)
	cmd.Dir, cmd.Env = dir, append(env, helperEnv+"=interrupt "+file)
	if !modtest.UnderWine() { // elsewhere Ctrl-C would reach whoever runs the tests
		cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_CONSOLE, HideWindow: true}
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, "the command", ready)
	write(t, file, "")
	cmd.Wait()
	t.Logf("%s %v: %#x\n%s", filepath.Base(program), args, uint32(cmd.ProcessState.ExitCode()), &out)
	return uint32(cmd.ProcessState.ExitCode())
}

func hasConsole() bool {
	f, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	var mode uint32
	return windows.GetConsoleMode(windows.Handle(f.Fd()), &mode) == nil
}

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"github.com/gosteady/gosteady/internal/modtest"
)

var copyHelper sync.Once

// asGo is an environment in which a copy of the test binary is the real go, and does
// this. It lies in a tree like a GOROOT: elsewhere, a program of this module is taken for
// gosteady.
func asGo(t *testing.T, does string) []string {
	t.Helper()
	program := filepath.Join(bin, "goroot", "bin", "go.exe")
	copyHelper.Do(func() {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(self)
		for _, dir := range []string{filepath.Dir(program), filepath.Join(bin, "goroot", "pkg", "tool")} {
			err = errors.Join(err, os.MkdirAll(dir, 0o777))
		}
		if err = errors.Join(err, os.WriteFile(program, data, 0o777)); err != nil {
			t.Fatal(err)
		}
	})
	return modtest.Env(t, "GOSTEADY_GO="+program, "GOPROXY=http://127.0.0.1:1", helperEnv+"="+does)
}

// routes are a command of each: what passes, and what is supervised.
var routes = [][]string{{"version"}, {"mod", "download"}}

// Exit statuses have 32 bits here, and go's own may be any of a child's.
func TestExitStatus(t *testing.T) {
	env := asGo(t, "")
	for _, args := range routes {
		for _, want := range []uint32{0, 255, 256, 1000, 0xC0000005, 0xFFFFFFFF} {
			got := modtest.Run(t, t.TempDir(), append(env, fmt.Sprintf("%s=exit %d", helperEnv, want)), steadyGo(), args...)
			if uint32(got.Code) != want {
				t.Errorf("go %v: exit status %#x, want %#x (%s)", args, uint32(got.Code), want, got.Stderr)
			}
		}
	}
}

// oddArgs are arguments that command lines are known to lose.
var oddArgs = []string{
	"", " ", "two words", `say "hi"`, `a\"b`, `C:\dir\`, `C:\two words\`, `\\server\share\x`, `\\?\C:\x`, "C:rel",
	"ключ", "鍵 値", "😀", "%PATH%", "100%", "a&b|c<d>e^f", "(x)", "!x!", "'single'", "a=b,c;d", "-ldflags=-X 'a.b=c d'", "{{.Dir}}", `"`, `\`, `\\`, "a\tb",
}

func TestCommandLines(t *testing.T) {
	want := slices.Concat([]string{"env"}, oddArgs, []string{strings.Repeat("x", 30000-len(strings.Join(oddArgs, ""))-4*len(oddArgs))})
	got := modtest.Run(t, t.TempDir(), asGo(t, "args"), steadyGo(), want...)
	var args []string
	if err := json.Unmarshal([]byte(got.Stdout), &args); err != nil || !slices.Equal(args, want) {
		t.Errorf("%v: %.2000q\n%s", err, args, got.Stderr)
	}
}

// A version manager's go.bat or go.cmd is the real go, found by PATHEXT.
func TestBatchFiles(t *testing.T) {
	for _, name := range []string{"go.bat", "go.cmd", "GO.CMD"} {
		dir := filepath.Join(t.TempDir(), "two words")
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		env := asGo(t, "args")
		batch := "@echo off\r\n\"" + modtest.Getenv(env, "GOSTEADY_GO") + "\" %*\r\nexit /b %errorlevel%\r\n"
		write(t, filepath.Join(dir, name), batch)
		env = append(env, "GOSTEADY_GO=", "Path="+bin+";"+dir)
		for _, args := range routes {
			given := slices.Concat(args, batchArgs())
			got := modtest.Run(t, dir, env, steadyGo(), given...)
			var seen []string
			if err := json.Unmarshal([]byte(got.Stdout), &seen); err != nil || !slices.Equal(seen, given) {
				t.Errorf("%s, go %v: %v\n got %q\nwant %q\n%s", name, args, err, seen, given, got.Stderr)
			}
			got = modtest.Run(t, dir, append(env, helperEnv+"=exit 3"), steadyGo(), args...)
			if got.Code != 3 {
				t.Errorf("%s, go %v: %+v", name, args, got)
			}
		}
	}
}

// PATHEXT says which endings a program may have, and in which order; without it there are
// those that Windows begins with. An entry that comes first wins, whatever its ending.
func TestPathExt(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	env := asGo(t, "exit 5")
	batch := func(dir string, code int) {
		write(t, filepath.Join(dir, "go.cmd"), fmt.Sprintf("@exit /b %d\r\n", code))
	}
	batch(first, 3)
	batch(second, 4)
	program, err := os.ReadFile(modtest.Getenv(env, "GOSTEADY_GO"))
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "root", "bin")
	for _, dir := range []string{root, filepath.Join(filepath.Dir(root), "pkg", "tool")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "go.exe"), program, 0o777); err != nil {
		t.Fatal(err)
	}
	batch(root, 6)
	for _, tt := range []struct {
		pathext string
		path    []string
		want    int
	}{
		{"PATHEXT=.COM;.EXE;.BAT;.CMD", []string{first, second}, 3},
		{"PathExt=.com;.exe;.bat;.cmd", []string{t.TempDir(), second, first}, 4},
		{"PATHEXT=", []string{first, root}, 3},
		{"PATHEXT=.EXE;.CMD", []string{root}, 5},
		{"PATHEXT=.CMD;.EXE", []string{root}, 6},
		{"PATHEXT=.EXE", []string{first, root}, 5},
	} {
		list := strings.Join(append([]string{bin}, tt.path...), ";")
		got := modtest.Run(t, t.TempDir(), append(env, "GOSTEADY_GO=", "PATH="+list, tt.pathext), steadyGo(), "version")
		if got.Code != tt.want {
			t.Errorf("%s, %q: %+v, want exit status %d", tt.pathext, tt.path, got, tt.want)
		}
	}
}

// The real go is a batch file before it: the whole of go works.
func TestRealGoBehindBatchFile(t *testing.T) {
	p, project := modtest.Flaky(t, "**.zip first=1 status=500")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.cmd"), "@\""+modtest.RealGo(t)+"\" %*\r\n")
	env := modtest.Env(t, "GOPROXY="+p.URL(), "GOSTEADY_RETRY_WAITS=20ms", "Path="+bin+";"+dir)
	for _, command := range []string{"mod download", "build -o NUL .", "list -f {{.Name}} ."} {
		if got := modtest.Run(t, project, env, steadyGo(), strings.Fields(command)...); got.Code != 0 {
			t.Errorf("go %s: %+v", command, got)
		}
	}
}

// batchArgs are those of oddArgs that the machine's cmd.exe hands on. Wine's has no
// substrings of variables in a command line, and knows no quotes in quotes.
func batchArgs() []string {
	if !modtest.UnderWine() {
		return oddArgs
	}
	return []string{"two words", "a=b,c;d", `C:\two words\`, "ключ", "{{.Dir}}", "(x)"}
}

// family starts gosteady with a go that starts another program. It returns when all
// are there: what was started, go's number, and the other's.
func family(t *testing.T, does string, args []string) (cmd *exec.Cmd, pids [2]uint32, end func()) {
	t.Helper()
	about := filepath.Join(t.TempDir(), "about")
	env := asGo(t, does+" "+about)
	cmd = exec.Command(steadyGo(), args...)
	cmd.Dir, cmd.Env = t.TempDir(), env
	out, err := os.Create(filepath.Join(cmd.Dir, "output"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out // no pipes of ours, which the others would keep open
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end = func() { write(t, about+".go", "") }
	t.Cleanup(func() {
		end()
		out.Close()
		for _, pid := range pids {
			gone(pid, time.Minute) // or the folders cannot be removed
		}
	})
	wait(t, "the programs", func() bool {
		data, err := os.ReadFile(about + ".pids")
		_, scanErr := fmt.Sscan(string(data), &pids[0], &pids[1])
		return err == nil && scanErr == nil
	})
	return cmd, pids, end
}

func wait(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !cond(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// gone reports whether a process has ended, for which it waits.
func gone(pid uint32, patience time.Duration) bool {
	h, err := windows.OpenProcess(windows.SYNCHRONIZE, false, pid)
	if err != nil {
		return true
	}
	defer windows.CloseHandle(h)
	event, err := windows.WaitForSingleObject(h, uint32(patience.Milliseconds()))
	return err == nil && event == windows.WAIT_OBJECT_0
}

// Nothing survives when gosteady is killed: neither go nor what go has started.
func TestNothingSurvives(t *testing.T) {
	for _, args := range routes {
		cmd, pids, _ := family(t, "keep", args)
		cmd.Process.Kill()
		cmd.Wait()
		for i, pid := range pids {
			if !gone(pid, time.Minute) {
				t.Errorf("go %v: of go and what it started, program %d survives", args, i)
			}
		}
	}
}

// A program that go leaves behind, such as git's maintenance, goes on, and is not
// waited for although it keeps go's output open.
func TestLeftBehind(t *testing.T) {
	for _, args := range routes {
		cmd, pids, end := family(t, "leave", args)
		if err := cmd.Wait(); err != nil {
			t.Errorf("go %v: %v", args, err)
		}
		if gone(pids[1], 300*time.Millisecond) {
			t.Errorf("go %v: what go left behind has ended with it", args)
		}
		end()
		if !gone(pids[1], time.Minute) {
			t.Errorf("go %v: what go left behind still runs", args)
		}
	}
}

// Ctrl-Break ends a command as it ends plain go.
func TestBreak(t *testing.T) {
	windows.NewLazySystemDLL("kernel32.dll").NewProc("AllocConsole").Call() // an error: there is one
	for _, args := range [][]string{{"mod", "download"}, {"build", "-o", "NUL", "."}} {
		want := broken(t, modtest.RealGo(t), args)
		if got := broken(t, steadyGo(), args); got != want {
			t.Errorf("go %v: exit status %#x, plain go has %#x", args, got, want)
		}
	}
}

// broken is the exit status of a command that gets Ctrl-Break while it waits for a zip.
func broken(t *testing.T, program string, args []string) uint32 {
	t.Helper()
	p, dir := modtest.Flaky(t, "**.zip hang")
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = dir, modtest.Env(t, "GOPROXY="+p.URL())
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, "the request for a zip", func() bool { return p.Count("**.zip") > 0 })
	if err := windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(cmd.Process.Pid)); err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		t.Skipf("no console here: %v", err)
	}
	if !gone(uint32(cmd.Process.Pid), time.Minute) {
		cmd.Process.Kill()
		cmd.Wait()
		if program != steadyGo() {
			t.Skip("Ctrl-Break does not end plain go here")
		}
		t.Fatalf("go %v: Ctrl-Break does not end it", args)
	}
	cmd.Wait()
	return uint32(cmd.ProcessState.ExitCode())
}

// The module cache may lie on another drive, and deeper than 260 characters.
func TestModuleCacheElsewhere(t *testing.T) {
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.MkdirTemp(filepath.VolumeName(wd)+`\`, "gosteady-test-")
	if err != nil {
		t.Skip(err)
	}
	defer os.RemoveAll(other)
	deep := filepath.Join(t.TempDir(), strings.Repeat("a", 100), strings.Repeat("b", 100), strings.Repeat("c", 100))
	for _, cache := range []string{other, deep} {
		p, dir := modtest.Flaky(t, "**.zip first=1 status=500\n**.mod first=1 cut")
		env := modtest.Env(t, "GOPROXY="+p.URL(), "GOSTEADY_RETRY_WAITS=20ms", "GOMODCACHE="+cache, "GOSTEADY_STATE="+filepath.Join(cache, "state"))
		for _, command := range []string{"mod download", "build -o NUL .", "run ."} {
			if got := modtest.Run(t, dir, env, steadyGo(), strings.Fields(command)...); got.Code != 0 {
				t.Errorf("%s: go %s: %+v", cache, command, got)
			}
		}
		if last := modtest.Run(t, dir, env, modtest.Executable(bin, "gosteady"), "last"); last.Code != 0 || !strings.Contains(last.Stdout, "server-error") {
			t.Errorf("%s: gosteady last: %+v", cache, last)
		}
	}
}

// Names of folders and of variables are those of a file system and an environment that
// do not tell case apart.
func TestCaseOfNames(t *testing.T) {
	p, dir := modtest.Flaky(t, "**.zip first=1 status=500")
	write(t, filepath.Join(dir, ".gosteady.yaml"), "version: 1\r\nretry: {attempts: 1}\r\n")
	shouted := filepath.Join(filepath.Dir(dir), strings.ToUpper(filepath.Base(dir)))
	env := modtest.Env(t, "GoProxy="+p.URL(), "gosteady_retry_attempts=3", "Gosteady_Retry_Waits=20ms")
	got := modtest.Run(t, shouted, env, steadyGo(), "mod", "download")
	if got.Code != 0 || !strings.Contains(got.Stderr, "gosteady: healed") {
		t.Errorf("%+v", got)
	}
	last := modtest.Run(t, shouted, env, modtest.Executable(bin, "gosteady"), "last")
	if last.Code != 0 || !strings.Contains(last.Stdout, "server-error") {
		t.Errorf("gosteady last: %+v", last)
	}
}

// A folder may be named relative to its drive, without one, as Windows itself would, and
// on another machine.
func TestDriveRelative(t *testing.T) {
	p, dir := modtest.Flaky(t, "**.zip first=1 status=500")
	env := modtest.Env(t, "GOPROXY="+p.URL(), "GOSTEADY_RETRY_WAITS=20ms")
	parent, name := filepath.Split(dir)
	volume := filepath.VolumeName(dir)
	share := `\\localhost\` + strings.Replace(dir, ":", "$", 1) // an administrator's; Wine has none
	for _, chdir := range []string{volume + name, dir[len(volume):], strings.ReplaceAll(dir, `\`, "/"), `\\?\` + dir, share} {
		plain := modtest.Run(t, parent, env, modtest.RealGo(t), "-C", chdir, "env", "GOMOD")
		if chdir == share && plain.Code != 0 {
			t.Logf("no shares here: %s", plain.Stderr)
			continue
		}
		got := modtest.Run(t, parent, env, steadyGo(), "-C", chdir, "list", "-m")
		if plain.Code != 0 || got.Code != 0 || !strings.Contains(got.Stdout, "example.com/main") {
			t.Errorf("-C %s: plain go %+v, gosteady %+v", chdir, plain, got)
		}
	}
}

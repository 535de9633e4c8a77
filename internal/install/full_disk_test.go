//go:build unix

package install

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestMain runs this program as the part of an installation, or of an uninstallation,
// that rewrites the start-up file: see limited.
func TestMain(m *testing.M) {
	in := &Installer{Getenv: os.Getenv, Say: say, Warn: say}
	switch os.Getenv("INSTALL_TEST") {
	case "add":
		exitWith((&shims{dir: filepath.Join(os.Getenv("HOME"), "shims")}).addToPath(in))
	case "remove":
		_, errs := (&shims{dir: filepath.Join(os.Getenv("HOME"), "shims")}).removeFromPath(in)
		exitWith(errors.Join(errs...))
	}
	os.Exit(m.Run())
}

func say(line string) { fmt.Println(line) }

func exitWith(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// limited runs it under a limit of so many blocks of 512 bytes a file: writing fails
// beyond it, as on a full disk.
func limited(t *testing.T, home, what string, blocks int) (string, int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-c", `trap "" XFSZ; ulimit -f `+strconv.Itoa(blocks)+`; exec "$0"`, self)
	cmd.Env = []string{"HOME=" + home, "SHELL=/bin/sh", "INSTALL_TEST=" + what}
	out, _ := cmd.CombinedOutput() // the status tells
	return string(out), cmd.ProcessState.ExitCode()
}

func TestFullDiskLeavesTheShellFile(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, ".profile")
	theirs := strings.Repeat("# theirs\n", 500)
	if err := os.WriteFile(file, []byte(theirs), 0o666); err != nil {
		t.Fatal(err)
	}
	check := func(step, want string) {
		t.Helper()
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s made of the file %q, %v", step, got, err)
		}
		if list, _ := os.ReadDir(home); len(list) != 1 {
			t.Errorf("%s left %v", step, list)
		}
	}
	if out, code := limited(t, home, "add", 4); code != 1 || !strings.Contains(out, "add this line yourself: export PATH=") {
		t.Errorf("adding: exit %d\n%s", code, out)
	}
	check("adding", theirs)
	if out, code := limited(t, home, "add", 100); code != 0 {
		t.Fatalf("with room: exit %d\n%s", code, out)
	}
	added := theirs + shLine(filepath.Join(home, "shims")) + " " + marker + "\n"
	check("adding with room", added)
	if out, code := limited(t, home, "remove", 4); code != 1 || !strings.Contains(out, ".profile") || !strings.Contains(out, "remove the line with") {
		t.Errorf("removing: exit %d\n%s", code, out)
	}
	check("removing", added)
}

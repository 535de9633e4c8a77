package install

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows/registry"
)

// TestMain runs this program as one that is in use: until its input ends.
func TestMain(m *testing.M) {
	if os.Getenv("INSTALL_TEST") == "run" {
		_, err := io.Copy(io.Discard, os.Stdin)
		if err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// ownPath has the user's Path be in a key of the test's own.
func ownPath(t *testing.T, typ uint32, value string) registry.Key {
	t.Helper()
	theirs := userEnvironment
	userEnvironment = `Software\gosteady-test-` + filepath.Base(t.TempDir()) + filepath.Base(os.TempDir())
	key, _, err := registry.CreateKey(registry.CURRENT_USER, userEnvironment, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := errors.Join(key.Close(), registry.DeleteKey(registry.CURRENT_USER, userEnvironment))
		userEnvironment = theirs
		if err != nil {
			t.Error(err)
		}
	})
	switch {
	case value == "":
	case typ == registry.SZ:
		err = key.SetStringValue("Path", value)
	default:
		err = key.SetExpandStringValue("Path", value)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestPathInTheRegistry(t *testing.T) {
	const dir = `C:\Users\a b\gosteady\shims`
	for _, tt := range []struct {
		name          string
		typ           uint32
		before, added string
		after         string
	}{
		{"none", registry.EXPAND_SZ, "", dir, ""},
		{"names to expand", registry.EXPAND_SZ, `%USERPROFILE%\bin;C:\x`, dir + `;%USERPROFILE%\bin;C:\x`, `%USERPROFILE%\bin;C:\x`},
		{"none to expand", registry.SZ, `C:\100%\bin`, dir + `;C:\100%\bin`, `C:\100%\bin`},
		{"not the first", registry.SZ, `C:\x;c:\users\A B\gosteady\shims\;;C:\y`, dir + `;C:\x;;C:\y`, `C:\x;;C:\y`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			key := ownPath(t, tt.typ, tt.before)
			in := &Installer{Getenv: os.Getenv, Say: func(string) {}, Warn: func(string) {}}
			s := &shims{dir: dir}
			want := func(step, text string) {
				t.Helper()
				got, typ, err := key.GetStringValue("Path")
				if text == "" && errors.Is(err, registry.ErrNotExist) {
					return
				}
				if err != nil || got != text || typ != tt.typ {
					t.Errorf("%s: %q, type %d, %v; want %q, type %d", step, got, typ, err, text, tt.typ)
				}
			}
			for _, step := range []string{"added", "added twice"} {
				if err := s.addToPath(in); err != nil {
					t.Fatal(err)
				}
				want(step, tt.added)
			}
			for _, times := range []int{1, 0} {
				if set := s.setBy(in); len(set) != times {
					t.Errorf("set by %v, want %d", set, times)
				}
				changed, errs := s.removeFromPath(in)
				if len(changed) != times || errs != nil {
					t.Errorf("changed %v, %v", changed, errs)
				}
				want("removed", tt.after)
			}
		})
	}
}

// A program that runs is replaced and removed, and runs on.
func TestRunningProgram(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "go.exe")
	if err := putProgram(self, program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "INSTALL_TEST=run")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := putText(program, "new"); err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(program); err != nil || string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
	if err := putProgram(self, program); err != nil {
		t.Error(err)
	}
	again := exec.Command(program)
	again.Env = cmd.Env
	other, err := again.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Start(); err != nil {
		t.Fatal(err)
	}
	if err := removeFile(program); err != nil {
		t.Error(err)
	}
	if isThere(program) {
		t.Error("it is still there")
	}
	for _, err := range []error{in.Close(), cmd.Wait(), other.Close(), again.Wait()} {
		if err != nil {
			t.Error(err)
		}
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 0 {
		t.Errorf("left %v, %v", list, err)
	}
}

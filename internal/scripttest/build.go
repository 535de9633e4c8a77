package scripttest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// An edit replaces one piece of text, which must occur exactly once, in a file
// of cmd/go's tests.
type edit struct{ file, old, new string }

// edits put gosteady where go stood. They are few and small, so that a new
// toolchain either takes them or fails here, with the text that is missing.
var edits = []edit{
	// The go in PATH. Where no gosteady is given, everything is as it was.
	{"go_test.go", "if err := os.Symlink(testExe, testGo); err != nil {", `if gosteady := os.Getenv("GOSTEADY_UNDER_TEST"); gosteady != "" {
			// A GOROOT of links, so that the go under test lies in one, as a real
			// go does. It does not see that itself: it looks at what it is a link to.
			tree := filepath.Join(testTmpDir, "goroot")
			realGo := filepath.Join(tree, "bin", "go"+exeSuffix)
			steps := []error{os.MkdirAll(filepath.Dir(realGo), 0777)}
			if os.Getenv("GOSTEADY_IN_PLACE") == "" {
				steps = append(steps, os.Setenv("GOSTEADY_GO", realGo))
			} else { // the go of that tree, with the go under test beside it
				program, err := os.ReadFile(gosteady)
				steps = append(steps, err, os.WriteFile(realGo, program, 0777))
				gosteady, realGo = realGo, filepath.Join(tree, "bin", "go.real"+exeSuffix)
			}
			steps = append(steps,
				os.Symlink(testExe, realGo),
				os.Symlink(gosteady, testGo),
				os.Setenv("TESTGO_REAL", realGo),
			)
			for _, name := range []string{"VERSION", "go.env", "lib", "pkg", "src"} {
				steps = append(steps, os.Symlink(filepath.Join(testGOROOT, name), filepath.Join(tree, name)))
			}
			for _, err := range steps {
				if err != nil {
					log.Fatal(err)
				}
			}
		} else if err := os.Symlink(testExe, testGo); err != nil {`},
	// Scripts get an environment of their own.
	{"script_test.go", "var extraEnvKeys = []string{", "var extraEnvKeys = []string{\n\t\"GOSTEADY_GO\", \"GOSTEADY_LOG\","},
	// What a script copies into a GOROOT of its own has to be cmd/go.
	{"script_test.go", `"TESTGO_EXE=" + testGo,`, `"TESTGO_EXE=" + func() string {
			if real := os.Getenv("TESTGO_REAL"); real != "" {
				return real
			}
			return testGo
		}(),`},
}

// Build compiles the test binary of goroot's cmd/go into dir, with the overlay,
// and returns its path.
func Build(ctx context.Context, goroot, dir string) (string, error) {
	overlay, err := writeOverlay(filepath.Join(goroot, "src", "cmd", "go"), dir)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "cmdgo.test")
	cmd := exec.CommandContext(ctx, filepath.Join(goroot, "bin", "go"), "test", "-c", "-overlay", overlay, "-o", binary, "cmd/go")
	cmd.Dir = goroot
	// A toolchain in the module cache, as GOTOOLCHAIN fetches it, takes no overlay there.
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local", "GOSTEADY=off", "GOMODCACHE="+filepath.Join(dir, "modcache"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	return binary, nil
}

// writeOverlay writes the edited files of src to dir, and the file that -overlay
// reads.
func writeOverlay(src, dir string) (string, error) {
	edited := make(map[string]string) // file to its new content
	for _, e := range edits {
		file := filepath.Join(src, e.file)
		if _, ok := edited[file]; !ok {
			data, err := os.ReadFile(file)
			if err != nil {
				return "", err
			}
			edited[file] = string(data)
		}
		if n := strings.Count(edited[file], e.old); n != 1 {
			return "", fmt.Errorf("%s has %d times, instead of once, the text %q: this toolchain's tests need another edit", file, n, e.old)
		}
		edited[file] = strings.Replace(edited[file], e.old, e.new, 1)
	}
	return writeReplacements(edited, dir)
}

func writeReplacements(edited map[string]string, dir string) (string, error) {
	replace := make(map[string]string)
	for file, text := range edited {
		replace[file] = filepath.Join(dir, filepath.Base(file))
		if err := os.WriteFile(replace[file], []byte(text), 0o666); err != nil {
			return "", err
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, data, 0o666)
}

package modtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// toolchainScript is a toolchain's go: it tells what it was asked to do, and misses a
// tool that is gone as a real one does.
const toolchainScript = `#!/bin/sh
if [ ! -e "${0%/bin/go}/pkg/tool/any/compile" ]; then
	echo 'go: no such tool "compile"' >&2
	exit 2
fi
echo "the toolchain of the test: $*"
`

// addToolchain publishes such a toolchain for this machine, and for the one by whose
// toolchains go tells which there are.
func addToolchain(store *faultproxy.Store, version string) error {
	here := runtime.GOOS + "-" + runtime.GOARCH
	for _, system := range []string{here, "linux-amd64"} {
		files := map[string]string{
			"bin/go": toolchainScript, "bin/gofmt": toolchainScript,
			"pkg/tool/any/compile": "tool", "lib/none": "", "VERSION": version + "\n",
		}
		if runtime.GOOS == "windows" && system == here {
			program, err := toolchainProgram()
			if err != nil {
				return err
			}
			files["bin/go.exe"] = program
		}
		err := store.Add("golang.org/toolchain", "v0.0.1-"+version+"."+system, files)
		if err != nil || system == here && here == "linux-amd64" {
			return err
		}
	}
	return nil
}

// toolchainProgram is that script for Windows, small since it imports nothing heavy.
var toolchainProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gosteady-toolchain-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	const source = `package main

import (
	"os"
	"path/filepath"
	"strings"
)

func main() {
	self, _ := os.Executable()
	if _, err := os.Stat(filepath.Join(filepath.Dir(self), "../pkg/tool/any/compile")); err != nil {
		println("go: no such tool \"compile\"")
		os.Exit(2)
	}
	os.Stdout.WriteString("the toolchain of the test: " + strings.Join(os.Args[1:], " ") + "\n")
}
`
	file, binary := filepath.Join(dir, "tell.go"), filepath.Join(dir, "tell.exe")
	if err := os.WriteFile(file, []byte(source), 0o666); err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, file)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the toolchain of the test: %v\n%s", err, out)
	}
	data, err := os.ReadFile(binary)
	return string(data), err
})

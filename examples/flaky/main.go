// Flaky runs a command with a module proxy that fails as proxies do: every file of
// every module breaks off twice, and comes the third time. It needs no network:
//
//	go build -o /tmp/flaky ./examples/flaky
//	/tmp/flaky DIR COMMAND [ARGUMENT...]
//
// runs the command in DIR, with GOPROXY and GOSUMDB set to the proxy and an empty
// module cache, which is removed at the end.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// rules spoil the first two answers to each request for a zip.
const rules = "**.zip each first=2 reset"

var modules = []string{"example.com/greet", "example.com/names"}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: flaky DIR COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	err := run(os.Args[1], os.Args[2:])
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, "flaky:", err)
		os.Exit(1)
	}
}

func run(dir string, command []string) error {
	store, err := newStore()
	if err != nil {
		return err
	}
	db, err := store.SumDB("sumdb.example")
	if err != nil {
		return err
	}
	proxy, err := faultproxy.Start(faultproxy.Config{Content: store, Rules: rules})
	if err != nil {
		return err
	}
	defer proxy.Close()
	cache, err := os.MkdirTemp("", "flaky-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(),
		"GOPROXY="+proxy.URL(), "GOSUMDB="+db.Key+" "+proxy.URL()+"/sumdb/"+db.Name,
		"GOMODCACHE="+cache, "GOFLAGS=-modcacherw", "GOPRIVATE=", "GONOPROXY=", "GONOSUMDB=", "GOWORK=off", "GOTOOLCHAIN=local",
		"GOSTEADY_STATE="+filepath.Join(cache, "state"))
	return cmd.Run()
}

// newStore makes the two modules that the example needs.
func newStore() (*faultproxy.Store, error) {
	store := faultproxy.NewStore()
	for _, path := range modules {
		name := filepath.Base(path)
		text := fmt.Sprintf("// Package %s is part of an example.\npackage %[1]s\n\n// Word is the package's name.\nconst Word = %[1]q\n", name)
		text += "\n" + strings.Repeat("// So that there is something to break off in the middle of.\n", 200)
		if err := store.Add(path, "v1.0.0", map[string]string{name + ".go": text}); err != nil {
			return nil, err
		}
	}
	return store, nil
}

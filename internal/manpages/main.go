// Manpages writes the manual pages into a directory: gosteady(1) from the tree of
// commands, gosteady-policy(5) from the guide and the reference of the policy file. It is
// run when packages are made, and is no part of the program:
//
//	go run ./internal/manpages DIR
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gosteady/gosteady/docs"
	"github.com/gosteady/gosteady/internal/steady"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: manpages DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "manpages:", err)
		os.Exit(1)
	}
}

// pages are the manual pages by the names of their files.
func pages() map[string]string {
	return map[string]string{
		"gosteady.1":        commandPage(steady.Commands()),
		"gosteady-policy.5": policyPage(docs.Guide("policy"), docs.Guide("policy-reference")),
	}
}

func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range pages() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

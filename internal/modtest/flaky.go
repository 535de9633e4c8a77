package modtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// Flaky is a proxy with a few modules that fails as the rules say, and the directory
// of a module that needs them.
func Flaky(tb testing.TB, rules string) (p *faultproxy.Proxy, dir string) {
	tb.Helper()
	store := faultproxy.NewStore()
	mod, sum := "module example.com/main\n\ngo 1.21\n\n", ""
	program := "package main\n\n"
	for i := range 8 {
		path := fmt.Sprintf("example.com/m%d", i)
		files := map[string]string{"m.go": fmt.Sprintf("package m%d\n", i), "text": strings.Repeat(path, 1000)}
		if err := store.Add(path, "v1.0.0", files); err != nil {
			tb.Fatal(err)
		}
		lines, err := store.Sum(path, "v1.0.0")
		if err != nil {
			tb.Fatal(err)
		}
		mod += "require " + path + " v1.0.0\n"
		sum += lines
		program += "import _ \"" + path + "\"\n"
	}
	dir = Files(tb, map[string]string{
		"go.mod": mod, "go.sum": sum, "main.go": program + "\nfunc main() {}\n",
	})
	return Proxy(tb, faultproxy.Config{Content: store, Rules: rules}), dir
}

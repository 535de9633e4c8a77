package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// TestOthersSums: while a command of ours fails, another process adds a line to go.sum.
// What is run again is not believed for what the failed run has left there, and the
// other process keeps its line.
func TestOthersSums(t *testing.T) {
	const theirs = "corp.example/theirs v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	store := faultproxy.NewStore()
	if err := store.Add("example.com/hello", "v1.0.0", map[string]string{"hello.go": "package hello\n"}); err != nil {
		t.Fatal(err)
	}
	db, err := store.SumDB("localhost/others")
	if err != nil {
		t.Fatal(err)
	}
	dir := modtest.Files(t, map[string]string{
		"go.mod":  "module example.com/main\n\ngo 1.21\n\nrequire example.com/hello v1.0.0\n",
		"main.go": "package main\n\nimport _ \"example.com/hello\"\n\nfunc main() {}\n",
		"go.sum":  "",
	})
	var once sync.Once
	lookups := 0
	content := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/lookup/") {
			lookups++
			failed := false
			once.Do(func() {
				failed = true
				if err := os.WriteFile(filepath.Join(dir, "go.sum"), []byte(theirs), 0o666); err != nil {
					t.Error(err)
				}
				http.Error(w, "down", http.StatusServiceUnavailable)
			})
			if failed {
				return
			}
		}
		store.ServeHTTP(w, r)
	})
	p := modtest.Proxy(t, faultproxy.Config{Content: content})
	env := modtest.Env(t, "GOPROXY="+p.URL(), "GOSUMDB="+db.Key+" "+p.URL()+"/sumdb/localhost/others", "GONOSUMDB=corp.example")
	got := modtest.Run(t, dir, env, steadyGo(), "build", "-mod=mod", "-o", os.DevNull, ".")
	sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if got.Code != 0 || lookups < 2 || err != nil || !strings.Contains(string(sum), theirs) || !strings.Contains(string(sum), "example.com/hello v1.0.0 h1:") {
		t.Errorf("exit status %d after %d lookups, go.sum is %q (%v)\n%s", got.Code, lookups, sum, err, got.Stderr)
	}
}

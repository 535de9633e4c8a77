package e2e

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// TestDamagedLargeZip: a zip that is too large to be verified in full each time
// comes damaged once. Go rejects it, and the run after that gets a good one.
func TestDamagedLargeZip(t *testing.T) {
	t.Parallel()
	store := faultproxy.NewStore()
	noise := make([]byte, 600<<10)
	rng := rand.NewChaCha8([32]byte{})
	rng.Read(noise)
	if err := store.Add("example.com/large", "v1.0.0", map[string]string{
		"go.mod": "module example.com/large\n\ngo 1.21\n", "large.go": "package large\n", "noise.bin": string(noise),
	}); err != nil {
		t.Fatal(err)
	}
	sum, err := store.Sum("example.com/large", "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	dir := modtest.Files(t, map[string]string{
		"go.mod":  "module example.com/main\n\ngo 1.21\n\nrequire example.com/large v1.0.0\n",
		"go.sum":  sum,
		"main.go": "package main\n\nimport _ \"example.com/large\"\n\nfunc main() {}\n",
	})
	for _, command := range []string{"mod download", "build -o /dev/null .", "run ."} {
		p := modtest.Proxy(t, faultproxy.Config{Content: store, Rules: "**.zip first=1 flip"})
		env := modtest.Env(t, "GOPROXY="+p.URL())
		plain := modtest.Run(t, dir, env, modtest.RealGo(t), strings.Fields(command)...)
		if plain.Code == 0 {
			t.Fatalf("plain go %s succeeded: the fault does nothing", command)
		}
		p.Forget()
		if err := p.Script("**.zip first=1 flip"); err != nil {
			t.Fatal(err)
		}
		env = modtest.Env(t, "GOPROXY="+p.URL())
		r := modtest.Run(t, dir, env, steadyGo(), strings.Fields(command)...)
		if r.Code != 0 || !strings.Contains(r.Stderr, "gosteady: healed 1") || strings.Contains(r.Stderr, "SECURITY ERROR") {
			t.Errorf("go %s: exit status %d\n%s", command, r.Code, r.Stderr)
		}
	}
}

// TestDamagedBeforeOthers: what a proxy with "|" behind it sends damaged each time is had
// from the next one, whatever go says of it: often no more than "unexpected EOF" behind
// the place of the import.
func TestDamagedBeforeOthers(t *testing.T) {
	t.Parallel()
	store := faultproxy.NewStore()
	rng := rand.New(rand.NewChaCha8([32]byte{}))
	text := make([]byte, 1<<20)
	for i := range text {
		text[i] = "etaoin shrdlu"[rng.IntN(13)]
	}
	if err := store.Add("example.com/large", "v1.0.0", map[string]string{
		"go.mod": "module example.com/large\n\ngo 1.21\n", "large.go": "package large\n", "text": string(text),
	}); err != nil {
		t.Fatal(err)
	}
	sum, err := store.Sum("example.com/large", "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	dir := modtest.Files(t, map[string]string{
		"go.mod":  "module example.com/main\n\ngo 1.21\n\nrequire example.com/large v1.0.0\n",
		"go.sum":  sum,
		"main.go": "package main\n\nimport _ \"example.com/large\"\n\nfunc main() {}\n",
	})
	a := modtest.Proxy(t, faultproxy.Config{Content: store, Rules: "**.zip flip"})
	b := modtest.Proxy(t, faultproxy.Config{Content: store})
	for _, command := range []string{"build -o /dev/null .", "vet .", "test .", "list -deps .", "mod download", "mod vendor -o " + t.TempDir()} {
		env := modtest.Env(t, "GOPROXY="+a.URL()+"|"+b.URL())
		plain := modtest.Run(t, dir, env, modtest.RealGo(t), strings.Fields(command)...)
		if plain.Code == 0 {
			t.Fatalf("plain go %s succeeded: the fault does nothing", command)
		}
		t.Logf("plain go %s: %s", command, plain.Stderr)
		env = modtest.Env(t, "GOPROXY="+a.URL()+"|"+b.URL())
		r := modtest.Run(t, dir, env, steadyGo(), strings.Fields(command)...)
		if r.Code != 0 || !strings.Contains(r.Stderr, "gosteady: healed 1") || strings.Contains(r.Stderr, "zip: ") || strings.Contains(r.Stderr, "flate") {
			t.Errorf("go %s: exit status %d\n%s", command, r.Code, r.Stderr)
		}
	}
}

package relay

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/modtest"
)

// A hall is a project with a dozen modules of all shapes, and its go.sum.
type hall struct {
	store    *faultproxy.Store
	mod, sum string
	versions []module.Version
}

func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{store: faultproxy.NewStore()}
	big := strings.Repeat("text that compresses well, of more than one buffer\n", 8000)
	add := func(path, version string, files map[string]string) {
		if !strings.HasSuffix(version, "+incompatible") && files["go.mod"] == "" {
			files["go.mod"] = "module " + path + "\n\ngo 1.21\n"
		}
		if err := h.store.Add(path, version, files); err != nil {
			t.Fatal(err)
		}
		lines, err := h.store.Sum(path, version)
		if err != nil {
			t.Fatal(err)
		}
		h.mod += "require " + path + " " + version + "\n"
		h.sum += lines
		h.versions = append(h.versions, module.Version{Path: path, Version: version})
	}
	add("example.com/Upper/Case", "v0.1.0", map[string]string{"A.go": "package a\n", "sub/B.go": "package b\n"})
	add("example.com/old", "v2.0.0+incompatible", map[string]string{"old.go": "package old\n"})
	add("example.com/deep/v3", "v3.1.4", map[string]string{"a/b/c/d/e.go": "package e\n", "a/b/x.go": "package b\n", "empty.txt": ""})
	add("example.com/large", "v1.0.0", map[string]string{"big.txt": big, "internal/more.txt": big + big, ".hidden/x": "x"})
	add("example.com/pseudo", "v0.0.0-20240102030405-abcdefabcdef", map[string]string{"LICENSE": "mine\n"})
	for i := range 8 {
		add(fmt.Sprintf("example.com/m%d", i), "v1.0.0", map[string]string{"m.go": "package m\n"})
	}
	return h
}

// A landlord counts what became of installing.
type landlord struct {
	mu     sync.Mutex
	ok     int
	failed []string
	healed []string // as the journal has it
}

// download runs go mod download into a new module cache and returns where that
// is. With a landlord it runs through a relay that installs.
func (h *hall) download(t *testing.T, proxy *faultproxy.Proxy, who *landlord, flags string) (cache string, res modtest.Result) {
	t.Helper()
	root := t.TempDir()
	cache = filepath.Join(root, "gopath", "pkg", "mod")
	env := append(modtest.Environ(root, modtest.GOCACHE()), "GOPROXY="+proxy.URL(), "GOFLAGS="+flags)
	dir := filepath.Join(root, "main")
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/main\n\ngo 1.21\n"+h.mod)
	writeFile(t, filepath.Join(dir, "go.sum"), h.sum)
	t.Cleanup(func() { openUp(cache) })
	if who != nil {
		known, err := gosum.Parse([]byte(h.sum))
		if err != nil {
			t.Fatal(err)
		}
		c := modcache.Cache{Dir: cache, Writable: flags != ""}
		b := open(t, "", func(config *Config) {
			config.Settings, config.Environ, config.Sums, config.Required = goenv.Read(env, ""), env, known, h.versions
			config.Prefetch = Required
			config.Install = func(ctx context.Context, m module.Version, zip io.Reader, sums []string) error {
				err := c.Install(ctx, m, zip, sums)
				who.mu.Lock()
				defer who.mu.Unlock()
				if err == nil {
					who.ok++
				} else {
					who.failed = append(who.failed, fmt.Sprint(m, ": ", err))
				}
				return err
			}
		})
		defer func() { who.healed = b.healed() }()
		env = append(env, b.relay.Env()...)
	}
	res = modtest.Run(t, dir, env, modtest.RealGo(t), "mod", "download", "-json")
	res.Stdout = rootless(res.Stdout, root)
	return cache, res
}

// openUp makes a module cache removable.
func openUp(dir string) {
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			os.Chmod(path, 0o777)
		}
		return nil
	})
}

// tree lists everything below a directory, with modes and contents.
func tree(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%v %s", info.Mode(), rel)
		if !d.IsDir() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %q", data)
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The whole cache is what plain go would have left, to the byte and the mode.
func TestInstalledAsGoWould(t *testing.T) {
	h := newHall(t)
	for _, flags := range []string{"", "-modcacherw"} {
		for _, mask := range []int{0o022, 0o027, 0o077} {
			t.Run(fmt.Sprintf("%s %03o", flags, mask), func(t *testing.T) {
				defer setUmask(setUmask(mask))
				proxy := fault(t, h.store, "")
				plain, want := h.download(t, proxy, nil, flags)
				asked := requestsByPath(proxy)
				proxy.Forget()
				var who landlord
				steady, got := h.download(t, proxy, &who, flags)
				equal(t, "installed", who.ok, len(h.versions))
				equal(t, "not installed", len(who.failed), 0)
				equal(t, "exit status", got.Code, 0)
				equal(t, "stdout", got.Stdout, want.Stdout)
				equal(t, "stderr", got.Stderr, want.Stderr)
				more := 0
				for path, n := range requestsByPath(proxy) {
					if more += n - asked[path]; n > asked[path]+1 {
						t.Errorf("%d requests for %s, want %d", n, path, asked[path])
					}
					delete(asked, path)
				}
				if more != 0 && more != 1 || len(asked) > 0 { // see Relay.ahead
					t.Errorf("%d requests more than plain go, and none for %v", more, asked)
				}
				equal(t, "module cache", tree(t, steady), tree(t, plain))
			})
		}
	}
}

// requestsByPath counts the requests for files of modules. Whatever else may knock at
// a port of this machine is not the relay's.
func requestsByPath(p *faultproxy.Proxy) map[string]int {
	n := map[string]int{}
	for _, r := range p.Requests() {
		if strings.HasPrefix(r.Path, "/example.com/") {
			n[r.Path]++
		}
	}
	return n
}

// What is wrong stays go's to say, in go's words, and what can be healed is.
func TestInstallUnderFaults(t *testing.T) {
	h := newHall(t)
	lie := strings.Replace(h.sum, "example.com/old v2.0.0+incompatible h1:", "example.com/old v2.0.0+incompatible h1:AAAA", 1)
	for _, tt := range []struct {
		name, rules, sum string
		want             int // installed
		code             int
		healed           int
	}{
		{"broken once", "**/old/@v/*.zip first=1 flip\n**/large/@v/*.zip first=1 cut", h.sum, len(h.versions) - 1, 0, 2},
		{"broken for good", "**/old/@v/*.zip flip", h.sum, len(h.versions) - 1, 1, 0},
		{"missing", "**/large/@v/*.zip status=404", h.sum, len(h.versions) - 1, 1, 0},
		{"go.sum says something else", "", lie, len(h.versions) - 1, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := *h
			h.sum = tt.sum
			proxy := fault(t, h.store, tt.rules)
			var who landlord
			steady, got := h.download(t, proxy, &who, "-modcacherw")
			equal(t, "installed", who.ok, tt.want)
			if err := proxy.Script(""); err != nil {
				t.Fatal(err)
			}
			equal(t, "exit status", got.Code, tt.code)
			equal(t, "healed", len(who.healed), tt.healed)
			if tt.code != 0 {
				return
			}
			plain, want := h.download(t, proxy, nil, "-modcacherw")
			equal(t, "stdout", got.Stdout, want.Stdout)
			equal(t, "module cache", tree(t, steady), tree(t, plain))
		})
	}
}

// go does not wait for what nobody is going to install.
func TestAwaitIsReleased(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "**.zip status=404")
	b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) {
		c.Prefetch, c.Required = Required, []module.Version{helloV1}
		c.Install = func(context.Context, module.Version, io.Reader, []string) error {
			t.Error("installed without a zip")
			return nil
		}
	})
	equal(t, "status", b.get(0, helloPath+".info").code, http.StatusOK)
}

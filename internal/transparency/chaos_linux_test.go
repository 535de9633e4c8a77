package transparency

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// Bounds within which every command ends, whatever a proxy sends.
const (
	chaosTime   = 45 * time.Second
	chaosMemory = 120 << 10 // KiB resident in our process; measured: about 40 MB
	chaosDisk   = 1100      // MiB of temporary files; one zip at go's own limit is 500
)

// A horror is content that no honest proxy has.
type horror struct {
	name  string
	match string // ending of the paths that it answers
	serve func(w http.ResponseWriter, r *http.Request)
	heavy bool // only in the long run
}

var horrors = []horror{
	{name: "endless info", match: ".info", serve: endless("{")},
	{name: "endless mod", match: ".mod", serve: endless("module example.com/m0\n")},
	{name: "endless list", match: "list", serve: endless("v1.0.0\n")},
	{name: "endless latest", match: "latest", serve: endless("{")},
	{name: "endless zip", match: ".zip", serve: endless("PK\x03\x04"), heavy: true},
	{name: "endless 500", match: ".zip", serve: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500); endless("no\n")(w, r) }},
	{name: "endless 404", match: ".zip", serve: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404); endless("no\n")(w, r) }},
	{name: "zip that says it is huge", match: ".zip", serve: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "9000000000000")
		w.Write(make([]byte, 1000))
	}},
	{name: "info of 100 MB", match: ".info", serve: func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"Version":"v1.0.0","Time":"2024-01-02T03:04:05Z","Odd":"`)
		block := bytes.Repeat([]byte("x"), 1<<20)
		for range 100 {
			w.Write(block)
		}
		fmt.Fprint(w, `"}`)
	}},
	{name: "zip bomb", match: ".zip", serve: bomb},
	{name: "zip of many names", match: ".zip", serve: manyNames},
	{name: "huge header", match: ".mod", serve: func(w http.ResponseWriter, r *http.Request) {
		for i := range 300 {
			w.Header().Set(fmt.Sprint("X-Long-", i), strings.Repeat("x", 100<<10))
		}
	}},
	{name: "many headers", match: ".mod", serve: func(w http.ResponseWriter, r *http.Request) {
		for i := range 50000 {
			w.Header().Set(fmt.Sprint("X-Many-", i), "x")
		}
		fmt.Fprint(w, "module example.com/m0\n")
	}},
	{name: "deep json", match: ".info", serve: func(w http.ResponseWriter, r *http.Request) {
		w.Write(bytes.Repeat([]byte("["), 5<<20))
	}},
	{name: "control characters", match: ".zip", serve: func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		fmt.Fprint(w, "\x1b]0;title\a\x1b[2Jgone \xff\xfe")
	}},
	{name: "redirects to everywhere", match: ".mod", serve: func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, fmt.Sprintf("/%d/x.mod", time.Now().UnixNano()), http.StatusFound)
	}},
}

func endless(text string) func(http.ResponseWriter, *http.Request) {
	block := bytes.Repeat([]byte(text), 1<<20/len(text))
	return func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
}

// bomb is a zip of example.com/m0 that is small, and large when extracted.
var bomb = served(func(z *zip.Writer) {
	f, _ := z.Create("example.com/m0@v1.0.0/zeros")
	block := make([]byte, 1<<20)
	for range 700 { // go's own limit is 500 MB
		f.Write(block)
	}
})

var manyNames = served(func(z *zip.Writer) {
	for i := range 2000 {
		z.Create(fmt.Sprintf("example.com/m0@v1.0.0/d%d/f", i))
	}
})

// served makes a zip when it is first asked for, and serves it.
func served(fill func(*zip.Writer)) func(http.ResponseWriter, *http.Request) {
	data := sync.OnceValue(func() []byte {
		var buf bytes.Buffer
		z := zip.NewWriter(&buf)
		fill(z)
		z.Close()
		return buf.Bytes()
	})
	return func(w http.ResponseWriter, r *http.Request) { w.Write(data()) }
}

// TestHorrors: each ends in an error, within bounds, as it does with plain go or
// sooner.
func TestHorrors(t *testing.T) {
	for _, h := range horrors {
		if h.heavy && !long() {
			continue
		}
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, steady, "")
			store, _ := content(t)
			w.proxy = modtest.Proxy(t, faultproxy.Config{Content: h.before(store)})
			w.env = append(w.env, "GOPROXY="+w.proxy.URL(), "TMPDIR="+w.path("tmp"), "GOFLAGS=-modcacherw -mod=mod")
			os.Mkdir(w.path("tmp"), 0o777)
			w.write("go.sum", "")
			peak, disk := 0, int64(0)
			stop, stopDisk := w.watchMemory(&peak), w.watchDisk(&disk)
			began := time.Now()
			o := w.start(filepath.Join(bins[steady], "go"), "get", "example.com/m0@latest", "example.com/m0@v1.0.0").wait(chaosTime)
			took := time.Since(began)
			stop()
			stopDisk()
			t.Logf("%v, %d KiB, %d MiB on disk, %v\n%.600q", took.Round(time.Millisecond), peak, disk>>20, o.status, o.stderr)
			if peak > chaosMemory || disk>>20 > chaosDisk {
				t.Errorf("needed %d KiB of memory and %d MiB of disk", peak, disk>>20)
			}
			if strings.Contains(o.stderr, "panic") || strings.Contains(o.stderr, "goroutine ") {
				t.Error(o)
			}
			w.gone()
			if entries, _ := os.ReadDir(w.path("tmp")); len(entries) > 0 {
				t.Errorf("left behind: %v", entries)
			}
		})
	}
}

// before puts the horror before a store.
func (h horror) before(store http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, h.match) {
			h.serve(w, r)
			return
		}
		store.ServeHTTP(w, r)
	})
}

// watchDisk notes the most that temporary files took: those that are open, since
// they have no names.
func (w *world) watchDisk(peak *int64) (stop func()) {
	return lookOften(func() { *peak = max(*peak, w.openBytes()) })
}

func (w *world) openBytes() int64 {
	var sum int64
	for _, pid := range w.ours() {
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, file := range files {
			if to, _ := os.Readlink(file); strings.HasPrefix(to, w.root) {
				if fi, err := os.Stat(file); err == nil {
					sum += fi.Size()
				}
			}
		}
	}
	return sum
}

// TestChildKilled: who kills go finds us dead of the same signal.
func TestChildKilled(t *testing.T) {
	for _, args := range [][]string{{"mod", "download"}, {"run", "."}, {"run", "example.com/probe@v1.0.0"}} {
		w := newWorld(t, steady, "**.zip hang")
		p := w.start(filepath.Join(bins[steady], "go"), args...)
		w.asked("**.zip", 1)
		for pid := range w.left() {
			if pid != p.pid {
				syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		if o := p.wait(soon); o.status != syscall.WaitStatus(syscall.SIGKILL) {
			t.Errorf("go %v: %v", args, o)
		}
		w.gone()
	}
}

// TestUpstreamKilled: a proxy that comes back is waited for, one that does not
// ends in go's own words.
func TestUpstreamKilled(t *testing.T) {
	both(t, "", nil, func(w *world) outcome {
		if w.side == plain {
			return w.gocmd("mod", "download")
		}
		if err := w.proxy.Script("**.zip first=2 slow delay=300ms"); err != nil {
			t.Fatal(err)
		}
		p := w.start(filepath.Join(bins[w.side], "go"), "mod", "download")
		w.asked("**.zip", 1)
		w.proxy.Refuse()
		time.Sleep(500 * time.Millisecond)
		if err := w.proxy.Listen(); err != nil {
			t.Fatal(err)
		}
		o := p.wait(limit)
		o.stderr = healed.ReplaceAllString(o.stderr, "")
		return o
	})
	both(t, "", nil, func(w *world) outcome {
		w.proxy.Refuse()
		o := w.gocmd("mod", "download")
		o.stderr = strings.ReplaceAll(o.stderr, "m1", "m0")
		o.stderr = strings.ReplaceAll(o.stderr, "m2", "m0")
		return o
	})
}

// TestFullDisk: a full disk under our own files does no harm; under go's, it is
// go that says so.
func TestFullDisk(t *testing.T) {
	if err := exec.Command("unshare", "-m", "true").Run(); err != nil {
		t.Skip("no mount namespaces:", err)
	}
	const mount = `mkdir -p $F; mount -t tmpfs -o size=$SIZE none $F; `
	for name, script := range map[string]string{
		"spool":        `export F=$PROBEROOT/full SIZE=200k; ` + mount + `TMPDIR=$F go mod download; echo $?; TMPDIR=$F go list -deps . | tail -1; ls $F`,
		"spool, zero":  `export F=$PROBEROOT/full SIZE=4k; ` + mount + `head -c 100000 /dev/zero >$F/x 2>/dev/null; TMPDIR=$F go mod download; echo $?; ls $F`,
		"state":        `export F=$PROBEROOT/full SIZE=4k; ` + mount + `head -c 100000 /dev/zero >$F/x 2>/dev/null; export GOSTEADY_STATE=$F/s;` + everyRoute,
		"state, nodes": `export F=$PROBEROOT/full SIZE=100k,nr_inodes=2; ` + mount + `touch $F/x; export GOSTEADY_STATE=$F/s;` + everyRoute,
		"module cache": `export F=$PROBEROOT/full SIZE=1m; ` + mount + `GOMODCACHE=$F go mod download 2>&1 | grep -o 'no space left on device' | head -1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, "**.info first=1 status=500", nil, func(w *world) outcome {
				if w.side == plain {
					w.proxy.Script("")
				}
				store, _ := content(t)
				store.Add("example.com/m0", "v1.0.0", big)
				lines, err := store.Sum("example.com/m0", "v1.0.0")
				if err != nil {
					t.Fatal(err)
				}
				w.proxy = modtest.Proxy(t, faultproxy.Config{Content: store})
				w.env = append(w.env, "GOPROXY="+w.proxy.URL())
				w.write("go.sum", replaceSum(w.read("main", "go.sum"), "example.com/m0 ", lines))
				o := w.run("unshare", "-m", "bash", "--norc", "-c", script)
				o.stderr = withoutDownloads(healed.ReplaceAllString(o.stderr, ""))
				return o
			})
		})
	}
}

// big is a module of three megabytes that do not compress.
var big = map[string]string{"m.go": "package m0\n", "noise": noise(3 << 20)}

func noise(n int) string {
	b, x := make([]byte, n), uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return string(b)
}

func replaceSum(sums, prefix, lines string) string {
	var kept strings.Builder
	for line := range strings.Lines(sums) {
		if !strings.HasPrefix(line, prefix) {
			kept.WriteString(line)
		}
	}
	return kept.String() + lines
}

// TestKilledAnywhere kills gosteady again and again at other moments: the next
// run always succeeds, and nothing stays in the temporary directory.
func TestKilledAnywhere(t *testing.T) {
	rounds := 8
	if long() {
		rounds = 60
	}
	w := newWorld(t, steady, "** chance=0.3 seed=1 status=500\n** chance=0.2 seed=2 cut")
	w.env = append(w.env, "TMPDIR="+w.path("tmp"))
	os.Mkdir(w.path("tmp"), 0o777)
	for i := range rounds {
		p := w.start(filepath.Join(bins[steady], "go"), "mod", "download")
		time.Sleep(time.Duration(i*7%60+5) * time.Millisecond)
		p.signal(syscall.SIGKILL, false)
		p.wait(soon)
		w.gone()
		if o := w.gocmd("mod", "download"); o.status != 0 {
			t.Fatalf("round %d: %v", i, o)
		}
		os.RemoveAll(w.path("gopath", "pkg", "mod"))
	}
	w.nothingLeft("tmp")
}

// nothingLeft expects no file of ours below a directory of the world.
func (w *world) nothingLeft(dir string) {
	w.t.Helper()
	filepath.WalkDir(w.path(dir), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			w.t.Errorf("left behind: %s", name)
		}
		return nil
	})
}

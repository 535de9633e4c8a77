package modcache

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/gosum"
)

// BenchmarkVerify compares the verification of a cache of some size with what
// `go mod verify` needs for the same, as time, and as the metric "ratio"
// (below 1: faster than go). -benchtime 5x is plenty.
func BenchmarkVerify(b *testing.B) {
	w := largeWorld(b, 60, 30)
	w.must("mod", "verify") // and everything is in memory
	var ours, gos time.Duration
	for b.Loop() {
		start := time.Now()
		for _, s := range w.verify() {
			if s.Status != Complete {
				b.Fatal(s)
			}
		}
		ours += time.Since(start)
		start = time.Now()
		w.must("mod", "verify")
		gos += time.Since(start)
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/repair")
	b.ReportMetric(float64(gos.Milliseconds())/float64(b.N), "ms/go-mod-verify")
	b.ReportMetric(ours.Seconds()/gos.Seconds(), "ratio")
}

// largeWorld is a project that needs n modules of so many files.
func largeWorld(b *testing.B, n, files int) *world {
	b.Helper()
	w := emptyWorld(b)
	gomod, imports := "module example.com/main\n\ngo 1.21\n\nrequire (\n", "package main\n\nimport (\n"
	for i := range n {
		m := module.Version{Path: fmt.Sprintf("example.com/large%d", i), Version: "v1.0.0"}
		w.check(w.store.Add(m.Path, m.Version, sources(m.Path, files)))
		gomod += "\t" + m.Path + " " + m.Version + "\n"
		imports += "\t_ \"" + m.Path + "\"\n"
	}
	w.write("go.mod", gomod+")\n")
	w.write("main.go", imports+")\n\nfunc main() {}\n")
	w.must("mod", "tidy")
	w.must("mod", "download")
	sums, err := gosum.ReadFiles(filepath.Join(w.dir, "go.sum"))
	w.check(err)
	w.sums = sums
	return w
}

// sources are files that compress about as Go code does.
func sources(path string, n int) map[string]string {
	r := rand.New(rand.NewPCG(1, 2))
	files := map[string]string{"go.mod": "module " + path + "\n\ngo 1.21\n", "x.go": "package x\n"}
	for i := range n {
		var text strings.Builder
		text.WriteString("package x\n\n")
		for j := range 400 {
			fmt.Fprintf(&text, "var v%d_%d = %#x // %s\n", i, j, r.Uint64(), path)
		}
		files[fmt.Sprintf("f%d.go", i)] = text.String()
	}
	return files
}

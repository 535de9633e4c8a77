package modcache

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bareWorld is a project with a go.sum and a module cache that has nothing, and
// the zip of dep.
func bareWorld(t *testing.T) (*world, []byte) {
	w := newWorld(t)
	zip := []byte(w.read(w.file(dep, Zip)))
	w.check(removeAll(w.cache.Dir))
	return w, zip
}

func (w *world) install(zip []byte, sums ...string) error {
	if sums == nil {
		sums = w.sums.Zip(dep)
	}
	return w.cache.Install(context.Background(), dep, bytes.NewReader(zip), sums)
}

// left lists what there is of dep, by its name in the cache.
func (w *world) left() string {
	var names []string
	for name := range w.snapshot() {
		rel, err := filepath.Rel(w.cache.Dir, name)
		w.check(err)
		names = append(names, rel)
	}
	if _, err := os.Stat(w.moduleDir(dep)); err == nil {
		names = append(names, "the directory")
	}
	return strings.Join(names, " ")
}

func TestInstall(t *testing.T) {
	w, zip := bareWorld(t)
	w.check(w.install(zip))
	if state := w.verify(dep)[0]; len(state.Damage) > 0 {
		t.Errorf("damaged: %v", state)
	}
	if err := w.install(zip); !errors.Is(err, ErrThere) {
		t.Errorf("a second time: %v", err)
	}
	w.accepted()
}

// contentOffset is where the content of a zip's first file begins.
func contentOffset(t *testing.T, data []byte) int64 {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	at, err := z.File[0].DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Nothing remains of what must not be there.
func TestInstallRefuses(t *testing.T) {
	_, zip := bareWorld(t)
	flipped := bytes.Clone(zip)
	flipped[contentOffset(t, zip)+1] ^= 4
	other := newWorld(t)
	for name, tt := range map[string]struct {
		zip  []byte
		sums []string
		want error
	}{
		"another hash":     {zip: zip, sums: []string{"h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, want: ErrSum},
		"no hash at all":   {zip: zip, sums: []string{}, want: ErrSum},
		"one of two":       {zip: zip, sums: append([]string{"h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, newWorld(t).sums.Zip(dep)...), want: ErrSum},
		"damage in a file": {zip: flipped},
		"half a zip":       {zip: zip[:len(zip)/2]},
		"a page":           {zip: []byte("<html>")},
		"another module":   {zip: []byte(other.read(other.file(low, Zip)))},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := bareWorld(t)
			err := w.install(tt.zip, tt.sums...)
			if tt.sums != nil && len(tt.sums) == 0 {
				err = w.cache.Install(context.Background(), dep, bytes.NewReader(tt.zip), nil)
			}
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if left := w.left(); left != "" {
				t.Errorf("left: %s", left)
			}
		})
	}
}

// What a download or an extraction that was killed has left is go's to deal
// with.
func TestInstallLeavesToGo(t *testing.T) {
	for _, name := range []string{"v1.2.0.zip", "v1.2.0.ziphash", "v1.2.0.partial", "v1.2.0.zip123.tmp"} {
		w, zip := bareWorld(t)
		w.check(os.MkdirAll(filepath.Dir(w.file(dep, Zip)), 0o777))
		w.check(os.WriteFile(filepath.Join(filepath.Dir(w.file(dep, Zip)), name), nil, 0o666))
		if err := w.install(zip); !errors.Is(err, ErrThere) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w, zip := bareWorld(t)
	w.check(os.MkdirAll(w.moduleDir(dep), 0o777))
	if err := w.install(zip); !errors.Is(err, ErrThere) {
		t.Errorf("a directory: %v", err)
	}
}

func TestInstallCancelled(t *testing.T) {
	w, zip := bareWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	w.cache.step = func(string) { cancel() }
	if err := w.cache.Install(ctx, dep, bytes.NewReader(zip), w.sums.Zip(dep)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left := w.left(); left != "" {
		t.Errorf("left: %s", left)
	}
}

// A process that dies at any step leaves what plain go copes with. A panic
// leaves the same as a kill: nothing is cleaned up on the way out, but the lock
// is given back.
func TestInstallDies(t *testing.T) {
	seen := ""
	for n := 1; ; n++ {
		w, zip := bareWorld(t)
		steps, died := 0, ""
		w.cache.step = func(name string) {
			if steps++; steps == n {
				panic(name)
			}
		}
		func() {
			defer func() {
				if r := recover(); r != nil {
					died = r.(string)
				}
			}()
			w.check(w.install(zip))
		}()
		w.accepted()
		if died == "" {
			break
		}
		seen += died + " "
	}
	if seen != "partial extracted hashed placed " {
		t.Errorf("died at %s", seen)
	}
}

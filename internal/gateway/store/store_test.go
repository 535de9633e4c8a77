package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
	"golang.org/x/mod/module"
)

func item(k modproxy.Kind, version string) modproxy.Item {
	return modproxy.Item{Kind: k, Mod: module.Version{Path: "example.com/Hello", Version: version}}
}

func open(t testing.TB, c Config) *Store {
	t.Helper()
	s, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t testing.TB, s *Store, it modproxy.Item, text, from string) {
	t.Helper()
	if err := s.Put(it, strings.NewReader(text), from, "h1:x="); err != nil {
		t.Fatal(err)
	}
}

// read is what a client of an upstream gets, "-" for nothing.
func read(t testing.TB, s *Store, it modproxy.Item, from string) string {
	t.Helper()
	f, err := s.Open(it, from)
	if errors.Is(err, fs.ErrNotExist) {
		return "-"
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil || int64(len(data)) != f.Size {
		t.Fatalf("%d bytes of %d, %v", len(data), f.Size, err)
	}
	return string(data)
}

func TestLayout(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	for _, v := range []string{"v1.0.0", "v1.1.0-RC1", "v1.1.1-0.20240102030405-abcdefabcdef"} {
		for _, k := range []modproxy.Kind{modproxy.Info, modproxy.Mod, modproxy.Zip} {
			put(t, s, item(k, v), string(k)+v, "")
		}
	}
	put(t, s, modproxy.Item{Kind: modproxy.Supported, DB: "sum.golang.org"}, "", "")
	for name, want := range map[string]string{
		"example.com/!hello/@v/v1.0.0.zip":           "zipv1.0.0",
		"example.com/!hello/@v/v1.0.0.ziphash":       "h1:x=",
		"example.com/!hello/@v/v1.1.0-!r!c1.info":    "infov1.1.0-RC1",
		"example.com/!hello/@v/list":                 "v1.0.0\nv1.1.0-RC1\n",
		"sumdb/sum.golang.org/supported":             "",
		"example.com/!hello/@v/v1.0.0.mod":           "modv1.0.0",
		"example.com/!hello/@v/v1.1.0-!r!c1.ziphash": "h1:x=",
	} {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || string(data) != want {
			t.Errorf("%s: %q, %v, want %q", name, data, err, want)
		}
	}
	for _, it := range []modproxy.Item{item(modproxy.Info, "main"), item(modproxy.List, ""), item(modproxy.Zip, "../../x")} {
		if err := s.Put(it, strings.NewReader(""), "", ""); err == nil {
			t.Errorf("%v was stored", it)
		}
	}
	n, err := s.Purge(module.Version{Path: "example.com/Hello", Version: "v1.0.0"})
	if err != nil || n != 3 || read(t, s, item(modproxy.Mod, "v1.0.0"), "") != "-" {
		t.Errorf("purged %d, %v", n, err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "example.com/!hello/@v/list")); err != nil || string(data) != "v1.1.0-RC1\n" {
		t.Errorf("the list after that: %q, %v", data, err)
	}
	if _, err := s.Purge(module.Version{Path: "example.com/Hello", Version: "../x"}); err == nil {
		t.Error("what is no version was purged")
	}
}

// What is for the clients of one upstream is given to no other, until all may have it.
func TestFrom(t *testing.T) {
	s := open(t, Config{Dir: t.TempDir()})
	it := item(modproxy.Mod, "v1.0.0")
	expect := func(what, a, b, c string) {
		t.Helper()
		if gotA, gotB, gotC := read(t, s, it, "a"), read(t, s, it, "b"), read(t, s, it, "c"); gotA != a || gotB != b || gotC != c {
			t.Errorf("%s: %q, %q, %q", what, gotA, gotB, gotC)
		}
	}
	put(t, s, it, "1", "a")
	expect("from a", "1", "-", "-")
	put(t, s, it, "1", "b")
	expect("from b, too", "1", "1", "-")
	put(t, s, it, "2", "c")
	expect("another one from c", "-", "-", "2")
	put(t, s, it, "2", "")
	expect("for all", "2", "2", "2")
	put(t, s, it, "2", "a")
	expect("for all, and from a", "2", "2", "2")
	if !s.Has(it, "x") || s.Has(item(modproxy.Zip, "v1.0.0"), "x") {
		t.Error("Has knows better")
	}
}

// What is damaged is not there: whatever happened to the file, when, and to its seal.
func TestDamage(t *testing.T) {
	it := item(modproxy.Zip, "v1.0.0")
	for name, damage := range map[string]func(file string) error{
		"truncated":     func(file string) error { return os.Truncate(file, 3) },
		"emptied":       func(file string) error { return os.Truncate(file, 0) },
		"other bytes":   func(file string) error { return os.WriteFile(file, []byte("contenT"), 0o666) },
		"longer":        func(file string) error { return os.WriteFile(file, []byte("contents"), 0o666) },
		"no seal":       func(file string) error { return os.Remove(file + sealSuffix) },
		"empty seal":    func(file string) error { return os.Truncate(file+sealSuffix, 0) },
		"half a seal":   func(file string) error { return os.Truncate(file+sealSuffix, 60) },
		"only the seal": os.Remove,
	} {
		for _, running := range []bool{false, true} {
			dir := t.TempDir()
			s := open(t, Config{Dir: dir})
			put(t, s, it, "content", "")
			if running && read(t, s, it, "") != "content" {
				t.Fatal("not stored")
			}
			time.Sleep(10 * time.Millisecond) // a file system's clock is coarse
			file := filepath.Join(dir, "example.com/!hello/@v/v1.0.0.zip")
			if err := damage(file); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(name, "seal") && running && name != "only the seal" {
				continue // the file itself is as it was when it was looked at
			}
			if got := read(t, s, it, ""); got != "-" {
				t.Errorf("%s, running=%v: %q is served", name, running, got)
			}
			put(t, s, it, "content", "")
			if got := read(t, s, it, ""); got != "content" {
				t.Errorf("%s, running=%v: not stored again: %q", name, running, got)
			}
		}
	}
}

// Check finds what stat does not.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	it := item(modproxy.Zip, "v1.0.0")
	put(t, s, it, "content", "")
	read(t, s, it, "")
	file := filepath.Join(dir, "example.com/!hello/@v/v1.0.0.zip")
	fi, _ := os.Stat(file)
	os.WriteFile(file, []byte("CONTENT"), 0o666)
	os.Chtimes(file, fi.ModTime(), fi.ModTime())
	s.Check(it)
	if got := read(t, s, it, ""); got != "-" {
		t.Errorf("%q is served", got)
	}
}

func TestEvict(t *testing.T) {
	now := time.Now()
	var mu sync.Mutex
	s := open(t, Config{Dir: t.TempDir(), Max: 5000, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}})
	latest := filepath.Join(s.Own("sumdb"), "sum.golang.org", "latest")
	os.MkdirAll(filepath.Dir(latest), 0o777)
	os.WriteFile(latest, []byte("a tree"), 0o666)
	text := string(bytes.Repeat([]byte("x"), 1000))
	for i := range 4 {
		put(t, s, item(modproxy.Zip, fmt.Sprintf("v1.0.%d", i)), text, "")
	}
	s.done.Wait()
	read(t, s, item(modproxy.Zip, "v1.0.0"), "")
	f, err := s.Open(item(modproxy.Zip, "v1.0.1"), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	read(t, s, item(modproxy.Zip, "v1.0.3"), "")
	read(t, s, item(modproxy.Zip, "v1.0.0"), "")
	for i := range 2 {
		put(t, s, item(modproxy.Zip, fmt.Sprintf("v1.1.%d", i)), text, "")
		s.done.Wait()
	}
	var left []string
	for _, v := range []string{"v1.0.0", "v1.0.1", "v1.0.2", "v1.0.3", "v1.1.0", "v1.1.1"} {
		if s.Has(item(modproxy.Zip, v), "") {
			left = append(left, v)
		}
	}
	if st := s.Stats(); len(left) > 4 || st.Bytes > 5000 || st.Evicted < 2 {
		t.Errorf("left: %v; %+v", left, st)
	}
	for _, v := range []string{"v1.0.1", "v1.1.1"} {
		if !s.Has(item(modproxy.Zip, v), "") {
			t.Errorf("%s is gone, which is being read or the newest: left %v", v, left)
		}
	}
	if _, err := os.Stat(latest); err != nil {
		t.Error("the tree that was seen last is gone")
	}
	if s.Has(item(modproxy.Zip, "v1.0.2"), "") {
		t.Error("the one that was used least recently is left")
	}
}

// Two processes, and one that died.
func TestSeveral(t *testing.T) {
	dir := t.TempDir()
	dead := filepath.Join(dir, ownDir, tempDir, "123")
	os.MkdirAll(dead, 0o777)
	os.WriteFile(filepath.Join(dead, lockName), nil, 0o666)
	os.WriteFile(filepath.Join(dead, "half"), []byte("cont"), 0o666)
	a, b := open(t, Config{Dir: dir}), open(t, Config{Dir: dir})
	if _, err := os.Stat(dead); err == nil {
		t.Error("what a dead process left is there")
	}
	if _, err := os.Stat(a.temp); err != nil {
		t.Error("the second one took the first one's place")
	}
	it := item(modproxy.Mod, "v1.0.0")
	var wg sync.WaitGroup
	for _, s := range []*Store{a, b} {
		for i := range 20 {
			wg.Go(func() {
				s.Put(it, strings.NewReader("content"), "", "")
				s.Put(item(modproxy.Zip, fmt.Sprintf("v1.0.%d", i)), strings.NewReader("zip"), "", "")
			})
		}
	}
	wg.Wait()
	if read(t, a, it, "") != "content" || read(t, b, it, "") != "content" {
		t.Error("not stored")
	}
	data, _ := os.ReadFile(filepath.Join(dir, "example.com/!hello/@v/list"))
	if n := bytes.Count(data, []byte("\n")); n != 20 {
		t.Errorf("%d versions in the list:\n%s", n, data)
	}
	for _, s := range []*Store{a, b} {
		if left, _ := os.ReadDir(s.temp); len(left) != 1 {
			t.Errorf("%d temporary files are left", len(left)-1)
		}
	}
}

// When storing fails, that is said once, and tried again after a while.
func TestTrouble(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	var said []string
	s := open(t, Config{Dir: dir, Now: func() time.Time { return now }, Logf: func(f string, args ...any) { said = append(said, fmt.Sprintf(f, args...)) }})
	temp := s.temp
	s.temp = filepath.Join(dir, "gone")
	it := item(modproxy.Mod, "v1.0.0")
	for range 3 {
		if s.Put(it, strings.NewReader("content"), "", "") == nil {
			t.Error("stored")
		}
	}
	if len(said) != 1 || s.Stats().Trouble == "" {
		t.Errorf("said %q; %+v", said, s.Stats())
	}
	s.temp = temp
	now = now.Add(pause)
	put(t, s, it, "content", "")
	if len(said) != 2 || s.Stats().Trouble != "" {
		t.Errorf("said %q; %+v", said, s.Stats())
	}
}

func TestAnswers(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := s.Keep("a", Answer{Path: "m/@v/list", Type: "text/plain", Time: at, Body: []byte("v1.0.0\n")}); err != nil {
		t.Fatal(err)
	}
	a, err := s.Answer("a", "m/@v/list")
	if err != nil || string(a.Body) != "v1.0.0\n" || a.Type != "text/plain" || !a.Time.Equal(at) {
		t.Errorf("%+v, %v", a, err)
	}
	for _, x := range [][2]string{{"b", "m/@v/list"}, {"a", "n/@v/list"}} {
		if a, err := s.Answer(x[0], x[1]); err == nil {
			t.Errorf("%v: %+v", x, a)
		}
	}
	os.Truncate(s.answerFile("a", "m/@v/list"), 150)
	if a, err := s.Answer("a", "m/@v/list"); err == nil {
		t.Errorf("half of one: %+v", a)
	}
}

func FuzzSeal(f *testing.F) {
	f.Add([]byte(seal{hash: strings.Repeat("a", 64), size: 12, from: []string{"x"}}.String()))
	f.Add([]byte("sha256  0\nend\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := parseSeal(data)
		if err == nil && l.String() != string(data) {
			t.Fatalf("%q reads as %+v", data, l)
		}
		if cut, err := parseSeal(data[:len(data)/2]); err == nil {
			t.Fatalf("half of it reads as %+v", cut)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add(Answer{Path: "m/@v/list", Body: []byte("v1.0.0\n")}.format())
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := parseAnswer(data)
		if err != nil {
			return
		}
		if again, err := parseAnswer(a.format()); err != nil || !bytes.Equal(again.Body, a.Body) || again.Path != a.Path {
			t.Fatalf("%q became %+v, %v", data, again, err)
		}
	})
}

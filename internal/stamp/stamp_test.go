package stamp

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func TestNext(t *testing.T) {
	now := time.Now()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for _, tt := range []struct {
		name string
		Stamp
		want Step
	}{
		{"new", Stamp{Loaded: ago(time.Second)}, Pass},
		{"passed long ago", Stamp{Loaded: ago(time.Hour), passed: ago(time.Minute)}, Pass},
		{"a second try", Stamp{Loaded: ago(time.Hour), passed: ago(59 * time.Second)}, Watch},
		{"a clock that was set back", Stamp{Loaded: ago(time.Hour), passed: now.Add(time.Hour)}, Watch},
		{"watched", Stamp{Loaded: ago(time.Second), Trusted: Vouched(ago(time.Second)), passed: ago(time.Second)}, Trust},
		{"watched long ago", Stamp{Loaded: ago(time.Hour), Trusted: Vouched(ago(15 * time.Minute)), passed: ago(time.Second)}, Watch},
		{"trusted for too long", Stamp{Loaded: ago(time.Second), Trusted: now.Add(time.Hour), passed: ago(time.Second)}, Watch},
		{"old", Stamp{Loaded: ago(7 * time.Hour)}, Renew},
		{"of tomorrow", Stamp{Loaded: now.Add(time.Hour)}, Renew},
	} {
		if got := tt.Next(now); got != tt.want {
			t.Errorf("%s: step %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestNote(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stamp")
	now := time.Now()
	if err := (&Stamp{Loaded: now}).Write(file); err != nil {
		t.Fatal(err)
	}
	if s, err := Read(file); err != nil || !s.passed.IsZero() {
		t.Errorf("passed at %v, %v: nobody went by it yet", s.passed, err)
	}
	if err := Note(file, now.Add(5*time.Second)); err != nil {
		t.Fatal(err)
	}
	if s, err := Read(file); err != nil || s.Next(now.Add(6*time.Second)) != Watch {
		t.Errorf("%+v, %v: the real go went by it", s, err)
	}
}

func TestForm(t *testing.T) {
	want := &Stamp{
		Loaded: time.Unix(0, 1e18), Trusted: time.Unix(0, 2e18),
		Modules: []Entry{{"/a b", 5, 6}, {"/c", -1, 0}},
		Sources: &Sources{Tests: true, Folders: []Folder{
			{Entry: Entry{"/m/x y", 7, 4096}, Below: true, Files: []File{
				{Name: "a b.go", Time: 9, Size: 10, Imports: []string{"fmt", "x/y"}},
				{Name: "b_test.go", Rule: `name "//go:build a && b"`},
			}},
			{Entry: Entry{"/m/z", 8, 0}},
		}},
	}
	file := filepath.Join(t.TempDir(), "stamp")
	if err := want.Write(file); err != nil {
		t.Fatal(err)
	}
	got, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	for _, bad := range []*Stamp{
		{Modules: []Entry{{"/a\nb", 5, 6}}},
		{Sources: &Sources{Folders: []Folder{{Entry: Entry{"/a\n", 1, 0}}}}},
	} {
		if err := bad.Write(file); err == nil {
			t.Errorf("%+v was written", bad)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{"", "s 1 2 \n", "s 1 2 \nm 3 4 /x\nt 1 0 \nb 3 4 /d\nf 1 2 a.go\ni 0 0 name\tfmt\n", "s 1 2 \nf 1 2 x\n", "s 1 2 \nd 1 2 x\ni 0 0 \n", "s 1 2 \nd 1 2 x\nf 1 2 a.go\n", "s 1 2\nm 3 /x\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decode(data)
		if err != nil {
			return
		}
		text, err := s.encode()
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		if again, err := decode([]byte(text)); err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("%q becomes %q", data, text)
		}
	})
}

// What has another size is another file, though its time was kept, as cp -p and tar do.
func TestSize(t *testing.T) {
	dir := module(t)
	file := filepath.Join(dir, "main.go")
	entry, _ := Look(file)
	sources, err := scanner(dir, false).Scan([]Pattern{{Path: dir}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, "package main\n\nimport \"x/new\"\n", time.Unix(0, entry.Time))
	if now, _ := Look(file); now.Time != entry.Time {
		t.Fatal("the time was not kept")
	}
	if (&Stamp{Modules: []Entry{entry}}).Holds() {
		t.Error("a file of the module cache has another size")
	}
	if (&Stamp{Sources: sources}).Holds() {
		t.Error("a source file of another size was not read again")
	}
}

func TestModules(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "m@v1.0.0")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	entry, _ := Look(dir)
	s := Stamp{Modules: []Entry{entry}}
	if !s.Holds() {
		t.Error("nothing has changed")
	}
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	os.Chtimes(dir, time.Now(), time.Now().Add(time.Second))
	if s.Holds() {
		t.Error("a file came")
	}
	if os.RemoveAll(dir); s.Holds() {
		t.Error("it is gone")
	}
}

package console

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

// Colours and lines that are drawn over are for a console that obeys them.
func TestDraws(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, f := range []*os.File{file, null, w} {
		if Draws(f) {
			t.Errorf("%s draws", f.Name())
		}
	}
}

// A console is told to obey, and asked first whether it can.
func TestConsoleDraws(t *testing.T) {
	f, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no console here")
	}
	defer f.Close()
	h := windows.Handle(f.Fd())
	var before, after uint32
	if err := windows.GetConsoleMode(h, &before); err != nil {
		t.Skip("no console here")
	}
	defer windows.SetConsoleMode(h, before)
	draws := Draws(f)
	if err := windows.GetConsoleMode(h, &after); err != nil {
		t.Fatal(err)
	}
	if draws != (after&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0) {
		t.Errorf("draws %v, mode %#x, was %#x", draws, after, before)
	}
}

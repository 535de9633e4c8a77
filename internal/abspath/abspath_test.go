package abspath

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestFrom(t *testing.T) {
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ dir, name, want string }
	rows := []row{{"/a", "b", "/a/b"}, {"/a", "/b", "/b"}, {"/a", "../b", "/b"}, {"/a", "", "/a"}, {"/a", "C:b", "/a/C:b"}}
	if runtime.GOOS == "windows" {
		volume := filepath.VolumeName(wd)
		rows = []row{
			{`C:\a`, `b`, `C:\a\b`}, {`C:\a`, `b/c`, `C:\a\b\c`}, {`C:\a`, `D:\b`, `D:\b`}, {`C:\a`, `D:/b`, `D:/b`},
			{`C:\a`, `\b`, `C:\b`}, {`C:\a`, `/b`, `C:\b`}, {`\\server\share\a`, `\b`, `\\server\share\b`},
			{`C:\a`, `\\server\share\b`, `\\server\share\b`}, {`C:\a`, volume + "b", filepath.Join(wd, "b")},
		}
	}
	for _, r := range rows {
		if got := From(r.dir, r.name); got != r.want {
			t.Errorf("From(%s, %s) = %s, want %s", r.dir, r.name, got, r.want)
		}
	}
}

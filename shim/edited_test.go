package shim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/shim/front"
)

func TestEdited(t *testing.T) {
	dir := modtest.Files(t, map[string]string{
		"a.go": "", "a.txt": "", "sub/b.go": "", "sub/deep/c.go": "", "testdata/d.go": "", "_x/e.go": "",
	})
	stamp := time.Now().Add(-time.Minute)
	for _, tt := range []struct {
		args, touched string
		want          bool
	}{
		{"test", "", false},
		{"test", "a.go", true},
		{"test .", "a.txt", false},
		{"test .", "sub/b.go", false},
		{"test ./sub", "sub/b.go", true},
		{"test ./sub", "sub/deep/c.go", false},
		{"test ./...", "sub/deep/c.go", true},
		{"test ./...", "testdata/d.go", false},
		{"test ./...", "_x/e.go", false},
		{"test example.com/m/sub", "sub/b.go", false},
		{"run sub/b.go", "sub/b.go", true},
		{"run ./gone", "", false},
		{"test " + filepath.Join(dir, "sub"), "sub/b.go", true},
	} {
		for _, file := range []string{"a.go", "a.txt", "sub/b.go", "sub/deep/c.go", "testdata/d.go", "_x/e.go"} {
			when := stamp.Add(-time.Second)
			if file == tt.touched {
				when = stamp.Add(time.Second)
			}
			if err := os.Chtimes(filepath.Join(dir, file), when, when); err != nil {
				t.Fatal(err)
			}
		}
		plan := &front.Plan{Dir: dir, Inv: front.Parse(strings.Fields(tt.args), nil)}
		if got := edited(plan, stamp); got != tt.want {
			t.Errorf("go %s, %q edited: %t", tt.args, tt.touched, got)
		}
	}
}

package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An empty journal is told from one that cannot be.
func TestNothing(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		env  map[string]string
		want string
	}{
		"empty":       {map[string]string{"GOSTEADY_STATE": filepath.Join(home, "a", "b")}, ErrEmpty.Error()},
		"off":         {map[string]string{"GOSTEADY_STATE": "off"}, "no journal is kept: GOSTEADY_STATE=off"},
		"no home":     {map[string]string{"HOME": ""}, "no journal is kept: there is no home directory"},
		"not to have": {map[string]string{"GOSTEADY_STATE": filepath.Join(file, "b")}, "no journal can be kept in " + filepath.Join(file, "b") + ": "},
	} {
		getenv := func(name string) string { return tt.env[name] }
		if got := OpenStore(getenv).Nothing(getenv); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if entries, err := os.ReadDir(home); err != nil || len(entries) != 1 {
		t.Errorf("left %v, %v", entries, err)
	}
}

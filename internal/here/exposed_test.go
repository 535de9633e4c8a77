package here

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/goenv"
)

// TestExposed: who has an old go and somebody else's proxy is told, and nobody else.
func TestExposed(t *testing.T) {
	for _, tt := range []struct {
		version, proxy, sumdb string
		want                  string
	}{
		{"go1.25.9", "https://goproxy.cn,direct", "", "CVE-2026-42501"},
		{"go1.25.9", "https://proxy.golang.org|https://u:secret@athens.example", "", "https://"},
		{"go1.26.5", "https://goproxy.cn", "", "CVE-2026-56865"},
		{"go1.25.9", "https://proxy.golang.org,direct", "", ""},
		{"go1.25.9", "direct", "", ""},
		{"go1.25.9", "https://goproxy.cn", "off", ""},
		{"go1.26.8", "https://goproxy.cn", "", ""},
	} {
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, "VERSION"), []byte(tt.version+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		s := goenv.Read([]string{"GOENV=off", "GOPROXY=" + tt.proxy, "GOSUMDB=" + tt.sumdb}, root)
		text, fix := Exposed(s)
		if (text == "") != (tt.want == "") || !strings.Contains(text, tt.want) || strings.Contains(text, "secret") || (fix == "") != (text == "") {
			t.Errorf("%s with %s: %q, %q", tt.version, tt.proxy, text, fix)
		}
	}
}

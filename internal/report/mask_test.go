package report

import (
	"testing"

	"github.com/gosteady/gosteady/internal/goenv"
)

// However a private path is spelled, it is masked, and so is every directory.
func TestMaskText(t *testing.T) {
	m := newMask(goenv.Read([]string{"GOPRIVATE=corp.example/Secret,*.inner.example", "GOENV=off"}, "").Private)
	m.name("corp.example/Secret/v2")
	for _, tt := range []struct{ in, want string }{
		{"reading https://proxy.example/corp.example/%21secret/v2/@v/v2.0.0.info: 404 Not Found", "reading https://proxy.example/private-1@v/v2.0.0.info: 404 Not Found"},
		{"https://proxy.example/corp.example/!secret/v2/@v/list", "https://proxy.example/private-1@v/list"},
		{"fatal: repository 'https://corp.example/Secret/' not found", "fatal: repository 'https://private-2' not found"},
		{"git ls-remote ssh://git@corp.example/Secret", "git ls-remote ssh://git@private-2"},
		{"lookup git.inner.example on 10.0.0.1:53: no such host", "lookup private-3 on 10.0.0.1:53: no such host"},
		{"git.inner.example:8443", "private-3:8443"},
		{"corp.example/Secret/v2/cmd/...", "private-1"},
		{"open /home/alice/go/pkg/mod/cache/download/x: permission denied", "open …: permission denied"},
		{`open C:\Users\alice\go: denied`, "open C:…: denied"},
		{"-modfile=/home/alice/go.mod", "-modfile=…"},
		{"../other", "…"},
		{"https://proxy.example/…/corp.example/!secret/v2/@v/list", "https://proxy.example/…/private-1@v/list"},
		{"./... all golang.org/x/mod@v0.1.0 https://proxy.golang.org/golang.org/x/mod/@v/v0.1.0.zip", "./... all golang.org/x/mod@v0.1.0 https://proxy.golang.org/golang.org/x/mod/@v/v0.1.0.zip"},
		{"127.0.0.1:8080 corp.example/Secrets x@latest ...", "127.0.0.1:8080 corp.example/Secrets x@latest ..."},
	} {
		if got := m.text(tt.in); got != tt.want {
			t.Errorf("%s\n = %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

func TestModulesCover(t *testing.T) {
	mods := modules{"corp.example/mono/mod/v2", "github.com/org/secret"}
	for path, want := range map[string]bool{
		"corp.example/mono/mod/v2": true, "corp.example/mono.git": true, "corp.example/mono/mod/v2/pkg": true,
		"corp.example": true, "corp.example/other": true, "corp.example.org": false,
		"github.com/org/secret.git": true, "github.com/org/secret/pkg": true, "github.com/org": true,
		"github.com": false, "github.com/org/secrets": false, "github.com/org/public": false, "golang.org/x/mod": false,
	} {
		if got := mods.cover(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

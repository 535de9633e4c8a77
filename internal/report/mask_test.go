package report

import "testing"

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

package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/goenv"
)

func TestTemplate(t *testing.T) {
	settings := goenv.Read([]string{"GOENV=off", "GOPROXY=https://u:secret@a.example|https://b.example,direct", "GOPRIVATE=*.corp.example,$(x)"}, "")
	tests := []struct {
		name     string
		t        Template
		settings *goenv.Settings
		want     []string
	}{
		{"nothing", Template{}, nil, []string{"version: 1\n", "# proxies: [", "# rules:\n", SchemaURL}},
		{"from the settings", Template{}, settings, []string{"# GOPROXY is now https://xxxxx@a.example|https://b.example,direct\n", "# private:\n#   - \"*.corp.example\"\n\n"}},
		{"from flags", Template{Proxies: []string{"https://goproxy.cn"}, Private: []string{"*.x.example"}, Rotate: true}, settings,
			[]string{"\nproxies:\n  - \"https://goproxy.cn\"\n", "\nprivate:\n  - \"*.x.example\"\n", "\nrules:\n  - on: [transient, integrity]"}},
		{"mirror", Template{WaitFor: 5 * time.Minute}, nil, []string{"    wait-for: 5m\n"}},
	}
	for _, tt := range tests {
		text, err := tt.t.Render(tt.settings)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", tt.name, want, text)
			}
		}
		if strings.Contains(text, "secret") {
			t.Errorf("%s: a credential is in the file", tt.name)
		}
		// What is commented out is valid too.
		var bare strings.Builder
		for line := range strings.Lines(text) {
			if rest, ok := strings.CutPrefix(line, "# "); ok && !strings.Contains(rest, "gosteady") && !strings.HasPrefix(rest, "GOPROXY") && (rest[0] == ' ' || strings.Contains(rest, ": ") || strings.HasSuffix(rest, ":\n")) {
				line = rest
			}
			bare.WriteString(line)
		}
		if err := checkText(bare.String()); err != nil {
			t.Errorf("%s: with the comments taken off: %v\n%s", tt.name, err, bare.String())
		}
	}
	if _, err := (Template{Proxies: []string{"http://x.example"}}).Render(nil); err == nil {
		t.Error("a flag that cannot be committed is written")
	}
}

package front

import (
	"slices"
	"testing"

	"github.com/gosteady/gosteady/internal/goenv"
)

// What ExecFlag writes, cmd/go reads as the same words.
func TestExecFlag(t *testing.T) {
	for _, self := range []string{"/opt/gosteady/go", "/with space/go", "/it's/go", `/a"b/go`, "/new\nline/go"} {
		words := append(RestoreCommand(self), "go_js_wasm_exec")
		flag, ok := ExecFlag(words)
		if !ok || flag[:6] != "-exec=" {
			t.Errorf("%q: %q, %v", self, flag, ok)
			continue
		}
		got, err := goenv.SplitFlags(flag[6:])
		if err != nil || !slices.Equal(got, words) {
			t.Errorf("%q reads as %q (%v)", flag, got, err)
		}
	}
	for _, words := range [][]string{nil, RestoreCommand(`/it's "it"/go`)} {
		if flag, ok := ExecFlag(words); ok {
			t.Errorf("%q: %q", words, flag)
		}
	}
}

package upstream

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func equal(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if g, w := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want); g != w {
		tb.Errorf("%s:\n got %s\nwant %s", what, strings.TrimSpace(g), strings.TrimSpace(w))
	}
}

func writeFile(tb testing.TB, name, text string) string {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		tb.Fatal(err)
	}
	return name
}

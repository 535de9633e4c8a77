package tui

import (
	"strings"
	"testing"
)

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1500: "1.5 kB", 34_200_000: "34.2 MB", 5_000_000_000_000: "5000.0 GB"} {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 requests", 1: "1 request", 2: "2 requests"} {
		if got := Count(n, "request"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	Table(&b, [][]string{{"class", "healed"}, {"gone", ""}, {"a very long one", "1", "x"}})
	if want := "  class            healed\n  gone\n  a very long one  1       x\n"; b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &b, want)
	}
}

package metrics

import (
	"strings"
	"testing"
)

func TestWriter(t *testing.T) {
	var b strings.Builder
	w := NewWriter(&b)
	w.Family("x_total", "counter", "Things.")
	w.Sample(3, "a", "1", "b", "q\"\\\nx")
	w.Sample(1.5)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "# HELP x_total Things.\n# TYPE x_total counter\nx_total{a=\"1\",b=\"q\\\"\\\\\\nx\"} 3\nx_total 1.5\n"
	if b.String() != want {
		t.Errorf("%s, want %s", b.String(), want)
	}
}

func TestQuote(t *testing.T) {
	if got := quote("a\"b\\c\nd"); got != `"a\"b\\c\nd"` {
		t.Errorf("quote = %s", got)
	}
}

// Package metrics writes the text format in which Prometheus reads metrics: what a
// client library would be initialised for by every go command.
package metrics

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// A Writer writes one family of samples after the other.
type Writer struct {
	out  *bufio.Writer
	name string
}

// NewWriter returns a Writer; Flush ends it.
func NewWriter(w io.Writer) *Writer { return &Writer{out: bufio.NewWriter(w)} }

// Family begins the samples of one name. kind is "counter" or "gauge".
func (w *Writer) Family(name, kind, help string) {
	w.name = name
	fmt.Fprintf(w.out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// Sample writes a sample of the family with labels: name, value, name, value, …
func (w *Writer) Sample(value any, labels ...string) {
	w.out.WriteString(w.name)
	for i := 0; i+1 < len(labels); i += 2 {
		before := ","
		if i == 0 {
			before = "{"
		}
		fmt.Fprintf(w.out, "%s%s=%s", before, labels[i], quote(labels[i+1]))
	}
	if len(labels) > 0 {
		w.out.WriteByte('}')
	}
	switch v := value.(type) {
	case float64:
		fmt.Fprintf(w.out, " %g\n", v)
	default:
		fmt.Fprintf(w.out, " %v\n", v)
	}
}

// Flush reports the first error of writing.
func (w *Writer) Flush() error { return w.out.Flush() }

// quote quotes a label's value: Prometheus knows three escapes and no others.
func quote(v string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(v) + `"`
}

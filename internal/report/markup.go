package report

import (
	"bufio"
	"fmt"
	"html"
	"io"

	"github.com/gosteady/gosteady/internal/mask"
)

// A markup writes HTML. Formats are constants and decide what is markup; what
// is put into them is masked and escaped, and stands in text, in a quoted attribute, or as
// a number.
//
// It is in the place of a template engine: one that calls methods by their names,
// as html/template can, has the linker keep every method of the program, and
// each go command pays half a millisecond for the pages of an executable that is
// a fifth larger.
type markup struct{ w *bufio.Writer }

func newMarkup(w io.Writer) markup { return markup{bufio.NewWriter(w)} }

// putf writes a format with its arguments.
func (m markup) putf(format string, args ...any) {
	for i, arg := range args {
		switch arg.(type) {
		case int, float64:
		default:
			args[i] = html.EscapeString(mask.Text(fmt.Sprint(arg)))
		}
	}
	fmt.Fprintf(m.w, format, args...)
}

// end reports the first error of all that was written.
func (m markup) end() error { return m.w.Flush() }

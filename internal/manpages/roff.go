package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/gosteady/gosteady/internal/markdown"
)

// A roffWriter writes roff; text never starts a line as a request.
type roffWriter struct{ strings.Builder }

func (w *roffWriter) section(name string) { fmt.Fprintf(w, ".SH %s\n", roff(name)) }

// text writes roff as it is.
func (w *roffWriter) text(s string) { w.WriteString(s + "\n") }

// prose writes plain text; an empty line becomes a paragraph.
func (w *roffWriter) prose(s string) {
	for line := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		if strings.TrimSpace(line) == "" {
			line = ".PP"
		} else {
			line = roff(line)
		}
		w.text(line)
	}
}

func (w *roffWriter) item(name, text string) {
	fmt.Fprintf(w, ".TP\n.B %s\n", roff(name))
	w.prose(text)
}

// example keeps the lines of s as they are.
func (w *roffWriter) example(s string) {
	w.text(".nf")
	for line := range strings.SplitSeq(s, "\n") {
		w.text(roff(line))
	}
	w.text(".fi")
}

// blocks writes the Markdown of a guide, without its title.
func (w *roffWriter) blocks(list []markdown.Block) {
	for _, b := range list {
		switch b.Kind {
		case markdown.Heading:
			w.heading(b)
		case markdown.Paragraph:
			w.text(".PP")
			w.text(inline(b.Text))
		case markdown.Item:
			w.listItem(b)
		case markdown.Code:
			w.text(".PP\n.RS 4")
			w.example(strings.TrimSuffix(b.Text, "\n"))
			w.text(".RE")
		case markdown.Table:
			w.table(b.Rows)
		}
	}
}

func (w *roffWriter) heading(b markdown.Block) {
	switch b.Level {
	case 1:
	case 2:
		w.section(strings.ToUpper(markdown.Plain(b.Text)))
	default:
		w.text(".SS " + roff(markdown.Plain(b.Text)))
	}
}

func (w *roffWriter) listItem(b markdown.Block) {
	mark := `\(bu`
	if b.Mark != "-" && b.Mark != "*" {
		mark = roff(b.Mark)
	}
	if b.Mark == "" {
		w.text(".IP")
	} else {
		fmt.Fprintf(w, ".IP \"%s\" 4\n", mark)
	}
	w.text(inline(b.Text))
}

// table writes each row as an item that names its columns: a manual page is read at any
// width.
func (w *roffWriter) table(rows [][]string) {
	for _, row := range rows[1:] {
		w.text(".TP\n.B " + roff(markdown.Plain(row[0])))
		first := true
		for i, cell := range row[1:] {
			if cell == "" {
				continue
			}
			if !first {
				w.text(".br")
			}
			first = false
			if head := rows[0][min(i+1, len(rows[0])-1)]; head != "" {
				cell = head + ": " + cell
			}
			w.text(inline(cell))
		}
		if first {
			w.text(`\&`)
		}
	}
}

// inline is a line of Markdown in roff: code and bold text are bold.
func inline(text string) string {
	var b strings.Builder
	for _, s := range markdown.Spans(text) {
		shown := escape(s.Shown())
		if s.Code || s.Bold {
			shown = `\fB` + shown + `\fR`
		}
		b.WriteString(shown)
	}
	return protect(b.String())
}

// roff escapes plain text.
func roff(s string) string { return protect(escape(s)) }

// escape escapes what roff reads in the middle of a line: backslashes, hyphens, and what
// is not ASCII, which it takes by number whatever the encoding.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\e`)
		case r == '-':
			b.WriteString(`\-`)
		case r > unicode.MaxASCII:
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// protect keeps a line that starts with a dot or an apostrophe from being a request.
func protect(s string) string {
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		return `\&` + s
	}
	return s
}

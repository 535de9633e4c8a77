package markdown

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A Look says how a terminal shows a page. The zero Look is for files and pipes, but for
// its width.
type Look struct {
	Width  int
	Colour bool
}

// Write shows a page in plain text.
func (l Look) Write(w io.Writer, page string) {
	previous := Block{Kind: Code}
	for i, b := range Parse(page) {
		if i > 0 && (b.Kind != Item || previous.Kind != Item) {
			fmt.Fprintln(w)
		}
		l.block(w, b)
		previous = b
	}
}

func (l Look) block(w io.Writer, b Block) {
	switch b.Kind {
	case Heading:
		text := Plain(b.Text)
		if b.Level <= 2 {
			text = strings.ToUpper(text)
		}
		fmt.Fprintln(w, l.bold(text))
	case Paragraph:
		l.wrap(w, "  ", "  ", b.Text)
	case Item:
		indent := "  " + strings.Repeat("  ", b.Level)
		hang := indent + strings.Repeat(" ", len(b.Mark)+1)
		if b.Mark == "" { // a further paragraph of the item before
			l.wrap(w, indent+"  ", indent+"  ", b.Text)
			return
		}
		l.wrap(w, indent+b.Mark+" ", hang, b.Text)
	case Code:
		for line := range strings.Lines(b.Text) {
			fmt.Fprint(w, strings.TrimRight("      "+line, " \n")+"\n")
		}
	case Table:
		l.table(w, b.Rows)
	}
}

func (l Look) bold(s string) string {
	if !l.Colour {
		return s
	}
	return "\x1b[1m" + s + "\x1b[m"
}

// wrap writes text in lines of the width; words stay whole.
func (l Look) wrap(w io.Writer, first, rest, text string) {
	line, used := first, 0
	for _, word := range l.words(text) {
		length := visible(word)
		if used > 0 && visible(line)+1+length > l.Width {
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			line, used = rest, 0
		}
		if used > 0 {
			line += " "
		}
		line += word
		used++
	}
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}

// words are the words of a text, with the sequences that make a terminal show code and
// bold text; without colour, code keeps its quotes.
func (l Look) words(text string) []string {
	var b strings.Builder
	for _, s := range Spans(text) {
		shown := s.Shown()
		switch {
		case s.Code && l.Colour:
			shown = paint("\x1b[36m", shown)
		case s.Code:
			shown = "`" + shown + "`"
		case s.Bold && l.Colour:
			shown = paint("\x1b[1m", shown)
		}
		b.WriteString(shown)
	}
	return strings.Fields(b.String())
}

// paint colours each word for itself, since a line may end between two.
func paint(sequence, text string) string {
	words := strings.Split(text, " ")
	for i, word := range words {
		words[i] = sequence + word + "\x1b[m"
	}
	return strings.Join(words, " ")
}

// visible is the number of columns that a text takes.
func visible(s string) int {
	n := 0
	for s != "" {
		if rest, ok := strings.CutPrefix(s, "\x1b["); ok {
			_, s, _ = strings.Cut(rest, "m")
			continue
		}
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		n++
	}
	return n
}

// table writes columns where they fit into the width; else each row is a paragraph that
// names its columns.
func (l Look) table(w io.Writer, rows [][]string) {
	widths, total := columns(rows)
	if total <= l.Width {
		for _, row := range rows {
			line := ""
			for i, cell := range row {
				cell = Plain(cell)
				line += "  " + cell + strings.Repeat(" ", widths[i]-visible(cell))
			}
			fmt.Fprintln(w, strings.TrimRight(line, " "))
		}
		return
	}
	for _, row := range rows[1:] {
		fmt.Fprintln(w, l.bold("  "+Plain(row[0])))
		for i, cell := range row[1:] {
			if cell == "" {
				continue
			}
			if head := column(rows[0], i+1); head != "" {
				cell = Plain(head) + ": " + cell
			}
			l.wrap(w, "      ", "        ", cell)
		}
	}
}

// column is a cell of the head, "" beyond its end.
func column(head []string, i int) string {
	if i < len(head) {
		return head[i]
	}
	return ""
}

func columns(rows [][]string) (widths []int, total int) {
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], visible(Plain(cell)))
		}
	}
	for _, width := range widths {
		total += width + 2
	}
	return widths, total
}

// Package recording makes a picture of what a terminal shows: an SVG whose lines appear one
// after another, for README.md. Its test records "gosteady demo", and -update writes the
// file. It is no part of the program.
package recording

import (
	"fmt"
	"html"
	"strings"
)

const (
	columns    = 100
	charWidth  = 7.83 // of the font size below, in most monospaced fonts
	lineHeight = 19
	margin     = 16
	titleBar   = 30
)

// A row is a line of the picture: long lines take several.
type row struct {
	text, class string
	after       float64 // seconds until it appears
}

// SVG is the picture of a command and what it prints. The text is also its description, for
// those who cannot see it.
func SVG(command, output string) string {
	rows := layout("$ " + command + "\n" + output)
	width, height := int(columns*charWidth)+2*margin, titleBar+len(rows)*lineHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"title desc\">\n", width, height, width, height)
	fmt.Fprintf(&b, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n", html.EscapeString(command), html.EscapeString(output))
	b.WriteString(style)
	fmt.Fprintf(&b, "<rect class=\"window\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n", width, height)
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, "<circle cx=\"%d\" cy=\"17\" r=\"5.5\" fill=\"%s\"/>\n", margin+4+18*i, colour)
	}
	for i, r := range rows {
		if r.text == "" {
			continue
		}
		fmt.Fprintf(&b, "<text class=\"%s\" x=\"%d\" y=\"%d\" style=\"animation-delay:%.1fs\" xml:space=\"preserve\">%s</text>\n",
			r.class, margin, titleBar+margin+(i+1)*lineHeight-6, r.after, html.EscapeString(r.text))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// style has the classes of lines. Who asks for less motion sees the last picture at once.
const style = `<style>
.window { fill: #10151c; }
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #c9d1d9; animation: appear 0.2s both; }
.command { fill: #ffffff; font-weight: bold; }
.bad { fill: #ff7b72; }
.good { fill: #56d364; }
.own { fill: #79c0ff; }
@keyframes appear { from { opacity: 0; } to { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { text { animation: none; } }
</style>
`

// layout breaks lines at the width and says when each appears: a command after a pause, and
// what it prints after another.
func layout(text string) []row {
	var rows []row
	at := 0.5
	class := "plain"
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		line = strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "    ")
		switch {
		case strings.HasPrefix(line, "$ "):
			at += 1.2
			class = "command"
		case strings.HasPrefix(line, "  gosteady: "):
			class = "own"
		case strings.HasPrefix(line, "  [ok"), strings.HasPrefix(line, "  all modules verified"):
			class = "good"
		case strings.HasPrefix(line, "  [failed"), strings.HasPrefix(line, "  go: "):
			class = "bad"
		case !strings.HasPrefix(line, "    "): // which goes on like the line before
			class = "plain"
		}
		for _, part := range wrapped(line) {
			rows = append(rows, row{part, class, at})
		}
		at += 0.1
		if class == "command" {
			at += 0.8
		}
	}
	return rows
}

// wrapped breaks a line at the width, as a terminal does, with the rest indented.
func wrapped(line string) []string {
	var parts []string
	indent := ""
	for runes := []rune(line); ; {
		room := columns - len(indent)
		if len(runes) <= room {
			return append(parts, indent+string(runes))
		}
		parts = append(parts, indent+string(runes[:room]))
		runes = runes[room:]
		indent = "    "
	}
}

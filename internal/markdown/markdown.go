// Package markdown reads the Markdown that the guides in docs/ are written in, and no
// other: headings, paragraphs, lists, code, tables. A terminal and a manual page show the
// same text from the same source; a whole Markdown library would be larger than the guides.
package markdown

import (
	"regexp"
	"strings"
	"sync"
)

// A Kind is what a block is.
type Kind int

// The kinds of blocks.
const (
	Heading Kind = iota
	Paragraph
	Item // of a list
	Code
	Table
)

// A Block is a part of a page.
type Block struct {
	Kind  Kind
	Level int        // of a heading: 1 is the title; of an item: 0 is the outer list
	Mark  string     // of an item: "-", "1."
	Text  string     // one line; of code: as it is
	Rows  [][]string // of a table, the first is its head
}

// patterns are what lines are known by. They are compiled when the first page is read: this
// package is linked into every go command, and none of those reads one.
type patterns struct{ item, tag, summary, image, rule, pipe, inline *regexp.Regexp }

var compiled = sync.OnceValue(func() *patterns {
	return &patterns{
		item:    regexp.MustCompile(`^( *)([-*]|\d+\.) +(.*)$`),
		tag:     regexp.MustCompile(`^</?(details|p|br|picture|img)\b[^>]*>$`),
		summary: regexp.MustCompile(`^<summary>(.*)</summary>$`),
		image:   regexp.MustCompile(`^\[?!\[[^\]]*\]\([^)]*\)`),
		rule:    regexp.MustCompile(`^\|[\s|:-]+\|$`),
		pipe:    regexp.MustCompile(`\s*\\?\|\s*`),
		inline:  regexp.MustCompile("`([^`]+)`|\\*\\*(.+?)\\*\\*|\\[([^\\]]+)\\]\\(([^)]+)\\)|<(https?://[^>]+)>|\\*([^*\\s][^*]*)\\*"),
	}
})

// Parse takes a page apart. Comments, pictures and HTML tags are left out.
func Parse(page string) []Block {
	var p parser
	for line := range strings.Lines(strings.ReplaceAll(page, "\r\n", "\n")) {
		p.line(strings.TrimSuffix(line, "\n"))
	}
	return p.blocks
}

type parser struct {
	blocks    []Block
	fenced    bool
	commented bool
	open      bool // the last block goes on with the next line
}

func (p *parser) add(b Block, open bool) {
	p.blocks = append(p.blocks, b)
	p.open = open
}

func (p *parser) last() *Block { return &p.blocks[len(p.blocks)-1] }

func (p *parser) line(line string) {
	trimmed := strings.TrimSpace(line)
	switch {
	case p.fenced:
		p.code(line, trimmed)
	case p.commented || strings.HasPrefix(trimmed, "<!--"):
		p.commented = !strings.Contains(trimmed, "-->")
		p.open = false
	case strings.HasPrefix(trimmed, "```"):
		p.fenced = true
		p.add(Block{Kind: Code}, false)
	case trimmed == "", compiled().tag.MatchString(trimmed), compiled().image.MatchString(trimmed):
		p.open = false
	case strings.HasPrefix(line, "#"):
		text := strings.TrimLeft(line, "#")
		p.add(Block{Kind: Heading, Level: len(line) - len(text), Text: strings.TrimSpace(text)}, false)
	case compiled().summary.MatchString(trimmed):
		p.add(Block{Kind: Heading, Level: 3, Text: compiled().summary.FindStringSubmatch(trimmed)[1]}, false)
	case strings.HasPrefix(trimmed, "|"):
		p.row(trimmed)
	default:
		p.text(line, trimmed)
	}
}

func (p *parser) code(line, trimmed string) {
	if strings.HasPrefix(trimmed, "```") {
		p.fenced = false
		return
	}
	p.last().Text += line + "\n"
}

func (p *parser) row(line string) {
	if compiled().rule.MatchString(line) {
		return
	}
	if !p.open || p.last().Kind != Table {
		p.add(Block{Kind: Table}, true)
	}
	p.last().Rows = append(p.last().Rows, cells(line))
}

// cells takes a row apart; "\|" is no separator.
func cells(line string) []string {
	var list []string
	line = strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|")
	from := 0
	for _, at := range compiled().pipe.FindAllStringIndex(line, -1) {
		if strings.Contains(line[at[0]:at[1]], `\`) {
			continue
		}
		list = append(list, strings.TrimSpace(line[from:at[0]]))
		from = at[1]
	}
	list = append(list, strings.TrimSpace(line[from:]))
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], `\|`, "|")
	}
	return list
}

func (p *parser) text(line, trimmed string) {
	if m := compiled().item.FindStringSubmatch(line); m != nil {
		p.add(Block{Kind: Item, Level: len(m[1]) / 2, Mark: m[2], Text: m[3]}, true)
		return
	}
	if p.open && p.last().Kind != Table {
		p.last().Text += " " + trimmed
		return
	}
	if strings.HasPrefix(line, "  ") && len(p.blocks) > 0 && p.last().Kind == Item {
		trimmed = strings.TrimSpace(line) // a further paragraph of the item
		p.add(Block{Kind: Item, Level: p.last().Level, Text: trimmed}, true)
		return
	}
	p.add(Block{Kind: Paragraph, Text: trimmed}, true)
}

// A Span is a run of text of one look.
type Span struct {
	Text string
	Code bool
	Bold bool
	Link string // where it leads
}

// Spans takes a line of text apart.
func Spans(text string) []Span {
	var spans []Span
	from := 0
	for _, m := range compiled().inline.FindAllStringSubmatchIndex(text, -1) {
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		if m[0] > from {
			spans = append(spans, Span{Text: text[from:m[0]]})
		}
		from = m[1]
		switch {
		case m[2] >= 0:
			spans = append(spans, Span{Text: group(1), Code: true})
		case m[4] >= 0:
			for _, s := range Spans(group(2)) {
				s.Bold = true
				spans = append(spans, s)
			}
		case m[6] >= 0:
			for _, s := range Spans(group(3)) {
				s.Link = group(4)
				spans = append(spans, s)
			}
		case m[10] >= 0:
			spans = append(spans, Span{Text: group(5)})
		default:
			spans = append(spans, Span{Text: group(6)})
		}
	}
	if from < len(text) {
		spans = append(spans, Span{Text: text[from:]})
	}
	return spans
}

// Plain is a line of text without marks. Links keep their text; an address of the web
// follows in parentheses.
func Plain(text string) string {
	var b strings.Builder
	for _, s := range Spans(text) {
		b.WriteString(s.Shown())
	}
	return b.String()
}

// Shown is the text of a span where nothing can be clicked.
func (s Span) Shown() string {
	if strings.HasPrefix(s.Link, "https://") && s.Link != s.Text {
		return s.Text + " (" + s.Link + ")"
	}
	return s.Text
}

package policy

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/gosteady/gosteady/internal/mask"
)

// Bounds on what a stranger's file may cost to read.
const (
	maxFile     = 64 << 10
	maxLines    = 2000 // the parser's time grows with their square
	maxDepth    = 16
	maxRules    = 200
	maxItems    = 100 // of a list
	maxProblems = 100 // more are not looked for
)

// A reader turns one file, or one variable, into settings, and collects all
// that is wrong with it.
type reader struct {
	layer    Layer
	file     string // as shown to a person
	variable bool   // no lines and columns
	newer    string // what the file requires, where that is newer than this gosteady
	settings []setting
	rules    []Rule
	problems []Problem
	errors   int // problems that are more than warnings
	skipped  int // words that only a newer gosteady knows
}

// A setting is one key with its parsed value.
type setting struct {
	key   *key
	val   any
	items []item // of a list, parallel to val
	pos   position
}

type position struct{ line, column int }

// An item is one scalar as written.
type item struct {
	text string
	pos  position
}

// A value is what stands after a key: one scalar or a list of them.
type value struct {
	items []item
	list  bool
	pos   position
}

func (r *reader) bad(pos position, key, format string, args ...any) {
	r.report(pos, key, false, format, args...)
}

func (r *reader) warn(pos position, key, format string, args ...any) {
	r.report(pos, key, true, format, args...)
}

// unknown reports a word that this gosteady does not know: a mistake, unless
// the file says that it needs a newer one.
func (r *reader) unknown(pos position, key, format string, args ...any) {
	if r.newer != "" {
		r.skipped++
		format += "; skipped, as the file requires gosteady " + r.newer
	}
	r.report(pos, key, r.newer != "", format, args...)
}

func (r *reader) report(pos position, key string, warning bool, format string, args ...any) {
	p := Problem{File: r.file, Line: pos.line, Column: pos.column, Key: key, Text: fmt.Sprintf(format, args...), Warning: warning, Layer: r.layer}
	if r.variable {
		p.Line, p.Column = 0, 0
	}
	r.problems = append(r.problems, p)
	if !warning {
		r.errors++
	}
}

func (r *reader) origin(pos position) Origin {
	o := Origin{Layer: r.layer, Name: r.file, Line: pos.line, Column: pos.column}
	if r.variable {
		o.Line, o.Column = 0, 0
	}
	return o
}

// read parses a whole file.
func (r *reader) read(data []byte) {
	body, ok := r.document(data)
	if !ok || body == nil {
		return
	}
	if _, isNull := body.(*ast.NullNode); isNull {
		return
	}
	r.findRequires(body)
	r.mapping(body, "", func(k *key, s setting) { r.settings = append(r.settings, s) })
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// document returns the body of the only YAML document, nil if it is empty.
func (r *reader) document(data []byte) (ast.Node, bool) {
	data = plainEnds(bytes.TrimPrefix(data, []byte("\ufeff")))
	start := position{1, 1}
	switch {
	case len(data) > maxFile:
		r.bad(start, "", "larger than %d KiB", maxFile>>10)
		return nil, false
	case bytes.Count(data, []byte("\n")) > maxLines:
		r.bad(start, "", "more than %d lines", maxLines)
		return nil, false
	case !utf8.Valid(data):
		r.bad(start, "", "not UTF-8 text")
		return nil, false
	case tooDeep(data):
		r.bad(start, "", "nested deeper than %d levels", maxDepth)
		return nil, false
	}
	file, err := parseYAML(data)
	if err != nil {
		r.syntaxError(err)
		return nil, false
	}
	switch len(file.Docs) {
	case 0:
		return nil, true
	case 1:
		body := file.Docs[0].Body
		if _, comment := body.(*ast.CommentGroupNode); comment {
			return nil, true
		}
		return body, true
	}
	r.bad(startOf(file.Docs[1]), "", "a second document; a policy file has one")
	return nil, false
}

// parseYAML shields against panics of the parser: the file may be hostile.
func parseYAML(data []byte) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			file, err = nil, errors.New("not YAML")
		}
	}()
	return parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
}

// plainEnds makes every end of a line "\n". YAML takes "\r" alone for one as well, at
// which the parser counts all lines anew; and the bounds are on lines.
func plainEnds(data []byte) []byte {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
}

// tooDeep bounds the parser's recursion, roughly: brackets that are open, or
// sequence dashes in one line. What stands in quotes is counted as well; no
// honest value comes near.
func tooDeep(data []byte) bool {
	open := 0
	for _, line := range bytes.Split(data, []byte("\n")) {
		if len(line)-len(bytes.TrimLeft(line, " -?:")) > 8*maxDepth {
			return true
		}
		for _, c := range line {
			switch c {
			case '[', '{':
				open++
			case ']', '}':
				open = max(0, open-1)
			}
			if open > maxDepth {
				return true
			}
		}
	}
	return false
}

func (r *reader) syntaxError(err error) {
	var at interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if !errors.As(err, &at) || at.GetToken() == nil || at.GetToken().Position == nil {
		text, _, _ := strings.Cut(err.Error(), "\n")
		r.bad(position{1, 1}, "", "not valid YAML: %s", mask.Quote(text))
		return
	}
	p := at.GetToken().Position
	r.bad(position{p.Line, p.Column}, "", "not valid YAML: %s", mask.Quote(at.GetMessage()))
}

func startOf(doc *ast.DocumentNode) position {
	if doc.Start == nil || doc.Start.Position == nil {
		return posOf(doc)
	}
	return position{doc.Start.Position.Line, doc.Start.Position.Column}
}

func posOf(n ast.Node) position {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return position{1, 1}
	}
	p := n.GetToken().Position
	return position{p.Line, p.Column}
}

// mapping reads one level of the file. Each key that the table has is parsed
// and given to leaf.
func (r *reader) mapping(n ast.Node, prefix string, leaf func(*key, setting)) {
	m, ok := n.(ast.MapNode)
	if !ok {
		r.bad(posOf(n), strings.TrimSuffix(prefix, "."), "must have keys below it: %s", oneOf(keysBelow(prefix)))
		return
	}
	seen := map[string]position{}
	for it := m.MapRange(); it.Next() && len(r.problems) < maxProblems; {
		word, pos, ok := r.keyText(it.Key())
		if !ok {
			continue
		}
		if first, twice := seen[word]; twice {
			r.bad(pos, mask.Quote(prefix+word), "stands twice, first in line %d", first.line)
			continue
		}
		seen[word] = pos
		r.entry(prefix, word, pos, it.Value(), leaf)
	}
}

func (r *reader) entry(prefix, word string, pos position, n ast.Node, leaf func(*key, setting)) {
	name := prefix + word
	switch k := keyNamed(name); {
	case strings.Contains(word, "."):
		r.unknownKey(prefix, word, pos)
	case k == nil && len(keysBelow(name+".")) > 0:
		r.mapping(n, name+".", leaf)
	case k == nil:
		r.unknownKey(prefix, word, pos)
	case k.trust == Never && r.layer == Repository:
		r.bad(pos, name, "never taken from a repository; put it into your own policy file (see 'go steady policy show')")
	case k.kind == kindRules:
		r.ruleList(n)
	default:
		if s, ok := r.leafValue(k, n); ok {
			leaf(k, s)
		}
	}
}

func (r *reader) unknownKey(prefix, word string, pos position) {
	words := keysBelow(prefix)
	hint := didYouMean(word, words)
	if near := nestedKey(word); hint == "" && near != "" { // in the wrong place
		hint = ", did you mean " + near + "?"
	}
	r.unknown(pos, mask.Quote(prefix+word), "unknown key%s (known here: %s)", hint, strings.Join(words, ", "))
}

func (r *reader) keyText(n ast.MapKeyNode) (string, position, bool) {
	scalar, ok := r.scalar(n)
	if !ok {
		r.bad(posOf(n), "", "a key must be a plain word")
	}
	return scalar.text, posOf(n), ok
}

func (r *reader) leafValue(k *key, n ast.Node) (setting, bool) {
	v, whole := r.value(k, n)
	if !whole && len(v.items) == 0 {
		return setting{}, false
	}
	parsed, ok := r.parse(k, v) // of a list, the other items too: all errors at once
	return setting{key: k, val: parsed, items: v.items, pos: v.pos}, ok && whole
}

// value reads a scalar or a list of scalars. It leaves out what is neither,
// and then reports false.
func (r *reader) value(k *key, n ast.Node) (value, bool) {
	v := value{pos: posOf(n)}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		it, ok := r.leaf(k, n)
		if ok {
			v.items = []item{it}
		}
		return v, ok
	}
	v.list = true
	for _, child := range seq.Values {
		it, good := r.leaf(k, child)
		if good {
			v.items = append(v.items, it)
		}
		ok = ok && good
	}
	return v, ok
}

func (r *reader) leaf(k *key, n ast.Node) (item, bool) {
	it, ok := r.scalar(n)
	if ok {
		return it, true
	}
	switch n.(type) {
	case nil, *ast.NullNode:
		r.bad(posOf(n), k.name, "has no value; allowed: %s", k.allowed())
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode, *ast.MergeKeyNode:
		r.bad(posOf(n), k.name, "anchors, aliases and tags have no meaning here; quote a value that begins with * or & or !")
	default:
		r.bad(posOf(n), k.name, "cannot be a %s; allowed: %s", strings.ToLower(n.Type().String()), k.allowed())
	}
	return it, false
}

// scalar returns the text of a scalar as written, whatever type YAML sees.
func (r *reader) scalar(n ast.Node) (item, bool) {
	it := item{pos: posOf(n)}
	switch n := n.(type) {
	case *ast.StringNode:
		it.text = n.Value
	case *ast.LiteralNode:
		it.text = strings.TrimSpace(n.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		it.text = n.GetToken().Value
	default:
		return it, false
	}
	return it, true
}

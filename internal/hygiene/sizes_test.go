package hygiene

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// What is read at one go. Of a function the rows of tables do not count: a test is as
// long as what it knows.
const (
	maxFile     = 400 // lines
	maxFunction = 60  // lines
	maxStruct   = 15  // fields
)

// larger are the exceptions, with their reasons: files by path, types and functions by
// package and name. One that is no longer needed has to go.
var larger = map[string]string{
	"faultproxy.Rule": "a field for each word that a rule may have",
	"policy.Policy":   "a field for each key of a policy file",
	"report.page":     "a field for each thing that the page shows",

	"relay.TestBehindRedirect":        "one server, and what is behind it, in turn",
	"internal/relay/endpoint_test.go": "a test for each thing that a server may answer",
	"internal/relay/words_test.go":    "a test for each text that go prints",
}

func TestSizes(t *testing.T) {
	needed := make(map[string]bool)
	over := func(name string, size, most int) {
		switch _, excepted := larger[name]; {
		case size <= most:
		case excepted:
			needed[name] = true
		default:
			t.Errorf("%s: %d, more than %d: make it smaller, or give a reason in this test", name, size, most)
		}
	}
	for _, file := range modtest.Sources(t, ".go") {
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		over(filepath.ToSlash(file), set.File(tree.Pos()).LineCount(), maxFile)
		for name, size := range functions(set, tree) {
			over(name, size, maxFunction)
		}
		for name, size := range structs(tree) {
			over(name, size, maxStruct)
		}
	}
	for name := range larger {
		if !needed[name] {
			t.Errorf("%s is not too large any more: its exception can go", name)
		}
	}
}

// functions are the lines of each function, without those of tables in it.
func functions(set *token.FileSet, file *ast.File) map[string]int {
	lines := func(n ast.Node) int { return set.Position(n.End()).Line - set.Position(n.Pos()).Line }
	sizes := make(map[string]int)
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		size := lines(f) + 1
		ast.Inspect(f, func(n ast.Node) bool {
			table := isTable(n)
			if table {
				size -= lines(n)
			}
			return !table
		})
		sizes[file.Name.Name+"."+receiver(f)+f.Name.Name] = size
	}
	return sizes
}

// isTable reports whether n lists values, as rows of a table.
func isTable(n ast.Node) bool {
	literal, ok := n.(*ast.CompositeLit)
	if !ok {
		return false
	}
	switch literal.Type.(type) {
	case *ast.ArrayType, *ast.MapType:
		return true
	}
	return false
}

func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	of := f.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name + "."
	}
	return ""
}

// structs are the fields of each type that is a struct.
func structs(file *ast.File) map[string]int {
	sizes := make(map[string]int)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			sizes[file.Name.Name+"."+spec.Name.Name] = s.Fields.NumFields()
		}
		return true
	})
	return sizes
}

// TestCounting: tables do not count, the rest does.
func TestCounting(t *testing.T) {
	const source = `package p

type s struct {
	a, b int
	c    string
	error
}

func (*s) f() {
	for range []int{
		1,
		2,
	} {
	}
}
`
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := structs(file)["p.s"]; got != 4 {
		t.Errorf("%d fields", got)
	}
	if got := functions(set, file)["p.s.f"]; got != 4 {
		t.Errorf("%d lines in %s", got, strings.TrimSpace(source))
	}
}

package goflag

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// fetching are the packages of cmd/go whose commands may fetch modules.
var fetching = []string{
	"base", "clean", "fmtcmd", "generate", "list", "modget", "run", "test", "vet", "work",
	"modcmd/download.go", "modcmd/graph.go", "modcmd/tidy.go", "modcmd/vendor.go", "modcmd/verify.go", "modcmd/why.go",
	"workcmd/sync.go", "workcmd/use.go", "workcmd/vendor.go",
}

// ambiguous are the flags that take a value with one command and none with
// another: -c of test and vet, -f of list and (without effect) get, -fix of get and
// (without effect) fix.
var ambiguous = []string{"c", "f", "fix"}

// TestTable holds the table against the sources of the installed toolchain.
func TestTable(t *testing.T) {
	goroot, err := exec.Command(modtest.RealGo(t), "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	sources := filepath.Join(strings.TrimSpace(string(goroot)), "src/cmd/go/internal")
	if _, err := os.Stat(sources); err != nil {
		t.Skip("this toolchain comes without the sources of cmd/go")
	}
	defined := make(map[string][]string)
	for _, place := range fetching {
		for _, file := range goFiles(t, filepath.Join(sources, filepath.FromSlash(place))) {
			definitions(t, file, defined)
		}
	}
	if len(defined) < 60 {
		t.Fatalf("only %d flags found in the sources of cmd/go: %v", len(defined), defined)
	}
	for name, methods := range defined {
		f, known := Lookup(name)
		if !known {
			t.Errorf("-%s (%s) is not in the table", name, methods)
		}
		for _, m := range methods {
			if takes, sure := takesValue(m); sure && takes != f.TakesValue() && !slices.Contains(ambiguous, name) {
				t.Errorf("-%s: defined by %s, but in the table it takes a value: %v", name, m, f.TakesValue())
			}
		}
	}
}

// takesValue says whether a method of flag.FlagSet defines a flag with a value;
// Var alone does not tell.
func takesValue(method string) (takes, sure bool) {
	return !strings.HasPrefix(method, "Bool"), method != "Var"
}

// goFiles are the sources of a package of cmd/go, or of one of its files.
func goFiles(t *testing.T, at string) []string {
	t.Helper()
	fi, err := os.Stat(at)
	switch {
	case os.IsNotExist(err):
		return nil // of another version of go
	case err != nil:
		t.Fatal(err)
	case !fi.IsDir():
		return []string{at}
	}
	files, err := filepath.Glob(filepath.Join(at, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
}

// definitions adds the flags that a file defines, each with the method that does.
func definitions(t *testing.T, file string, defined map[string][]string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if method, name, ok := definition(call); ok {
			defined[name] = append(defined[name], method)
		}
		return true
	})
}

func definition(call *ast.CallExpr) (method, name string, ok bool) {
	sel, isMethod := call.Fun.(*ast.SelectorExpr)
	if !isMethod {
		return "", "", false
	}
	at := 0
	method, isVar := strings.CutSuffix(sel.Sel.Name, "Var")
	if isVar {
		at = 1
	}
	if method == "" {
		method = "Var"
	}
	if !slices.Contains([]string{"Bool", "Duration", "Int", "String", "Uint", "Var"}, method) || len(call.Args) < at+2 {
		return "", "", false
	}
	literal, isLiteral := call.Args[at].(*ast.BasicLit)
	if !isLiteral || literal.Kind != token.STRING {
		return "", "", false
	}
	name, err := strconv.Unquote(literal.Value)
	return method, name, err == nil
}

func TestLookup(t *testing.T) {
	for name, want := range map[string]string{
		"run": "value record", "test.run": "value record", "tags": "value loads record", "ldflags": "value loads",
		"exec": "value tool", "json": "record", "unheard-of": "loads record",
	} {
		f, known := Lookup(name)
		if known != (name != "unheard-of") {
			t.Errorf("-%s known: %v", name, known)
		}
		var got []string
		for word, is := range map[string]bool{"value": f.TakesValue(), "loads": f.Loads(), "record": f.Recordable(), "tool": f.RunsTool()} {
			if is {
				got = append(got, word)
			}
		}
		wanted := strings.Fields(want)
		slices.Sort(got)
		slices.Sort(wanted)
		if !slices.Equal(got, wanted) {
			t.Errorf("-%s: %q, want %q", name, got, wanted)
		}
	}
}

func TestTableIsSorted(t *testing.T) {
	if !slices.IsSortedFunc(table[:], func(a, b Flag) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Name, b.Name))
	}) {
		t.Error("the table is not in the order of the alphabet")
	}
}

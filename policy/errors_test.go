package policy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// The golden file has each broken policy beside the messages about it: "x.yaml"
// as a repository's file, "own-x.yaml" as the user's, "x.env" as one variable.
const goldenErrors = "testdata/errors.txtar"

func TestErrorMessages(t *testing.T) {
	archive, err := txtar.ParseFile(goldenErrors)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for i, f := range archive.Files {
		if filepath.Ext(f.Name) == ".want" {
			continue
		}
		got := messagesAbout(t, f)
		all.WriteString(got)
		want := &archive.Files[i+1]
		if *update {
			want.Data = []byte(got)
		}
		if filepath.Separator == '\\' { // the one file that a message names is not in the golden file as it is here
			got = strings.ReplaceAll(got, filepath.VolumeName(t.TempDir())+`\no\such\file`, "/no/such/file")
		}
		if got != string(want.Data) {
			t.Errorf("%s: got\n%swant\n%s", f.Name, got, want.Data)
		}
	}
	if *update {
		if err := os.WriteFile(goldenErrors, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, format := range messageFormats(t) {
		if !formatMatches(format, all.String()) {
			t.Errorf("no golden message for %q", format)
		}
	}
}

func messagesAbout(t *testing.T, f txtar.File) string {
	var list []Problem
	switch {
	case strings.HasSuffix(f.Name, ".env"):
		m := newMachine(t, "")
		name, value, _ := strings.Cut(strings.TrimSpace(string(f.Data)), "=")
		m.env[name] = value
		p, _ := m.load()
		list = p.Problems
	default:
		layer := Repository
		if strings.HasPrefix(f.Name, "own-") {
			layer = User
		}
		r := &reader{layer: layer, file: f.Name}
		data := f.Data
		switch f.Name { // what txtar cannot hold
		case "bytes.yaml":
			data = []byte("version: 1\nnotify: \xff\xfe\n")
		case "large.yaml":
			data = bytes.Repeat([]byte("# large\n"), maxFile/8+1)
		case "long.yaml":
			data = bytes.Repeat([]byte("#\n"), maxLines+1)
		case "items.yaml":
			data = []byte("private: [" + strings.Repeat("a.example,", maxItems) + "b.example]")
		case "many.yaml":
			data = []byte("rules:\n" + strings.Repeat("  - {on: gone, do: fail}\n", maxRules+1))
		}
		r.read(data)
		list = r.problems
	}
	var b strings.Builder
	for _, pr := range list {
		kind := "error"
		if pr.Warning {
			kind = "warning"
		}
		fmt.Fprintf(&b, "%s: %v\n", kind, pr)
	}
	return b.String()
}

// messageFormats finds every message about a file in the package's source, so
// that none can be added without a golden line.
func messageFormats(t *testing.T) []string {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var formats []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				formats = append(formats, formatOf(call, name)...)
			}
			return true
		})
	}
	if len(formats) < 30 {
		t.Fatalf("found only %d messages", len(formats))
	}
	return formats
}

func formatOf(call *ast.CallExpr, file string) []string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	arg := -1
	switch sel.Sel.Name {
	case "bad", "warn", "unknown":
		arg = 2
	case "New":
		if file == "address.go" {
			arg = 0
		}
	}
	if arg < 0 || len(call.Args) <= arg {
		return nil
	}
	lit, ok := call.Args[arg].(*ast.BasicLit)
	if !ok {
		return nil
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil || strings.Trim(text, "%vs") == "" {
		return nil
	}
	return []string{text}
}

func formatMatches(format, text string) bool {
	pattern := regexp.QuoteMeta(format)
	pattern = regexp.MustCompile(`%[a-z]`).ReplaceAllString(pattern, ".*")
	return regexp.MustCompile(pattern).MatchString(text)
}

func TestNearest(t *testing.T) {
	for written, want := range map[string]string{
		"atempts": "attempts", "retires": "", "atetmpts": "attempts", "ATTEMPTS": "attempts",
		"": "", "x": "", strings.Repeat("attempts", 100): "",
	} {
		if got := nearest(written, []string{"attempts", "waits", "budget", "offline"}); got != want {
			t.Errorf("nearest(%q) = %q, want %q", written, got, want)
		}
	}
}

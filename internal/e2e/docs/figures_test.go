package docs

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "take the figures of README.md from bench/README.md")

const (
	figuresBegin = "<!-- from bench/README.md: go test ./internal/e2e/docs -run TestFigures -update -->\n"
	figuresEnd   = "<!-- end of the figures -->\n"
	benchPage    = "bench/README.md"
)

// A cell is one of a table of bench/README.md: the one in that column of the first row that
// has these values in these columns.
type cell struct {
	column string
	row    map[string]string
}

// figures are the rows of the table in README.md.
var figures = []struct {
	what        string
	plain, ours cell
}{
	{"`go version`, nothing to fetch",
		cell{"plain go", map[string]string{"command": "go version", "bare wrapper": ""}},
		cell{"gosteady", map[string]string{"command": "go version", "bare wrapper": ""}}},
	{"`go mod download`, cold, 159 modules, 60 ms away",
		cell{"plain go", map[string]string{"set": "medium", "command": "go mod download", "latency": "60ms"}},
		cell{"gosteady", map[string]string{"set": "medium", "command": "go mod download", "latency": "60ms"}}},
	{"the same, near, every fifth answer reset and every tenth a 503",
		cell{"result", map[string]string{"command": "go mod download", "with": "plain go"}},
		cell{"time", map[string]string{"command": "go mod download", "with": "gosteady"}}},
}

// The figures of README.md are those of the benchmarks' own tables, which are printed by
// commands and say when, where and under which load they were measured.
func TestFigures(t *testing.T) {
	bench := readPage(t, benchPage)
	table := "| | plain go | gosteady |\n|---|---|---|\n"
	for _, f := range figures {
		table += fmt.Sprintf("| %s | %s | %s |\n", f.what, f.plain.find(t, bench), f.ours.find(t, bench))
	}
	page := readPage(t, "README.md")
	before, rest, begins := strings.Cut(page, figuresBegin)
	_, after, ends := strings.Cut(rest, figuresEnd)
	if !begins || !ends {
		t.Fatal("README.md has lost the marks of its figures")
	}
	want := before + figuresBegin + table + figuresEnd + after
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if page != want {
		t.Errorf("the figures of README.md are not those of %s; run: go test ./internal/e2e/docs -run TestFigures -update", benchPage)
	}
}

// find looks a cell up in the tables of a page.
func (c cell) find(t *testing.T, page string) string {
	t.Helper()
	var head []string
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case !strings.HasPrefix(line, "|"):
			head = nil
		case head == nil:
			head = cells
		case c.matches(head, cells):
			return strings.ReplaceAll(value(head, cells, c.column), "exit status 1", "fails")
		}
	}
	t.Fatalf("%s has no table with %s in a row of %v", benchPage, c.column, c.row)
	return ""
}

func (c cell) matches(head, cells []string) bool {
	for column, want := range c.row {
		if got := value(head, cells, column); got == "" || want != "" && got != want {
			return false
		}
	}
	return value(head, cells, c.column) != ""
}

func value(head, cells []string, column string) string {
	for i, name := range head {
		if name == column && i < len(cells) {
			return cells[i]
		}
	}
	return ""
}

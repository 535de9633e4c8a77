package classify_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	. "github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/policy"
)

var update = flag.Bool("update", false, "rewrite the generated part of docs/failures.md")

const (
	docsBegin = "<!-- generated from the table of classes: go test ./classify -run TestDocs -update -->\n"
	docsEnd   = "<!-- end of the generated part -->\n"
)

// TestDocs keeps the classes in docs/failures.md as the table says; -update rewrites them.
func TestDocs(t *testing.T) {
	const file = "../docs/failures.md"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(data), "\r\n", "\n")
	before, rest, begins := strings.Cut(page, docsBegin)
	_, after, ends := strings.Cut(rest, docsEnd)
	if !begins || !ends {
		t.Fatalf("%s has lost its marks", file)
	}
	want := before + docsBegin + document() + docsEnd + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if page != want {
		t.Errorf("%s is not what the table says; run: go test ./classify -run TestDocs -update", file)
	}
}

// document is the table of classes, short, and below it what each is, folded.
func document() string {
	var b strings.Builder
	b.WriteString("|class|what it is|waiting helps|gosteady|\n|---|---|---|---|\n")
	for _, row := range Table() {
		fmt.Fprintf(&b, "|`%s`|%s|%s|%s|\n", row.Class, row.Summary, usual(row), actions(row))
	}
	b.WriteString("\nGroups, for rules of a policy: `transient` is every class for which waiting helps")
	for _, word := range Words() {
		if members, group, _ := Lookup(word); group && word != "transient" {
			fmt.Fprintf(&b, "; `%s` is %s", word, strings.Join(quoted(members), ", "))
		}
	}
	b.WriteString(".\n\n<details>\n<summary>Each class: how it comes about, and what to do</summary>\n")
	for _, row := range Table() {
		writeClass(&b, row)
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

func quoted(members []Class) []string {
	var words []string
	for _, c := range members {
		words = append(words, "`"+string(c)+"`")
	}
	return words
}

// actions is what is done where no rule says otherwise.
func actions(row Info) string {
	if row.Class == Configuration || row.Class == NotFetch {
		return ""
	}
	d := policy.Default().Decide(Failure{Class: row.Class, Transient: row.Transient}, "", false)
	text := strings.Join(d.Words(), ", ")
	if d.KnownOnly {
		text += " what go.sum names"
	}
	return text
}

func usual(row Info) string {
	switch {
	case row.Class == NotFetch || row.Class == CacheCorrupt:
		return "–"
	case row.Class == Toolchain:
		return "as its cause"
	case row.Transient:
		return "yes"
	}
	return "no"
}

func writeClass(b *strings.Builder, row Info) {
	fmt.Fprintf(b, "\n**`%s`**: %s", row.Class, row.Why)
	if !strings.HasSuffix(row.Why, ".") {
		b.WriteString(".")
	}
	if row.Advice != "" {
		b.WriteString(" " + row.Advice)
	}
	if row.Folklore != "" {
		b.WriteString(" Not: " + row.Folklore)
	}
	b.WriteString("\n")
}

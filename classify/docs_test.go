package classify

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/failures.md")

// TestDocs keeps docs/failures.md as the table says; -update rewrites it.
func TestDocs(t *testing.T) {
	const file = "../docs/failures.md"
	want := document()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Errorf("%s is not what the table says; run: go test ./classify -run TestDocs -update", file)
	}
}

func document() string {
	var b strings.Builder
	b.WriteString(`# What fails, and what to do

This page is made from the table in package classify (go test ./classify -run
TestDocs -update). A class is the word that a policy, the journal and
"go steady explain" use. Whether waiting helps is a property of each failure:
the table says what is usual.

Groups for rules: "transient" is every class for which waiting usually helps;
`)
	for _, g := range groups[1:] {
		fmt.Fprintf(&b, "%q is %s;\n", g.name, strings.Join(quoted(g.members()), ", "))
	}
	b.WriteString("what is not recognised is `not-fetch`, and is never touched.\n\n| class | what it is | waiting | gosteady |\n|---|---|---|---|\n")
	for _, row := range Table() {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s | %s |\n", row.Class, row.Class, row.Summary, usual(row), strings.Join(row.Actions, ", "))
	}
	for _, row := range Table() {
		writeClass(&b, row)
	}
	return b.String()
}

func quoted(members []Class) []string {
	var words []string
	for _, c := range members {
		words = append(words, "`"+string(c)+"`")
	}
	return words
}

func usual(row Info) string {
	switch {
	case row.Class == NotFetch || row.Class == CacheCorrupt:
		return "–"
	case row.Class == Toolchain:
		return "as its cause"
	case row.Transient:
		return "helps"
	}
	return "does not help"
}

func writeClass(b *strings.Builder, row Info) {
	fmt.Fprintf(b, "\n## %s\n\n%s: %s.\n", row.Class, sentence(row.Summary), row.Why)
	if row.Advice != "" {
		fmt.Fprintf(b, "\n%s\n", row.Advice)
	}
	if row.Folklore != "" {
		fmt.Fprintf(b, "\nNot: %s\n", row.Folklore)
	}
	for _, k := range kinds {
		if k.class == row.Class {
			fmt.Fprintf(b, "\n- *%s*: %s\n", k.kind, k.advice)
		}
	}
	fmt.Fprintf(b, "\nSource: <%s>\n", row.Source)
	writeSignatures(b, row.Class)
}

func writeSignatures(b *strings.Builder, c Class) {
	first := true
	for _, s := range signatures() {
		if s.class != c || s.role == mark {
			continue
		}
		if first {
			b.WriteString("\n| wording | why | waiting | source |\n|---|---|---|---|\n")
			first = false
		}
		helps := ""
		if s.retry {
			helps = "helps"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | <%s> |\n", strings.ReplaceAll(strings.ReplaceAll(s.text, "|", "\\|"), "`", "'"), s.why, helps, s.from)
	}
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

package policy

import (
	"fmt"
	"strings"
)

// reference is the part of docs/policy-reference.md that comes from the table: every
// key with what it takes, default, ceiling and who may set it; then the actions. The
// variable of a key is its name in capitals, which the page says once.
func reference() string {
	var b strings.Builder
	b.WriteString("| key | what it is | takes | default | ceiling | from a repository |\n")
	b.WriteString("|---|---|---|---|---|---|\n")
	for i := range keys {
		k := &keys[i]
		allowed := k.allowed()
		if k.kind == kindClasses {
			allowed = "a list of classes and groups (below)"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n",
			strings.Replace(k.name, "rules.", "rules[].", 1), cell(k.doc), allowed, code(k.format(k.def)), k.ceiling(), k.fromRepository())
	}
	b.WriteString("\n| action | what it does | from a repository |\n|---|---|---|\n")
	for _, a := range actions {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", a.name, a.doc, a.trust)
	}
	return b.String()
}

// cell is a text as a table has it, where "|" ends a cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func (k *key) ceiling() string {
	text := k.format(k.max)
	if k.floor != nil {
		text += ", and at least " + k.format(k.floor) + " from a repository"
	}
	return text
}

func (k *key) fromRepository() string {
	switch k.kind {
	case kindProxies, kindSumDBs:
		return "gated, but for the well-known public ones"
	case kindActions:
		return "as each action"
	}
	if k.rule != nil {
		return Free.String()
	}
	return k.trust.String()
}

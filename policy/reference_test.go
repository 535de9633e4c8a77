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
	for i := range keys {
		k := &keys[i]
		facts := []string{k.takes()}
		if def := k.format(k.def); def != "" {
			facts = append(facts, "default "+code(def))
		}
		if most := k.ceiling(); most != "" {
			facts = append(facts, "at most "+most)
		}
		facts = append(facts, k.fromRepository())
		fmt.Fprintf(&b, "- `%s`: %s (%s)\n", strings.Replace(k.name, "rules.", "rules[].", 1), k.doc, strings.Join(facts, "; "))
	}
	b.WriteString("\n## Actions\n\n")
	for _, a := range actions {
		fmt.Fprintf(&b, "- `%s`: %s (%s)\n", a.name, a.doc, a.trust)
	}
	return b.String()
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// takes says what a value may be, with an example where the default is none.
func (k *key) takes() string {
	if k.kind == kindClasses {
		return "a list of classes and groups"
	}
	takes := k.allowed()
	if k.def != nil {
		takes, _, _ = strings.Cut(takes, " such as ")
	}
	return takes
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

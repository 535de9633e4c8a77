package explain

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/mask"
)

// mostNamed is how many modules a paragraph names before it only counts.
const mostNamed = 5

// An alike is a group of failures that one paragraph tells of.
type alike struct {
	first   classify.Failure
	modules []string
}

// Text writes for a person: one paragraph for failures that are alike (same class,
// host and advice), each line with a label, the evidence of the first one.
func Text(out io.Writer, failures []classify.Failure, actions func(classify.Failure) []string) error {
	w := bufio.NewWriter(out)
	if len(failures) == 0 {
		fmt.Fprintln(w, "no failed module fetch: gosteady would leave this alone")
	}
	for i, a := range groupAlike(failures) {
		if i > 0 {
			fmt.Fprintln(w)
		}
		a.print(w, actions(a.first))
	}
	return w.Flush()
}

func groupAlike(failures []classify.Failure) []*alike {
	type key struct {
		class        classify.Class
		host, advice string
		transient    bool
	}
	index := map[key]*alike{}
	var groups []*alike
	for _, f := range failures {
		k := key{f.Class, f.Host, f.Advice, f.Transient}
		a := index[k]
		if a == nil {
			a = &alike{first: f}
			index[k] = a
			groups = append(groups, a)
		}
		if m := moduleAt(f); m != "" {
			a.modules = append(a.modules, m)
		}
	}
	return groups
}

func (a *alike) print(w io.Writer, actions []string) {
	f := a.first
	fmt.Fprintf(w, "%s: %s\n", f.Class, f.Class.Summary())
	field(w, "module", a.named())
	field(w, "host", f.Host)
	field(w, "line", f.Evidence)
	field(w, "waiting", waiting(f))
	field(w, "gosteady", wouldDo(f, actions))
	field(w, "you", f.Advice)
}

func field(w io.Writer, label, value string) {
	if value != "" {
		fmt.Fprintf(w, "  %-9s %s\n", label, mask.Line(value))
	}
}

func (a *alike) named() string {
	if len(a.modules) <= mostNamed {
		return strings.Join(a.modules, ", ")
	}
	return fmt.Sprintf("%s, and %d more", strings.Join(a.modules[:mostNamed], ", "), len(a.modules)-mostNamed)
}

func waiting(f classify.Failure) string {
	if f.Transient {
		return "helps: the same command may well pass in a minute"
	}
	return "does not help"
}

// wouldDo says in words what the actions are.
func wouldDo(f classify.Failure, actions []string) string {
	var parts []string
	for _, action := range actions {
		parts = append(parts, inWords(action))
	}
	switch {
	case len(parts) == 0:
		return "does nothing about it"
	case (f.Class == classify.NotFound || f.Class == classify.Gone) && actions[0] == "retry" && !f.Transient:
		return "asks twice more if go.sum names that version, then hands you go's own error"
	}
	return strings.Join(parts, "; then ")
}

func inWords(action string) string {
	switch action {
	case "retry":
		return "asks again, with growing pauses"
	case "rotate":
		return "asks the next proxy that the policy trusts"
	case "direct":
		return "runs again with the origin itself in the list"
	case "purge":
		return "replaces that one module in the cache by a verified copy, if it is proven bad"
	case "purge-all":
		return "empties the module cache"
	case "vendor":
		return "builds from the vendor directory"
	case "fail":
		return "hands you go's own error"
	}
	return action
}

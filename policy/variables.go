package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/environ"
	"github.com/gosteady/gosteady/internal/mask"
)

// ownVariables are the GOSTEADY_* variables that are no keys of the file: what
// a person sets, and what one gosteady tells another.
var ownVariables = []string{
	"GOSTEADY_POLICY", "GOSTEADY_TRUST", "GOSTEADY_GO", "GOSTEADY_LOG", "GOSTEADY_STATE",
}

// UnknownVariables names the variables of an environment that look like ours
// and are not, each with the one that was probably meant.
func UnknownVariables(env []string) []string {
	known := slices.Clone(ownVariables)
	for i := range keys {
		if name := keys[i].env(); name != "" {
			known = append(known, name)
		}
	}
	var hints []string
	for _, kv := range env {
		name, _, _ := environ.Cut(kv)
		rest, ours := strings.CutPrefix(name, "GOSTEADY_")
		if !ours || slices.Contains(known, name) {
			continue
		}
		for _, k := range known {
			// Near, not merely long and alike: our own internal ones are in
			// the environment too.
			if d := distance(strings.ToLower(rest), strings.ToLower(k[len("GOSTEADY_"):])); d <= 2 && d < len(rest)/2 {
				hints = append(hints, fmt.Sprintf("%s is no variable of gosteady, did you mean %s?", mask.Quote(name), k))
				break
			}
		}
	}
	return hints
}

// UnknownWord says that a word is none of those that are allowed, and which
// one is nearest.
func UnknownWord(written string, words []string) string {
	return fmt.Sprintf("%q is unknown%s (allowed: %s)", written, didYouMean(written, words), oneOf(words))
}

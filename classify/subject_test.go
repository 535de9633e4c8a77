package classify

import "testing"

// TestNoHostThatIsNotNamed: a checksum database may be any, and one that the text
// does not name is not blamed.
func TestNoHostThatIsNotNamed(t *testing.T) {
	for text, want := range map[string]string{
		"go: example.com/a@v1.0.0: verifying go.mod: example.com/a@v1.0.0/go.mod: downloaded inconsistent tile":                                             "",
		"go: example.com/a@v1.0.0: verifying module: example.com/a@v1.0.0: checksum mismatch\n\tdownloaded: h1:b\n\tsum.golang.org: h1:c\n\nSECURITY ERROR": "sum.golang.org",
	} {
		met := Live(text)
		if len(met) == 0 || met[0].Class != Checksum || met[0].Host != want {
			t.Errorf("%q: %+v, want a checksum failure at %q", text, met, want)
		}
	}
}

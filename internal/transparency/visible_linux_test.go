package transparency

import (
	"strings"
	"testing"
)

// userCode are the ways in which code of the user's is started, cold (something
// has to be fetched first) and warm (twice, so that a stamp may be there).
var userCode = []struct{ name, script string }{
	{"run", "go run . report"},
	{"run twice", "go run . && go run . report"},
	{"run with arguments", "go run . args '' ' a  b ' $'new\\nline' $'\\xff\\xfe' -n '*' ''"},
	{"test", "PROBE='reportto '$PROBEROOT/report go test -vet=off . >/dev/null && cat $PROBEROOT/report"},
	{"test twice", "go test -vet=off . >/dev/null; PROBE='reportto '$PROBEROOT/report go test -count=1 -vet=off . >/dev/null && cat $PROBEROOT/report"},
	{"generate", "PROBEGEN=\"go run . reportto $PROBEROOT/report\" go generate && grep -v -e GOSTEADY_INNER -e GOPROXY $PROBEROOT/report"},
	{"run m@v", "go run example.com/probe@v1.0.0 report"},
	{"run m@latest", "go run example.com/probe@latest report"},
}

// TestUserCodeSees compares all that a program can see of how it was started:
// arguments, environment, directory, umask, limits, descriptors, signals.
func TestUserCodeSees(t *testing.T) {
	for _, c := range userCode {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			both(t, "", nil, func(w *world) outcome {
				o := w.bash(c.script)
				o.stderr = withoutDownloads(o.stderr)
				if o.status != 0 || len(o.stdout) < 30 {
					t.Errorf("%s: %v", w.side, o)
				}
				return o
			})
		})
	}
}

// withoutDownloads: their order is that of the network.
func withoutDownloads(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "go: downloading ") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

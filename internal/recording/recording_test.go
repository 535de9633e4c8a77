package recording

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/steady"
	"github.com/gosteady/gosteady/shim"
)

var update = flag.Bool("update", false, "record the demonstration anew, into docs/demo.svg")

// bin has the built gosteady.
var bin string

func TestMain(m *testing.M) {
	modtest.EnterRoot()
	os.Exit(modtest.WithBuilt(m, &bin, shim.Run, steady.Main))
}

const command = "gosteady demo"

var recorded = filepath.Join("docs", "demo.svg")

// The picture in README.md is the demonstration's, as it prints it today, up to times and
// ports; what go prints for modules side by side comes in any order.
func TestDemo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the picture has the words of unix for a connection that is reset")
	}
	got := modtest.Run(t, t.TempDir(), modtest.Env(t), modtest.Executable(bin, "gosteady"), "demo")
	if got.Code != 0 {
		t.Fatalf("exit status %d\n%s%s", got.Code, got.Stdout, got.Stderr)
	}
	shown := realGo.ReplaceAllString(waits.ReplaceAllString(got.Stdout, ""), "plain: /usr/local/go/bin/go")
	if *update {
		if err := os.WriteFile(recorded, []byte(SVG(command, shown)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	file := strings.ReplaceAll(string(data), "\r\n", "\n")
	_, rest, _ := strings.Cut(file, "<desc id=\"desc\">")
	text, _, _ := strings.Cut(rest, "</desc>")
	text = html.UnescapeString(text)
	if SVG(command, text) != file {
		t.Errorf("%s is not drawn from its own text; run: go test ./internal/recording -update", recorded)
	}
	if lines(text) != lines(shown) {
		t.Errorf("%s shows\n%s\nand the demonstration\n%s\nrun: go test ./internal/recording -update", recorded, text, shown)
	}
}

var (
	realGo = regexp.MustCompile(`plain: .*`)
	waits  = regexp.MustCompile(`(?m)^ *gosteady: waiting for .*\n`) // only on a busy machine
	number = regexp.MustCompile(`\d+(\.\d+)?`)
	times  = regexp.MustCompile(`\d+(\.\d+)? ?(ms|s)\b|127\.0\.0\.1:\d+|at byte \d+`)
)

// lines are the lines of a text in order of their letters, without what differs.
func lines(text string) string {
	list := strings.Split(times.ReplaceAllStringFunc(text, func(s string) string { return number.ReplaceAllString(s, "N") }), "\n")
	slices.Sort(list)
	return strings.Join(list, "\n")
}

func TestLayout(t *testing.T) {
	long := strings.Repeat("x", columns)
	rows := layout("$ go build\n  go: " + long + "\n  [ok, 1.0 s]\n")
	var got []string
	for _, r := range rows {
		got = append(got, r.class+" "+r.text)
	}
	want := []string{"command $ go build", "bad   go: " + long[:columns-6], "bad     " + long[:6], "good   [ok, 1.0 s]"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for i := range rows[1:] {
		if rows[i+1].after < rows[i].after {
			t.Errorf("row %d appears before the one above it", i+1)
		}
	}
}

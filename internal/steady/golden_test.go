package steady

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/shlex"
	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/release"
)

var update = flag.Bool("update", false, "rewrite testdata/golden")

// A terminal runs commands on a made-up machine, and keeps what a person there
// would see: the command lines, both streams as they come, the exit status if it
// is not 0.
type terminal struct {
	t     *testing.T
	app   *App
	names []string         // what differs from machine to machine, and what to call it, in turn
	times []*regexp.Regexp // what differs from run to run; groups are kept
	text  bytes.Buffer
}

// newTerminal is one whose directories below root show as if root were /.
func newTerminal(t *testing.T, app *App, root string, names ...string) *terminal {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the golden files have the paths and errors of unix")
	}
	self := here.Self()
	names = append(names, self, "/steady/gosteady", filepath.Dir(self), "/steady", root, "", "gosteady "+release.String(), "gosteady VERSION")
	return &terminal{t: t, app: app, names: resolvedToo(names)}
}

// resolvedToo adds the names of directories whose temporary directory is a link,
// as on macOS.
func resolvedToo(names []string) []string {
	all := slices.Clone(names)
	for i := 0; i < len(names); i += 2 {
		if real, err := filepath.EvalSymlinks(names[i]); filepath.IsAbs(names[i]) && err == nil && real != names[i] {
			all = append(all, real, names[i+1])
		}
	}
	return all
}

// run runs command lines: the arguments of gosteady, and "< FILE" for stdin.
func (term *terminal) run(lines ...string) *terminal {
	term.t.Helper()
	for _, line := range lines {
		command, stdin, _ := strings.Cut(line, " < ")
		args, err := shlex.Split(command)
		if err != nil {
			term.t.Fatal(err)
		}
		var input []byte
		if stdin != "" {
			if input, err = os.ReadFile(term.app.Path(stdin)); err != nil {
				term.t.Fatal(err)
			}
		}
		var out bytes.Buffer
		term.app.Stdin, term.app.Stdout, term.app.Stderr = bytes.NewReader(input), &out, &out
		code := term.app.Run(args)
		fmt.Fprintf(&term.text, "$ gosteady %s\n%s", line, out.Bytes())
		if code != 0 {
			fmt.Fprintf(&term.text, "[exit status %d]\n", code)
		}
		term.text.WriteByte('\n')
	}
	return term
}

// seen is the text, with what differs between runs and machines replaced.
func (term *terminal) seen() string {
	text := strings.NewReplacer(term.names...).Replace(term.text.String())
	for _, re := range term.times {
		text = re.ReplaceAllString(text, "${1}0${2}")
	}
	return text
}

// TestGolden compares the whole output of each command with a file in
// testdata/golden; go test ./internal/steady -run TestGolden -update rewrites them.
func TestGolden(t *testing.T) {
	for name, play := range golden {
		t.Run(name, func(t *testing.T) {
			got := play(t).seen()
			file := filepath.Join("testdata", "golden", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.ReplaceAll(string(want), "\r\n", "\n"); got != want {
				t.Errorf("%s differs (-update rewrites it); got\n%s\nwant\n%s", file, got, want)
			}
		})
	}
}

// elsewhere are the commands whose output is compared by another test.
var elsewhere = map[string]string{
	"gosteady demo": "TestDocs, with what README.md shows",
}

// TestGoldenIsComplete finds commands without a golden file, and files that no
// test makes.
func TestGoldenIsComplete(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "golden", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		if golden[name] == nil {
			t.Errorf("no test makes %s", file)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if name != "help" {
			all.Write(data)
		}
	}
	for _, c := range commandsBelow((&App{}).root()) {
		if elsewhere[c.CommandPath()] == "" && c.Runnable() && !c.HasSubCommands() && !strings.Contains(all.String(), "$ "+c.CommandPath()) {
			t.Errorf("%s has no golden file", c.CommandPath())
		}
	}
}

// commandsBelow are all commands of a tree, cobra's own help apart.
func commandsBelow(c *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.Name() != "help" && !sub.Hidden {
			list = append(list, commandsBelow(sub)...)
		}
	}
	return slices.Clip(list)
}

// TestHelpExamples: what the help texts show can be parsed.
func TestHelpExamples(t *testing.T) {
	example := regexp.MustCompile(`(?:^|\| |\()(?:go steady|gosteady) ([^|>)]*)`)
	for _, c := range commandsBelow((&App{}).root()) {
		if c.Example == "" && c.Name() != "gosteady" {
			t.Errorf("the help of %s has no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Example) {
			for _, m := range example.FindAllStringSubmatch(strings.TrimSpace(line), -1) {
				args, err := shlex.Split(m[1])
				if err != nil {
					t.Fatal(err)
				}
				if err := parses(args); err != nil {
					t.Errorf("%s: %s: %v", c.CommandPath(), line, err)
				}
			}
		}
	}
}

// parses finds the command of a line, and reads its flags and arguments.
func parses(args []string) error {
	c, rest, err := (&App{}).root().Find(args)
	if err == nil {
		err = c.ParseFlags(rest)
	}
	if err == nil {
		err = c.ValidateArgs(c.Flags().Args())
	}
	return err
}

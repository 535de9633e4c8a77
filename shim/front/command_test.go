package front

import (
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/environ"
)

func TestParse(t *testing.T) {
	tests := []struct {
		args    string
		goflags string
		command string
		dir     string
		flagsAt int
		flags   []string
		rest    []string
	}{
		{args: "build", command: "build", flagsAt: 1},
		{args: "-C sub build -o x ./...", command: "build", dir: "sub", flagsAt: 3, flags: []string{"o=x"}, rest: []string{"./..."}},
		{args: "build -C sub -n .", command: "build", dir: "sub", flagsAt: 3, flags: []string{"n"}, rest: []string{"."}},
		{args: "test -C=sub -v ./a -run X", command: "test", dir: "sub", flagsAt: 2, flags: []string{"v", "run=X"}, rest: []string{"./a"}},
		{args: "mod download -json m@v1.0.0", command: "mod download", flagsAt: 2, flags: []string{"json"}, rest: []string{"m@v1.0.0"}},
		{args: "mod download -C sub -x", command: "mod download", dir: "sub", flagsAt: 4, flags: []string{"x"}},
		{args: "mod -C sub tidy", command: "mod tidy", dir: "sub", flagsAt: 4},
		{args: "list -m -json=Path -e all", command: "list", flagsAt: 1, flags: []string{"m", "json=Path", "e"}, rest: []string{"all"}},
		{args: "run -mod=mod . -n -x", command: "run", flagsAt: 1, flags: []string{"mod=mod"}, rest: []string{".", "-n", "-x"}},
		{args: "test . -args -n", command: "test", flagsAt: 1, rest: []string{"."}},
		{args: "test -- . -n", command: "test", flagsAt: 1},
		{args: "build -- -odd", command: "build", flagsAt: 1, rest: []string{"-odd"}},
		{args: "test -test.run X .", command: "test", flagsAt: 1, flags: []string{"test.run=X"}, rest: []string{"."}},
		{args: "build --tags a,b .", command: "build", flagsAt: 1, flags: []string{"tags=a,b"}, rest: []string{"."}},
		{args: "build .", goflags: "-mod=mod -n", command: "build", flagsAt: 1, flags: []string{"mod=mod", "n"}, rest: []string{"."}},
		{args: "mod", command: ""},
		{args: "mod nonsense", command: ""},
		{args: "nonsense -x", command: ""},
		{args: "-C", command: ""},
		{args: "build -C", command: "build", flagsAt: 1, flags: []string{"C"}},
	}
	for _, tt := range tests {
		in := Parse(strings.Fields(tt.args), strings.Fields(tt.goflags))
		if in.Command != tt.command || in.Dir != tt.dir {
			t.Errorf("%q: command %q in %q, want %q in %q", tt.args, in.Command, in.Dir, tt.command, tt.dir)
		}
		if tt.command == "" {
			continue
		}
		if in.FlagsAt != tt.flagsAt {
			t.Errorf("%q: flags at %d, want %d", tt.args, in.FlagsAt, tt.flagsAt)
		}
		if !slices.Equal(in.Flags, tt.flags) || !slices.Equal(in.Rest, tt.rest) {
			t.Errorf("%q: flags %q rest %q, want %q %q", tt.args, in.Flags, in.Rest, tt.flags, tt.rest)
		}
	}
}

func TestFlagsAndPackages(t *testing.T) {
	in := Parse(strings.Fields("run -mod=mod -race=false a.go b.go -n c.go"), []string{"-mod=vendor", "-race"})
	if v, _ := in.Flag("mod"); v != "mod" {
		t.Errorf("-mod = %q: the command line must win over GOFLAGS", v)
	}
	if in.Bool("race") || in.Bool("n") {
		t.Error("-race=false counts as set, or a program's own flag as go's")
	}
	if got := in.Packages(); !slices.Equal(got, []string{"a.go", "b.go"}) {
		t.Errorf("packages %q", got)
	}
	at := Parse(strings.Fields("run example.com/m@latest x@y"), nil)
	if !at.AtVersion() || !slices.Equal(at.Packages(), []string{"example.com/m@latest"}) {
		t.Errorf("run m@latest: packages %q, at version %v", at.Packages(), at.AtVersion())
	}
	local := Parse(strings.Fields("run ./odd@dir x@y"), nil)
	if local.AtVersion() {
		t.Error("a directory with @ in its name, or a program's argument, is taken for a version")
	}
}

func TestWith(t *testing.T) {
	in := Parse(strings.Fields("test -C sub -v ."), nil)
	if got := strings.Join(in.With("-n"), " "); got != "test -C sub -n -v ." {
		t.Errorf("With(-n) = %q", got)
	}
	if in.Args[3] != "-v" {
		t.Error("With changed the invocation")
	}
}

func TestLoads(t *testing.T) {
	loads := func(args string) string { in := Parse(strings.Fields(args), nil); return strings.Join(in.Loads(), " ") }
	same := loads("test -tags=x ./...")
	for _, args := range []string{"test -v -run TestA -tags=x ./...", "test -tags x ./... -count=1 -args a b"} {
		if got := loads(args); got != same {
			t.Errorf("%s loads %q, want %q", args, got, same)
		}
	}
	for _, args := range []string{"test ./...", "test -tags=y ./...", "test -tags=x .", "test -C sub -tags=x ./...", "vet -tags=x ./..."} {
		if got := loads(args); got == same {
			t.Errorf("%s loads the same as with other tags, packages, directory or command", args)
		}
	}
	if loads("run . a") != loads("run . b") {
		t.Error("a program's arguments decide what is loaded")
	}
}

func TestUserCode(t *testing.T) {
	for args, want := range map[string]bool{
		"run .": true, "test ./...": true, "generate": true, "tool x": true,
		"test -c .": false, "test -n .": false, "run -n .": false, "build .": false, "vet .": false,
	} {
		in := Parse(strings.Fields(args), nil)
		if got := in.RunsUserCode(); got != want {
			t.Errorf("%s: runs user code %v, want %v", args, got, want)
		}
	}
}

func TestRepeatable(t *testing.T) {
	for args, want := range map[string]bool{
		"build ./...": true, "mod tidy": true, "list ./...": true, "get m@latest": true,
		"fmt ./...": false, "fix ./...": false, "clean": false,
		"build -toolexec=x .": false, "vet -vettool=x .": false, "build -overlay=/dev/fd/63 .": false,
	} {
		in := Parse(strings.Fields(args), nil)
		if got := in.Repeatable(); got != want {
			t.Errorf("%s: repeatable %v, want %v", args, got, want)
		}
	}
}

func TestReportsOnStdout(t *testing.T) {
	for args, want := range map[string]bool{
		"mod download -json": true, "list -json=Path .": true, "list -e .": true, "list .": true, "test .": false, "test -c .": true, "run -n .": true, "list -m all": false, "list -m -e all": true, "build -json .": true, "mod download": false,
	} {
		in := Parse(strings.Fields(args), nil)
		if got := in.ReportsOnStdout(); got != want {
			t.Errorf("%s: reports on stdout %v, want %v", args, got, want)
		}
	}
}

// TestEveryCommandHasARoute asks the installed toolchain which commands it has.
func TestEveryCommandHasARoute(t *testing.T) {
	known := func(c string) bool { return commandNamed(c).name != "" }
	for _, c := range subcommands(t, "help") {
		if c != "mod" && c != "work" && !known(c) {
			t.Errorf("go %s has no route", c)
		}
	}
	for _, group := range []string{"mod", "work"} {
		for _, c := range subcommands(t, "help", group) {
			if !known(group + " " + c) {
				t.Errorf("go %s %s has no route", group, c)
			}
		}
	}
}

func subcommands(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go %v: %v", args, err)
	}
	_, body, _ := strings.Cut(string(out), "The commands are:\n\n")
	body, _, _ = strings.Cut(body, "\n\n")
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+) +\w`).FindAllStringSubmatch(body, -1) {
		names = append(names, m[1])
	}
	if len(names) < 3 {
		t.Fatalf("go %v lists %q", args, names)
	}
	return names
}

func TestInnerRoundTrip(t *testing.T) {
	before := []string{"PATH=/bin", "GOPROXY=https://a.example,direct\n", "EMPTY=", "GOFLAGS=-a\n-b;c\n-ldflags=\\n\\s;"}
	changes := []string{"GOPROXY=http://127.0.0.1:1/t/0,direct", "GOSUMDB=x y", "GOFLAGS=-a", "GOPROXY=http://127.0.0.1:1/t/0"}
	inside := Wrap(before, changes, "http://127.0.0.1:1/t/0", 11)
	in, ok := ParseInner(inside)
	if !ok || in.Stderr != 11 || !in.Serves(inside) {
		t.Fatalf("ParseInner = %+v, %v", in, ok)
	}
	if v := environ.Get(inside, innerEnv); strings.Contains(v, "\n") {
		t.Errorf("%q has more than one line", v)
	}
	got := in.Restore(inside)
	slices.Sort(got)
	want := slices.Clone(before)
	slices.Sort(want)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("restored %q, want %q", got, want)
	}
}

func TestInnerLeavesWhatOthersSet(t *testing.T) {
	inside := Wrap([]string{"GOPROXY=a"}, []string{"GOPROXY=relay"}, "relay", 0)
	inside = environ.Set(inside, "GOPROXY=mine")
	in, _ := ParseInner(inside)
	if in.Serves(inside) {
		t.Error("a changed GOPROXY counts as served")
	}
	if v := environ.Get(in.Restore(inside), "GOPROXY"); v != "mine" {
		t.Errorf("GOPROXY %q was overwritten", v)
	}
}

func FuzzParseInner(f *testing.F) {
	f.Add(`12 3;proxy;A=b\\\s;-C`)
	f.Add("")
	f.Fuzz(func(t *testing.T, v string) {
		in, ok := ParseInner([]string{innerEnv + "=" + v})
		if !ok {
			return
		}
		in.Restore([]string{"A=b"})
		if again, ok := ParseInner([]string{innerEnv + "=" + in.String()}); !ok || !reflect.DeepEqual(again, in) {
			t.Errorf("%q is %+v, and %+v when written again", v, in, again)
		}
	})
}

func TestNamed(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"run example.com/a/cmd@latest x@y", "example.com/a/cmd"},
		{"get example.com/a@v1 example.com/b ./c@v1", "example.com/a"},
		{"install example.com/a@v1.0.0 example.com/b@v1.0.0", "example.com/a example.com/b"},
		{"build .", ""},
	} {
		in := Parse(strings.Fields(tt.args), nil)
		var got []string
		for _, m := range in.Named() {
			got = append(got, m.Path)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, want %q", tt.args, got, tt.want)
		}
	}
}

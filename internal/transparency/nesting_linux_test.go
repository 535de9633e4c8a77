package transparency

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
)

// TestNesting runs go commands that run go commands.
func TestNesting(t *testing.T) {
	for name, script := range map[string]string{
		"generate":          `PROBEGEN='go list -m all; go run . args 1; go env GOFLAGS' go generate`,
		"generate shadowed": `PROBEGEN='$BIN/go list -m all; $BIN/go run . args 1; $BIN/go build -o /dev/null .' go generate`,
		"generate m@v":      `PROBEGEN='go run example.com/probe@v1.0.0 args 1; $BIN/go run example.com/probe@v1.0.0 args 2' go generate; go generate`,
		"run":               `go run . call go list -m all; go run . call $BIN/go list -m all`,
		"run deep":          `go run . call $BIN/go run . call $BIN/go run . call $BIN/go run . call $BIN/go list -m example.com/m0`,
		"run m@v":           `go run example.com/probe@v1.0.0 call $BIN/go list -m all`,
		"test":              `PROBE="call $BIN/go list -m all" go test -v -vet=off . | grep -e m0 -e m1`,
		"make":              `printf 'all: a b\na b:\n\tgo build -o $@ .\n\tgo run . args $@\n' >Makefile; make; make -j2 >/dev/null; ls a b`,
		"xargs":             `printf '%s\n' a b c | xargs -P3 -I{} go run . args {} | sort`,
		"toolexec":          `printf '#!/bin/sh\n$BIN/go version >/dev/null; exec "$@"\n' >t; chmod +x t; go build -toolexec $PWD/t -o /dev/null .`,
		"pipe of two":       `go list -m -f '{{.Path}}' all | xargs go list -m`,
		"detached":          `PROBEGEN='(sleep 1; $BIN/go list -m all >$PROBEROOT/late 2>&1; touch $PROBEROOT/done) >/dev/null 2>&1 &' go generate; while ! test -e $PROBEROOT/done; do sleep .1; done; cat $PROBEROOT/late`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, "", nil, func(w *world) outcome {
				w.env = append(w.env, "BIN="+bins[w.side])
				o := w.bash(script)
				o.stdout, o.stderr = withoutDownloads(o.stdout), withoutDownloads(o.stderr)
				return o
			})
		})
	}
}

// installed makes a directory with a go of this world's side in it: a copy, a
// link, or a script.
func (w *world) installed(name string, how func(from, to string) error) string {
	w.t.Helper()
	dir := w.path(name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		w.t.Fatal(err)
	}
	if w.side == plain {
		how = os.Symlink
	}
	from, err := filepath.EvalSymlinks(filepath.Join(bins[w.side], "go"))
	if err == nil {
		err = how(from, filepath.Join(dir, "go"))
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return dir
}

func copyFile(from, to string) error { return copyWith(from, to, "") }

// otherBuild is a gosteady that is not the same file, byte for byte.
func otherBuild(from, to string) error { return copyWith(from, to, "other") }

func copyWith(from, to, more string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o777)
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, in); err == nil {
		_, err = out.WriteString(more)
	}
	if err2 := out.Close(); err == nil {
		err = err2
	}
	return err
}

// TestInstalled lays gosteady out in every way that it may be met.
func TestInstalled(t *testing.T) {
	const probeAll = "go env GOARCH GOROOT; go list -m all; go run . report; go run example.com/probe@v1.0.0 args 1; go build -o /dev/null .; which -a go | head -1 >/dev/null"
	for name, how := range map[string]func(string, string) error{
		"copied": copyFile, "linked": os.Symlink, "hard-linked": os.Link, "another build": otherBuild,
	} {
		for place, path := range map[string]string{
			"alone":               "export PATH=$X:${PATH#*:}; ",
			"before another":      "export PATH=$X:$PATH; ",
			"behind another":      "export PATH=${PATH%%:*}:$X:${PATH#*:}; ",
			"twice":               "export PATH=$X:$X:$PATH:$X; ",
			"by a relative path":  "cd $X/..; export PATH=x:${PATH#*:}; cd x; PATH=.:$PATH; cd ../main; export PATH=../x:$PATH; ",
			"with empty entries":  "export PATH=::$X::${PATH#*:}:; ",
			"by its path":         "export PATH=${PATH#*:}; go() { $X/go \"$@\"; }; ",
			"by a foreign argv 0": "export PATH=${PATH#*:}; go() { (exec -a go $X/go \"$@\"); }; ",
		} {
			if !long() && name != "another build" && place != "behind another" {
				continue
			}
			t.Run(name+" "+place, func(t *testing.T) {
				t.Parallel()
				both(t, "", nil, func(w *world) outcome {
					w.env = append(w.env, "X="+w.installed("x", how))
					o := w.bash(path + probeAll)
					o.stderr = withoutDownloads(o.stderr)
					return o
				})
			})
		}
	}
}

// TestRecorded: with an empty PATH, or one without a toolchain, the installer's
// record names the real go.
func TestRecorded(t *testing.T) {
	both(t, "", nil, func(w *world) outcome {
		dir := w.installed("x", copyFile)
		if err := os.WriteFile(filepath.Join(dir, "real-go"), []byte(modtest.RealGo(t)+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		w.env = append(w.env, "X="+dir)
		o := w.bash(`PATH= $X/go version; PATH=/nowhere $X/go list -m all; PATH=$X $X/go run . args 1; env -i $X/go env GOARCH; env -u PATH $X/go env GOOS`)
		o.stderr = withoutDownloads(o.stderr)
		return o
	})
}

// wrappers are scripts that stand for version managers. $W is their directory.
var wrappers = map[string]string{
	"exec":               `exec $REAL "$@"`,
	"spawn":              `$REAL "$@"`,
	"sets its own":       `GOROOT=$($REAL env GOROOT) exec $REAL "$@"`,
	"removes itself":     `PATH=$(printf %s "$PATH" | sed "s|$W:||g") exec go "$@"`,
	"runs the next":      `IFS=:; for d in $PATH; do test "$d" = "$W" && seen=1 && continue; test -n "$seen" && test -x "$d/go" && exec "$d/go" "$@"; done; exit 127`,
	"runs another first": `$REAL env GOVERSION >/dev/null; exec $REAL "$@"`,
}

// TestWrappers puts them before and behind gosteady.
func TestWrappers(t *testing.T) {
	const script = "go env GOARCH; go run . exit 3; echo $?; go list -m; go list ./none; echo $?"
	for name, text := range wrappers {
		for place, path := range map[string]string{
			"before": "export PATH=$W:$PATH; ",
			"behind": "export PATH=${PATH%%:*}:$W:${PATH#*:}; ",
			"around": "export PATH=$W:${PATH%%:*}:$W:${PATH#*:}; ",
		} {
			if place == "around" && (name == "removes itself" || name == "runs the next") {
				continue // in two places it is a loop by itself
			}
			t.Run(name+" "+place, func(t *testing.T) {
				t.Parallel()
				both(t, "", nil, func(w *world) outcome {
					w.wrapper("w", text)
					o := w.bash(path + script)
					o.stderr = withoutDownloads(o.stderr)
					return o
				})
			})
		}
	}
}

func (w *world) wrapper(name, text string) {
	w.t.Helper()
	file := w.path(name, "go")
	os.MkdirAll(filepath.Dir(file), 0o777)
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o777); err != nil {
		w.t.Fatal(err)
	}
	w.env = append(w.env, "W="+filepath.Dir(file), "REAL="+modtest.RealGo(w.t), "BIN="+bins[w.side])
}

// TestWrapperLoop: two that call each other end soon, and say why.
func TestWrapperLoop(t *testing.T) {
	for name, text := range map[string]string{
		"exec":  `exec $BIN/go "$@"`,
		"spawn": `$BIN/go "$@"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, steady, "")
			w.wrapper("w", text)
			for _, args := range []string{"version", "list"} {
				p := w.start("bash", "--norc", "-c", "export PATH=$BIN:$W:/usr/bin:/bin; go "+args)
				o := p.wait(20 * time.Second)
				if o.status.ExitStatus() != 126 || !strings.Contains(o.stderr, "wrap each other") {
					t.Errorf("go %s: %v", args, o)
				}
			}
			w.gone()
		})
	}
}

// TestNoToolchain: without any real go, one line says where it was looked for.
func TestNoToolchain(t *testing.T) {
	w := newWorld(t, steady, "")
	w.env = append(w.env, "X="+w.installed("x", copyFile))
	o := w.bash("export PATH=$X:/nowhere; go version")
	if o.status.ExitStatus() != 127 || strings.Count(o.stderr, "\n") != 1 || !strings.HasPrefix(o.stderr, "gosteady: ") {
		t.Error(o)
	}
}

// TestGenerateStaysServed: directives often say go run m@v, also when nothing was
// left to fetch for go generate itself.
func TestGenerateStaysServed(t *testing.T) {
	w := newWorld(t, steady, "")
	w.bash("PROBEGEN=true go generate")
	if err := w.proxy.Script("** first=2 status=500"); err != nil {
		t.Fatal(err)
	}
	o := w.bash("PROBEGEN='go run example.com/probe@v1.0.0 args 1' go generate")
	if o.status != 0 || o.stdout != "[\"1\"]\n" {
		t.Error(o)
	}
}

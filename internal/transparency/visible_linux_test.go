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
	{"tool", "go get -tool example.com/probe@v1.0.0 2>/dev/null && rm -rf $GOMODCACHE/example.com && go tool probe report"},
	{"tool twice", "go get -tool example.com/probe@v1.0.0 2>/dev/null && go tool probe args 1 && go tool probe report"},
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

// TestUserCodeOfAFailure: where one package cannot be had, go test tests the
// others, and these see nothing of what was tried.
func TestUserCodeOfAFailure(t *testing.T) {
	both(t, "/example.com/m0/@v/v1.0.0.zip status=403", nil, func(w *world) outcome {
		w.write("needs.go", "package main\n")
		w.write("broken/broken.go", "package broken\n\nimport _ \"example.com/m0\"\n")
		o := w.bash("PROBE=\"reportto $PROBEROOT/report\" go test -vet=off ./... | sed 's/[0-9.]*s$//'; cat $PROBEROOT/report")
		o.stderr = withoutDownloads(o.stderr)
		return o
	})
}

// TestUserCodeOfAnotherPlatform: what runs programs of another platform still
// does.
func TestUserCodeOfAnotherPlatform(t *testing.T) {
	if !long() {
		t.Skip("compiles the standard library once more")
	}
	both(t, "", nil, func(w *world) outcome {
		w.wrapper("w", "exec $REAL \"$@\"")
		o := w.bash(`printf '#!/bin/sh\necho runner; exec "$@"\n' >$W/go_linux_386_exec; chmod +x $W/go_linux_386_exec
PATH=$PATH:$W GOARCH=386 go run example.com/probe@v1.0.0 report; PATH=$PATH:$W GOARCH=386 go run . args 1`)
		o.stderr = withoutDownloads(o.stderr)
		return o
	})
}

// fakeGo is a go command in a tree of its own, which looks at how it was started before
// it becomes the real one.
const fakeGo = `#!/bin/bash
for fd in 0 1 2; do test -t $fd && terminals="$terminals $fd"; done
test -e $PROBEROOT/report || { # go doc runs another go
	echo terminals$terminals
	ls /proc/self/fd | grep -c .
	grep -E 'Sig(Ign|Blk)|Groups' /proc/self/status
	echo parent $PPID, group $(ps -o pgid=,tpgid= -p $$)
	env | grep -v -e ^_= -e ^SHLVL= -e ^GOSTEADY_GO= | sort
} >$PROBEROOT/report 2>&1
exec $REAL "$@"
`

// TestStampedIsReplaced: a command for which there is nothing to fetch is the real go, in
// the place where the shell started it.
func TestStampedIsReplaced(t *testing.T) {
	for _, command := range []string{
		"build -o /dev/null .", "install .", "list -deps .", "vet .", "doc example.com/m0", "fix .", "list -m all",
		"test -vet=off -run none .",
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, steady, "")
			w.warm()
			goroot := strings.TrimSpace(w.bash("go env GOROOT").stdout)
			tree := w.path("tree")
			o := w.bash("mkdir -p " + tree + "/bin; cd " + tree + "; ln -s " + goroot + "/{VERSION,go.env,pkg,src} .; cat >bin/go <<'E'\n" + fakeGo + "E\nchmod +x bin/go")
			if o.status != 0 {
				t.Fatal(o)
			}
			script := "export GOSTEADY_GO=" + tree + "/bin/go REAL=" + goroot + "/bin/go; go " + command + "; rm -f $PROBEROOT/report; " +
				"$GOSTEADY_GO " + command + "; mv $PROBEROOT/report $PROBEROOT/plain; echo now; go " + command + "; echo $?; diff $PROBEROOT/plain $PROBEROOT/report && echo same"
			got := w.terminal(script).wait(limit)
			if !strings.HasSuffix(got.stdout, "0\nsame\n") {
				t.Error(got)
			}
			if report := w.bash("cat $PROBEROOT/report").stdout; !strings.Contains(report, "terminals 0 1 2") {
				t.Errorf("a terminal is none: %s", report)
			}
		})
	}
}

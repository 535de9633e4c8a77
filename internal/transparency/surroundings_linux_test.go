package transparency

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// everyRoute has a command for each route.
const everyRoute = `
go version >/dev/null
go list ./... || echo failed $?
go run . args 1 || echo failed $?
go run example.com/probe@v1.0.0 args 2 || echo failed $?
`

// manyCommands has some for each way in which a route is chosen.
const manyCommands = everyRoute + `
go env GOARCH
go mod download || echo failed $?
go build -o $PROBEROOT/x . || echo failed $?
go test -vet=off . >/dev/null || echo failed $?
PROBEGEN='echo generated' go generate || echo failed $?
go mod why example.com/m0 || echo failed $?
`

// TestSurroundings takes away what a wrapper might need.
func TestSurroundings(t *testing.T) {
	const ownHome = "unset XDG_STATE_HOME XDG_CONFIG_HOME; "
	for name, script := range map[string]string{
		"no home directory":        ownHome + "export HOME=/no-home;" + manyCommands + "ls -d /no-home",
		"no home":                  ownHome + "unset HOME;" + everyRoute,
		"home that nobody writes":  ownHome + "export HOME=/proc;" + everyRoute,
		"home is a file":           ownHome + "export HOME=/dev/null;" + everyRoute,
		"home is relative":         ownHome + "export HOME=some/where;" + everyRoute + "find some",
		"no state directory":       "export GOSTEADY_STATE=/proc/none;" + everyRoute,
		"state is a file":          "export XDG_STATE_HOME=/dev/null;" + everyRoute,
		"state is relative":        "export XDG_STATE_HOME=state;" + everyRoute + "find state",
		"no temporary directory":   "export TMPDIR=/no-tmp;" + manyCommands,
		"temporary directory full": "export TMPDIR=/proc;" + everyRoute,
		// Without the tests' own variables go's telemetry would write in the background.
		"nothing":            `mkdir -p $HOME/.config/go/telemetry && echo off >$HOME/.config/go/telemetry/mode; env -i $(command -v go) version; env -i $(command -v go) list; echo $?; env -i HOME=$HOME $(command -v go) env GOPROXY`,
		"almost nothing":     `mkdir -p $HOME/.config/go/telemetry && echo off >$HOME/.config/go/telemetry/mode; env -i HOME=$HOME GOPROXY=$GOPROXY GOPATH=$GOPATH GOCACHE=$GOCACHE GOSUMDB=off $(command -v go) list -deps . | tail -4`,
		"odd variables":      `env 'X' 2>/dev/null; env '=y=z' 'A B=c' $'N=\n' GOPROXY="$GOPROXY" go run . report`,
		"internal variables": "export GOTOOLCHAIN_INTERNAL_SWITCH_COUNT=3 GOTOOLCHAIN_INTERNAL_SWITCH_VERSION=$(go env GOVERSION);" + everyRoute + "go run . report",
		"settings by file":   "export GOENV=$PROBEROOT/env; go env -w GOPROXY=$GOPROXY GOFLAGS=-modcacherw; unset GOPROXY GOFLAGS;" + everyRoute + "go env -changed | grep -v CC",
		"all settings":       "go env | grep -v GOGCCFLAGS; go env -json GOPROXY GOFLAGS GOSUMDB",
		"GOSTEADY=off":       "export GOSTEADY=off;" + everyRoute,
		"direct":             "go mod download; export GOPROXY=direct;" + strings.ReplaceAll(everyRoute, "go run example", "echo "),
		"off":                "go mod download; export GOPROXY=off;" + everyRoute,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, "", nil, func(w *world) outcome {
				o := w.bash(script)
				o.stderr = withoutDownloads(o.stderr)
				return o
			})
		})
	}
}

// TestNoLoopback runs in a network namespace where nothing answers, not even
// ourselves.
func TestNoLoopback(t *testing.T) {
	if err := exec.Command("unshare", "-n", "true").Run(); err != nil {
		t.Skip("no network namespaces:", err)
	}
	for name, script := range map[string]string{
		"all is there": "go mod download example.com/probe@v1.0.0; go mod download; exec unshare -n bash -c '" + everyRoute + "'",
		"file":         "go mod download; export GOPROXY=file://$GOMODCACHE/cache/download GOMODCACHE=$PROBEROOT/second; exec unshare -n bash -c '" + everyRoute + "'",
		"list":         "go mod download; export GOPROXY=http://127.0.0.1:1'|'file://$GOMODCACHE/cache/download GOMODCACHE=$PROBEROOT/second; exec unshare -n bash -c '" + everyRoute + "'",
		"fails":        "exec unshare -n bash -c 'go list -m example.com/none@latest; echo $?; go list -deps .; echo $?'",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, "", nil, func(w *world) outcome {
				o := w.bash(script)
				o.stderr = withoutDownloads(o.stderr)
				return o
			})
		})
	}
}

// TestNothingIsWritten compares all files of the two worlds, temporary ones
// included, after commands that met no failure. A stamp is all that may be more.
func TestNothingIsWritten(t *testing.T) {
	for name, script := range map[string]string{
		"cold":    manyCommands,
		"warm":    everyRoute + manyCommands,
		"failing": "go build ./none; go run ./none; go test ./none; go mod download nonsense; go nonsense; echo 'package main; func f() { return 1 }' >bad.go; go build; go vet; go run .; go test; echo nonsense >go.mod; go list",
		"tidy":    "rm go.sum; go mod tidy; go mod vendor; go mod verify; go mod graph; go vet",
		"tool":    "go get -tool example.com/probe@v1.0.0; go tool probe args 1; go tool; go tool probe report | grep -v -e env",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, "", nil, func(w *world) outcome {
				w.env = append(w.env, "TMPDIR="+w.path("tmp"))
				os.Mkdir(w.path("tmp"), 0o777)
				p := w.start("bash", "--norc", "-c", script)
				o := p.wait(limit)
				w.gone()
				os.Remove(p.out.Name())
				os.Remove(p.err.Name())
				o.stderr = withoutDownloads(o.stderr)
				o.stdout += w.files()
				return o
			})
		})
	}
}

// files lists every file of the world, but for stamps.
func (w *world) files() string {
	var list []string
	filepath.WalkDir(w.root, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(w.root, name)
		if strings.HasPrefix(rel, "state/gosteady/stamps") || rel == "state" || rel == "state/gosteady" || err != nil {
			return nil
		}
		fi, err := d.Info()
		if err != nil {
			return nil
		}
		size := fi.Size()
		if d.IsDir() || strings.Contains(rel, "cache/lock") {
			size = 0
		}
		list = append(list, fmt.Sprintf("%v %d %s", fi.Mode(), size, rel))
		return nil
	})
	sort.Strings(list)
	return strings.Join(list, "\n")
}

// TestToolsSee compares the environment of the tools that a supervised go starts:
// it may differ in these variables only.
func TestToolsSee(t *testing.T) {
	const script = `printf '#!/bin/sh\nenv -0 | sort -z | tr "\\0\\n" "\\n " >$PROBEROOT/env\nexec "$@"\n' >$PROBEROOT/tool; chmod +x $PROBEROOT/tool
go build -toolexec $PROBEROOT/tool -o /dev/null . ; grep -v -e ^GOPROXY= -e ^GOSTEADY_ -e ^GOMAXPROCS= -e ^TOOLEXEC -e ^PWD= -e ^WORK= $PROBEROOT/env; ulimit -Sn; cat /proc/self/oom_score_adj`
	both(t, "", nil, func(w *world) outcome {
		o := w.bash(script)
		o.stderr = ""
		return o
	})
}

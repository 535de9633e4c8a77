package transparency

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// streams are scripts whose output and exit status depend on how descriptors,
// arguments and the surroundings of a process reach what they are meant for.
// "cold" ones have to fetch first.
var streams = []struct{ name, script string }{
	{"stdin run cold", `printf 'a\nb' | go run . cat`},
	{"stdin run m@v", `printf 'a\nb' | go run example.com/probe@v1.0.0 cat`},
	{"stdin test cold", `printf 'a\nb' | PROBE=cat go test -vet=off -v | grep -v ^ok`},
	{"stdin is left cold", `printf 'a\nb' | (go build -o /dev/null .; go list; cat)`},
	{"stdin left by run", `printf 'a\nb' | (go run . exit 0; cat)`},
	{"extra descriptor run cold", `go run . fd 3 3>$PROBEROOT/f; cat $PROBEROOT/f`},
	{"extra descriptor run m@v", `go run example.com/probe@v1.0.0 fd 7 7>$PROBEROOT/f; cat $PROBEROOT/f`},
	{"extra descriptor build cold", tool + `go build -toolexec $PROBEROOT/tool -o /dev/null . 5>$PROBEROOT/f; sort -u $PROBEROOT/f`},
	{"exit status run cold", `go run . exit 3; echo $?`},
	{"exit status run m@v", `go run example.com/probe@v1.0.0 exit 3; echo $?`},
	{"death by a signal", `go run . die 9; echo $?; go run . die 15; echo $?; go run example.com/probe@v1.0.0 die 9; echo $?`},
	{"failing test", `PROBE='exit 3' go test -vet=off . | sed s/[0-9.]*s$//; echo ${PIPESTATUS[0]}`},
	{"closed stdin", `go run . report <&-; go build -o /dev/null . <&-; go list <&-; echo $?`},
	{"closed stdout list", `go list >&-; echo $?`},
	{"closed stdout json", `go list -json >&-; echo $?; go mod download -json >&-; echo $?`},
	{"closed stdout run", `go run . order >&-; echo $?`},
	{"closed stdout run m@v", `go run example.com/probe@v1.0.0 order >&-; echo $?`},
	{"closed stderr", `go list 2>&-; echo $?; go list ./none 2>&-; echo $?; go run . report 2>&-; echo $?`},
	{"closed stderr run m@v", `go run example.com/probe@v1.0.0 report 2>&-; echo $?`},
	{"all closed", `(exec <&- >&- 2>&-; go build -o $PROBEROOT/x .); echo $?; $PROBEROOT/x args 1`},
	{"order run cold", `go mod download; go run . order 2>&1`},
	{"order run m@v", `go mod download example.com/probe@v1.0.0; go run example.com/probe@v1.0.0 order 2>&1`},
	{"order test", `go mod download; PROBE=order go test -v -vet=off 2>&1 | grep -e ^out -e ^err`},
	{"order list", `go mod download; go list -e -json=ImportPath ./... ./none example.com/none 2>&1`},
	{"order vet", `echo 'package main; func f() { return 1 }' >bad.go; go mod download; go vet 2>&1`},
	{"one file twice run", `go mod download; go run . order >$PROBEROOT/f 2>$PROBEROOT/f; cat $PROBEROOT/f`},
	{"one file twice run m@v", `go mod download example.com/probe@v1.0.0; go run example.com/probe@v1.0.0 order >$PROBEROOT/f 2>$PROBEROOT/f; cat $PROBEROOT/f`},
	{"one file twice list", `go mod download; go list -e . ./none >$PROBEROOT/f 2>$PROBEROOT/f; cat $PROBEROOT/f`},
	{"one file twice list json", `go mod download; go list -json=Dir . >$PROBEROOT/f 2>$PROBEROOT/f; cat $PROBEROOT/f`},
	{"appended", `echo before >$PROBEROOT/f; go mod download; go list -json=ImportPath . ./none >>$PROBEROOT/f 2>&1; cat $PROBEROOT/f`},
	{"written from the middle", `go mod download; (echo before; go list -json=ImportPath . ./none; echo after) >$PROBEROOT/f 2>&1; cat $PROBEROOT/f`},
	{"prompt", `(sleep 1; echo bob) | go run . prompt`},
	{"full disk list", `go list -f '{{.ImportPath}} {{.Dir}}' std >/dev/full; echo $?; go list . >/dev/full; echo $?; go list -json std >/dev/full; echo $?; go list std 2>&1 >/dev/full; echo $?`},
	{"full disk others", `go mod download; go mod download -json >/dev/full; echo $?; go test -json . >/dev/full; echo $?; go list -m -json all >/dev/full; echo $?; go build -json . >/dev/full; echo $?`},
	{"full disk vet", `go mod download; go vet -json . >/dev/full 2>/dev/null; echo $?`},
	{"slow reader", `go list -json std | { while IFS= read -r -N 4096 x; do n=$((n + ${#x})); sleep .02; done; echo $((n + ${#x})); }`},
	{"slow reader 2>&1", `go list -f '{{.ImportPath}} {{.Deps}}' std 2>&1 | { while IFS= read -r -N 4096 x; do n=$((n + ${#x})); sleep .02; done; echo $((n + ${#x})); }`},
	{"reader gone list", `go list -f '{{.ImportPath}}{{range .Deps}} {{.}}{{end}}' std | head -1; echo ${PIPESTATUS[@]}`},
	{"reader gone list json", `go list -json std | head -1; echo ${PIPESTATUS[@]}`},
	{"reader gone before list", `go mod download; (sleep .3; go list) | true; echo ${PIPESTATUS[@]}`},
	{"reader gone before list json", `go mod download; (sleep .3; go list -json) | true; echo ${PIPESTATUS[@]}`},
	{"reader gone before list json 2>&1", `go mod download; (sleep .3; go list -json) 2>&1 | true; echo ${PIPESTATUS[@]}`},
	{"reader gone before an error", `go mod download; (sleep .3; go list ./none) 2>&1 | true; echo ${PIPESTATUS[@]}`},
	{"reader gone before an error on stderr", `go mod download; (sleep .3; go build ./none 2>&1 >/dev/null) | true; echo ${PIPESTATUS[@]}`},
	{"reader gone run", `go run . big 10 | head -c1; echo ${PIPESTATUS[@]}`},
	{"reader gone run m@v", `go run example.com/probe@v1.0.0 big 10 2>/dev/null | head -c1; echo ${PIPESTATUS[@]}`},
	{"pipe signal ignored", `trap '' PIPE; go run . big 10 | head -c1; echo ${PIPESTATUS[@]}`},
	{"foreign bytes", `go list $'\xff\xfe'; go build -o $'x\xff' . && ls x*; go mod download $'a\xff@v1.0.0'; echo $?`},
	{"empty arguments", `go list '' .; echo $?; go build -o $PROBEROOT/x '' ; echo $?; go run . args '' ''; go '' ; echo $?; go mod ''; echo $?`},
	{"many arguments", `a=$(seq -f "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%g" 1 18000); go run . args $a | cksum; a=$(seq -f a%g 1 18000); go list $a 2>&1 | cksum`},
	{"too many arguments", `a=$(seq -f "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%g" 1 60000); go run . args $a 2>/dev/null; echo $?`},
	{"environment at the limit", `chunk=$(head -c 120000 /dev/zero | tr '\0' x); for i in $(seq 40); do export X$i=$chunk; go version >/dev/null 2>&1 || break; done
unset X$i; n=100000; while :; do export Y=${chunk:0:$n}; go version >/dev/null 2>&1 && break; n=$((n - 2000)); done
export Y=${Y:200}; echo $i; go list -m; echo $?; go run . args 1; echo $?; go run example.com/probe@v1.0.0 args 2; echo $?`},
	{"argument that is a pipe", `go list -overlay <(echo '{}') -m; go run -overlay <(echo '{}') . args 1; go build -overlay <(echo '{}') -o /dev/null .; echo $?; go vet -overlay <(echo '{}'); echo $?`},
	{"input is a terminal's opposite", `go run . cat </dev/null; go list </dev/null; go run example.com/probe@v1.0.0 cat <go.mod`},
	{"umask", `umask 027; go mod download; go build -o x .; find x $GOMODCACHE -printf '%m %y %P\n' | sort`},
	{"umask run", `umask 077; go run . report`},
	{"few descriptors", fewFiles + `ulimit -Sn 100; go run . report; go list`},
	// With a build cache of its own: a go that runs out of descriptors leaves wrong indexes of GOROOT's directories behind.
	{"very few descriptors", `export GOCACHE=$PROBEROOT/cache; ulimit -n 12; go list . >/dev/null 2>&1; go mod download 2>/dev/null; ulimit -n`},
	{"limits", `ulimit -c 0 -Ss 4096; go run . report; go run example.com/probe@v1.0.0 report`},
	{"nice", `nice -n 5 go run . report; nice -n 5 go run example.com/probe@v1.0.0 report`},
	{"directory gone", `mkdir d; cd d; rmdir ../d; go env GOARCH; go list; echo $?; go build; echo $?; go run . ; echo $?; go mod download; echo $?; go run example.com/probe@v1.0.0 args 1`},
	{"directory behind a link", `ln -s $PWD $PROBEROOT/link; cd $PROBEROOT/link; go run . report; go list -f {{.Dir}}; go env GOMOD; go test -count=1 -vet=off . | sed s/[0-9.]*s$//`},
	{"PWD is wrong", `PWD=/nowhere go run . report; unset PWD; go run . report; PWD=/ go list -f {{.Dir}}`},
	{"directory with a newline", `mkdir $'a\nb'; cp *.go go.* $'a\nb'; cd $'a\nb'; go list; go build -o x .; echo $?; go run . report; echo $?; go mod download; go vet; echo $?`},
	{"-C", `cd /; go -C $PROBEROOT/main run . report; go list -C $PROBEROOT/main; go run -C $PROBEROOT/main . report`},
	{"help", `go; echo $?; go help; go help mod download; go mod; echo $?; go nonsense; echo $?; go list -nonsense; echo $?; go build -h; echo $?`},
	{"compile errors", `echo 'package main; func f() { return 1 }' >bad.go; go build; echo $?; go vet; echo $?; go run .; echo $?; go test -vet=off; echo $?; go list; echo $?`},
	{"text like ours", `go run . args 'reading https://proxy.golang.org/x/@v/list: 502 Bad Gateway'; go list 'example.com/m0: unexpected EOF'; echo $?`},
}

// fewFiles keeps go from writing what it cannot read for want of descriptors into
// the index of packages, which outlives the test in the shared build cache.
const fewFiles = `export GODEBUG=goindex=0; `

// tool makes a tool that writes a line to descriptor 5 whenever it starts another.
const tool = `printf '#!/bin/sh\necho tool >&5\nexec "$@"\n' >$PROBEROOT/tool; chmod +x $PROBEROOT/tool; `

func TestStreams(t *testing.T) {
	for _, c := range streams {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			both(t, "", nil, func(w *world) outcome {
				o := w.bash(c.script)
				o.stdout, o.stderr = withoutDownloads(o.stdout), withoutDownloads(o.stderr)
				return o
			})
		})
	}
}

// TestGrandchildren: what a program leaves behind holds its streams, but nobody
// waits for it.
func TestGrandchildren(t *testing.T) {
	for name, script := range map[string]string{
		"run":         "go run . leave 20",
		"run m@v":     "go run example.com/probe@v1.0.0 leave 20",
		"run to pipe": "go run . leave 20 2>&1 >/dev/null",
		"cacheprog":   `GOCACHEPROG="sh -c 'sleep 20 >/dev/null & exit 1'" go build . 2>/dev/null; echo $?`,
		"list json":   `GOCACHEPROG="sh -c 'sleep 20 >/dev/null & exit 1'" go list -json -export . 2>/dev/null; echo $?`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, "", nil, func(w *world) outcome {
				p := w.start("bash", "--norc", "-c", script)
				o := p.wait(15 * time.Second)
				o.stdout, o.stderr = withoutDownloads(o.stdout), withoutDownloads(o.stderr)
				return o
			})
		})
	}
}

// TestBigOutput passes hundreds of megabytes on and looks at our own memory.
func TestBigOutput(t *testing.T) {
	size := 150
	if long() {
		size = 1000
	}
	const most = 80 << 10 // KiB; measured: about 30 MB
	for name, script := range map[string]string{
		"run":            "go run . big %d | wc -c",
		"run m@v":        "go run example.com/probe@v1.0.0 big %d | wc -c",
		"run m@v 2>&1":   "go run example.com/probe@v1.0.0 big %d 2>&1 | grep -c xxx",
		"long line":      `go list -f '{{printf "%%0%d000000d" 1}}' | wc -c`,
		"long line 2>&1": `go mod download; go list -f '{{printf "%%0%d000000d" 1}}' 2>&1 | wc -c`,
		"many lines":     `go mod download; go list -f '{{range $i := .GoFiles}}{{printf "%%0%d000000d\n" 1}}{{end}}' 2>&1 | wc -c`,
	} {
		t.Run(name, func(t *testing.T) {
			size := size
			if strings.Contains(script, "printf") {
				size /= 10 // go holds it in memory itself
			}
			peak := 0
			both(t, "", nil, func(w *world) outcome {
				stop := w.watchMemory(&peak)
				defer stop()
				o := w.bash(fmt.Sprintf(script, size))
				o.stderr = ""
				return o
			})
			if peak > most {
				t.Errorf("gosteady needed %d KiB", peak)
			}
		})
	}
}

// watchMemory notes the most memory that a process of ours had resident.
func (w *world) watchMemory(peak *int) (stop func()) {
	return lookOften(func() {
		for _, pid := range w.ours() {
			*peak = max(*peak, residentPeak(pid))
		}
	})
}

// lookOften calls look until it is told to stop.
func lookOften(look func()) (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-end:
				return
			case <-time.After(50 * time.Millisecond):
				look()
			}
		}
	}()
	return func() { close(end); <-ended }
}

// ours are the running processes that are gosteady.
func (w *world) ours() []int {
	var pids []int
	for pid := range w.left() {
		exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		if filepath.Dir(exe) == bins[steady] {
			pids = append(pids, pid)
		}
	}
	return pids
}

// residentPeak is the VmHWM of a process in KiB.
func residentPeak(pid int) int {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return 0
}

package transparency

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// soon is how long a command may take to end after a signal.
const soon = 2 * time.Second

// A moment is something that a command is in the middle of when a signal comes.
type moment struct {
	name   string
	rules  string // how the proxy brings it about for plain go
	steady string // and for gosteady; empty: the same
	env    []string
	args   []string
	until  string // a path that has been asked for by then
	git    string // or what git does
}

var moments = []moment{
	{name: "load", rules: "**.mod hang", args: []string{"list", "-m", "all"}, until: "**.mod", env: nosum},
	{name: "download", rules: "**.zip hang", args: []string{"mod", "download"}, until: "**.zip"},
	{name: "body", rules: "**.zip stall", args: []string{"build", "-o", os.DevNull, "."}, until: "**.zip"},
	{name: "wait for a retry", rules: "**.zip hang", steady: "**.zip status=503", args: []string{"vet", "."}, until: "**.zip"},
	{name: "warm step of run", rules: "**.zip hang", args: []string{"run", "."}, until: "**.zip"},
	{name: "wait in the warm step of test", rules: "**.zip hang", steady: "**.zip status=503", args: []string{"test", "."}, until: "**.zip"},
	{name: "run m@v", rules: "**.zip hang", args: []string{"run", "example.com/probe@v1.0.0"}, until: "**.zip"},
	{name: "git", env: direct, args: []string{"list", "-m", "example.com/a.git@latest"}, git: "sleep 60"},
	{name: "wait before running again", env: direct, args: []string{"list", "-m", "example.com/a.git@latest"},
		git: `echo "fatal: unable to access 'https://example.com/a.git/': Could not resolve host: example.com" >&2; exit 128`},
	{name: "running again", env: append([]string{"GOSTEADY_RETRY_WAITS=1ms"}, direct...), args: []string{"list", "-m", "example.com/a.git@latest"},
		git: `test -e $PROBEROOT/second && exec sleep 60; touch $PROBEROOT/second
echo "fatal: unable to access 'https://example.com/a.git/': Could not resolve host: example.com" >&2; exit 128`},
}

var (
	nosum  = []string{"GOFLAGS=-modcacherw -mod=mod"}
	direct = []string{"GOPROXY=direct", "GOVCS=*:all"}
)

// reach starts a command and returns when its moment has come.
func (m moment) reach(w *world) *process {
	w.env = append(w.env, "GOSTEADY_RETRY_WAITS=1m")
	w.env = append(w.env, m.env...)
	if m.git != "" {
		w.fakeGit(m.git)
	}
	p := w.start(filepath.Join(bins[w.side], "go"), m.args...)
	switch {
	case m.until != "":
		w.asked(m.until, 1)
	default:
		m.awaitGit(w)
	}
	time.Sleep(150 * time.Millisecond) // an answer, if there is one, is on its way
	return p
}

// fakeGit puts a git in PATH that notes each start.
func (w *world) fakeGit(script string) {
	file := w.path("gitbin", "git")
	os.MkdirAll(filepath.Dir(file), 0o777)
	if w.side == plain {
		script = "exec sleep 60"
	}
	text := "#!/bin/sh\ncase $* in version) echo git version 2.40.0; exit;; *-q*) ;; *) exit 0;; esac\n" +
		"echo x >>$PROBEROOT/git\n" + script + "\n"
	if err := os.WriteFile(file, []byte(text), 0o777); err != nil {
		w.t.Fatal(err)
	}
	path := ""
	for _, kv := range w.env {
		if v, ok := strings.CutPrefix(kv, "PATH="); ok {
			path = v
		}
	}
	bin, rest, _ := strings.Cut(path, ":")
	w.env = append(w.env, "PATH="+bin+":"+filepath.Dir(file)+":"+rest)
}

func (m moment) awaitGit(w *world) {
	starts := 1
	if w.side == steady && strings.Contains(m.git, "second") {
		starts = 2
	}
	eventually(w.t, func() string {
		data, _ := os.ReadFile(w.path("git"))
		if len(data) < 2*starts {
			return "git was not started"
		}
		return ""
	})
}

// TestSignals sends a signal to the process, or to its whole group as a terminal
// does, and expects the wait status that plain go has.
func TestSignals(t *testing.T) {
	signals := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}
	for i, m := range moments {
		for j, sig := range signals {
			if !long() && (i+j)%2 == 1 && m.git == "" {
				continue
			}
			for _, group := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%v group=%v", m.name, sig, group), func(t *testing.T) {
					t.Parallel()
					m.compare(t, sig, group)
				})
			}
		}
	}
}

// waiting is the one line that a wait of more than five seconds is announced by.
var waiting = regexp.MustCompile(`(?m)^gosteady: waiting .*\n`)

func (m moment) compare(t *testing.T, sig syscall.Signal, group bool) {
	var got [2]syscall.WaitStatus
	for i, s := range []side{plain, steady} {
		rules := m.rules
		if s == steady && m.steady != "" {
			rules = m.steady
		}
		w := newWorld(t, s, rules)
		p := m.reach(w)
		p.signal(sig, group)
		o := p.wait(soon)
		got[i] = o.status
		if text := waiting.ReplaceAllString(o.stderr, ""); strings.Contains(text, "gosteady") && sig != syscall.SIGQUIT {
			t.Errorf("it says: %s", text)
		}
		if group || m.git == "" { // git survives a go that is killed alone
			w.gone()
		}
	}
	if got[0] != got[1] {
		t.Errorf("wait status %#x, plain go has %#x", got[1], got[0])
	}
}

// TestSignalsUnread sends a signal to a command whose output nobody reads: go dies
// in its write.
func TestSignalsUnread(t *testing.T) {
	for _, group := range []bool{false, true} {
		t.Run(fmt.Sprintf("group=%v", group), func(t *testing.T) {
			t.Parallel()
			var got [2]syscall.WaitStatus
			for i, s := range []side{plain, steady} {
				w := newWorld(t, s, "")
				r, full, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				cmd := exec.Command(filepath.Join(bins[s], "go"), "list", "-json", "std")
				cmd.Stdout, cmd.Stderr = full, full
				p := w.startCmd(cmd)
				full.Close()
				time.Sleep(3 * time.Second) // until all that holds the output is full
				p.signal(syscall.SIGTERM, group)
				got[i] = p.wait(soon).status
				w.gone()
			}
			if got[0] != got[1] {
				t.Errorf("wait status %#x, plain go has %#x", got[1], got[0])
			}
		})
	}
}

// TestInterruptedWait: go steady last tells what was waited for.
func TestInterruptedWait(t *testing.T) {
	w := newWorld(t, steady, "**.zip status=503", "GOSTEADY_RETRY_WAITS=1m")
	p := w.start(filepath.Join(bins[steady], "go"), "mod", "download")
	w.asked("**.zip", 1)
	time.Sleep(150 * time.Millisecond) // the answer is on its way
	p.signal(syscall.SIGINT, true)
	p.wait(soon)
	o := w.start(filepath.Join(bins[steady], "go"), "steady", "last").wait(limit)
	if !strings.Contains(o.stdout, "503") || !strings.Contains(o.stdout, "not healed") {
		t.Error(o)
	}
}

// TestKilled kills gosteady: no go survives it.
func TestKilled(t *testing.T) {
	for _, m := range moments {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			rules := m.rules
			if m.steady != "" {
				rules = m.steady
			}
			w := newWorld(t, steady, rules)
			p := m.reach(w)
			p.signal(syscall.SIGKILL, false)
			p.wait(soon)
			eventually(t, func() string {
				for _, cmdline := range w.left() {
					if strings.HasPrefix(filepath.Base(strings.Fields(cmdline + " -")[0]), "go") {
						return "still there: " + cmdline
					}
				}
				return ""
			})
		})
	}
}

// TestSignalsInUserCode sends signals to a job whose program writes down what it
// gets.
func TestSignalsInUserCode(t *testing.T) {
	for name, script := range map[string]string{
		"run":        "exec go run . signals $PROBEROOT/got",
		"run m@v":    "exec go run example.com/probe@v1.0.0 signals $PROBEROOT/got",
		"test":       "PROBE=\"signals $PROBEROOT/got\" exec go test -vet=off .",
		"generate":   "PROBEGEN=\"exec $PROBEROOT/main/main signals $PROBEROOT/got\" exec go generate",
		"background": "go run . signals $PROBEROOT/got & wait",
	} {
		for _, group := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s group=%v", name, group), func(t *testing.T) {
				t.Parallel()
				both(t, "", nil, func(w *world) outcome { return w.recordSignals(script, group) })
			})
		}
	}
}

func (w *world) recordSignals(script string, group bool) outcome {
	if strings.Contains(script, "generate") {
		w.gocmd("build", "-o", "main", ".")
	}
	p := w.start("bash", "--norc", "-c", script)
	pid := w.awaitLine("ready ")
	for _, sig := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGHUP, syscall.SIGINT, syscall.SIGWINCH, syscall.SIGINT, syscall.SIGTERM} {
		if !group && (sig == syscall.SIGHUP || sig == syscall.SIGTERM) {
			continue // ends go itself, and leaves the program
		}
		p.signal(sig, group)
		time.Sleep(40 * time.Millisecond)
	}
	if !group {
		n, _ := strconv.Atoi(pid)
		syscall.Kill(n, syscall.SIGTERM)
	}
	o := p.wait(limit)
	w.gone()
	o.stdout, o.stderr = p.text(p.out), p.text(p.err) // a shell may have ended before its job
	got := w.read("got")
	if strings.Contains(script, "go test") {
		o.stdout = "" // an interrupted go test prints the result, or does not, as it happens
	}
	o.stderr = withoutDownloads(o.stderr) + strings.Replace(got, pid, "PID", 1)
	return o
}

// awaitLine waits for a line in the file that the program writes, and returns
// what follows.
func (w *world) awaitLine(prefix string) string {
	w.t.Helper()
	rest := ""
	eventually(w.t, func() string {
		text := w.read("got")
		_, after, ok := strings.Cut(text, prefix)
		line, _, complete := strings.Cut(after, "\n")
		if !ok || !complete {
			return "the program did not start: " + text
		}
		rest = line
		return ""
	})
	return rest
}

// TestStop stops a command as a terminal does, and expects a shell to be told the
// same as of plain go.
func TestStop(t *testing.T) {
	for _, group := range []bool{false, true} {
		for _, sig := range []syscall.Signal{syscall.SIGTSTP, syscall.SIGSTOP} {
			t.Run(fmt.Sprintf("%v group=%v", sig, group), func(t *testing.T) {
				t.Parallel()
				var got [2]syscall.WaitStatus
				for i, s := range []side{plain, steady} {
					got[i] = stopped(t, s, sig, group)
				}
				if got[0] != got[1] {
					t.Errorf("stopped with %#x, plain go with %#x", got[1], got[0])
				}
			})
		}
	}
}

func stopped(t *testing.T, s side, sig syscall.Signal, group bool) syscall.WaitStatus {
	w := newWorld(t, s, "**.zip slow delay=600ms")
	p := w.start(filepath.Join(bins[s], "go"), "mod", "download")
	w.asked("**.zip", 1)
	var ws syscall.WaitStatus
	for range 2 {
		p.signal(sig, group)
		select {
		case ws = <-p.stopped:
		case <-time.After(soon):
			t.Errorf("%s: not stopped", s)
		}
		if group || sig == syscall.SIGTSTP {
			eventually(t, func() string {
				for pid := range w.left() {
					stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
					if !strings.Contains(string(stat), ") T ") {
						return "not stopped: " + string(stat)
					}
				}
				return ""
			})
		}
		p.signal(syscall.SIGCONT, group)
		time.Sleep(50 * time.Millisecond)
	}
	if o := p.wait(limit); o.status != 0 {
		t.Errorf("%s: after it went on: %v", s, o)
	}
	return ws
}

// TestStopOrphaned: a job that nobody could let go on is not stopped by its
// terminal.
func TestStopOrphaned(t *testing.T) {
	both(t, "**.zip slow delay=600ms", nil, func(w *world) outcome {
		p := w.start("setsid", "-w", filepath.Join(bins[w.side], "go"), "mod", "download")
		w.asked("**.zip", 1)
		for pid, cmdline := range w.left() {
			if !strings.HasPrefix(cmdline, "setsid") {
				syscall.Kill(pid, syscall.SIGTSTP)
			}
		}
		o := p.wait(limit)
		o.stderr = withoutDownloads(o.stderr)
		return o
	})
}

// TestIgnored: what was ignored stays ignored, for us and for what we start.
func TestIgnored(t *testing.T) {
	for name, script := range map[string]string{
		"INT":        "trap '' INT; exec go run . report",
		"HUP":        "exec nohup go run . report",
		"TSTP":       "trap '' TSTP TTIN TTOU; exec go run . report",
		"many":       "trap '' INT QUIT TERM HUP TSTP USR1 USR2 PIPE WINCH CONT; exec go run . report",
		"m@v":        "trap '' INT QUIT TERM HUP TSTP USR1 USR2 PIPE WINCH CONT; exec go run example.com/probe@v1.0.0 report",
		"background": "go run . report & wait",
		"CHLD":       "env --ignore-signal=CHLD go run . report; env --ignore-signal=CHLD go list; env --ignore-signal=CHLD go build -o /dev/null .; echo $?",
		"blocked":    "env --block-signal=TERM,TSTP,CHLD,WINCH,USR1 go run . report; env --block-signal=TERM,TSTP,CHLD go list; env --block-signal=CHLD,TERM go run example.com/probe@v1.0.0 report",
		"test":       "trap '' INT TSTP; PROBE=\"reportto $PROBEROOT/got\" go test -vet=off . >/dev/null; cat $PROBEROOT/got",
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
	t.Run("during a download", func(t *testing.T) {
		t.Parallel()
		both(t, "**.zip slow delay=500ms", nil, func(w *world) outcome {
			p := w.start("bash", "--norc", "-c", "trap '' INT TSTP; exec go mod download")
			w.asked("**.zip", 1)
			p.signal(syscall.SIGINT, true)
			p.signal(syscall.SIGTSTP, true)
			o := p.wait(limit)
			o.stderr = withoutDownloads(o.stderr)
			return o
		})
	})
}

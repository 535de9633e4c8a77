package transparency

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A terminal is a pseudo-terminal with a command in it, which leads a session as
// a login shell does.
type terminal struct {
	*process
	master *os.File
	mu     sync.Mutex
	text   bytes.Buffer
	done   chan struct{}
}

// terminal starts bash in a terminal of 33 rows and 77 columns.
func (w *world) terminal(script string) *terminal {
	w.t.Helper()
	master, slave := w.openTerminal()
	t := &terminal{master: master, done: make(chan struct{})}
	cmd := exec.Command("bash", "--norc", "-c", script)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	t.process = w.startCmd(cmd)
	slave.Close()
	go t.read()
	w.t.Cleanup(func() { master.Close() })
	return t
}

func (w *world) openTerminal() (master, slave *os.File) {
	w.t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		w.t.Skip("no pseudo-terminals:", err)
	}
	master = os.NewFile(uintptr(fd), "/dev/ptmx")
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		w.t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 33, Col: 77}); err != nil {
		w.t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		w.t.Skip("no pseudo-terminals:", err)
	}
	return master, slave
}

// read collects what appears until the last process has closed the terminal.
func (t *terminal) read() {
	defer close(t.done)
	buf := make([]byte, 4096)
	for {
		n, err := t.master.Read(buf)
		t.mu.Lock()
		t.text.Write(buf[:n])
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (t *terminal) shown() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ReplaceAll(t.w.hide(t.text.String()), "\r\n", "\n")
}

// expect waits until a text has appeared.
func (t *terminal) expect(text string) {
	t.w.t.Helper()
	eventually(t.w.t, func() string {
		if shown := t.shown(); !strings.Contains(shown, text) {
			return fmt.Sprintf("%s: %q does not appear:\n%s", t.w.side, text, shown)
		}
		return ""
	})
}

func (t *terminal) send(keys string) { t.master.WriteString(keys) }

// wait returns the outcome, what appeared counting as standard output.
func (t *terminal) wait(d time.Duration) outcome {
	t.w.t.Helper()
	o := t.process.wait(d)
	select {
	case <-t.done:
	case <-time.After(time.Second): // somebody keeps it open
	}
	o.stdout = t.shown()
	return o
}

// TestTerminal compares programs in a terminal: what they take their streams for,
// its size, and what appears.
func TestTerminal(t *testing.T) {
	for name, script := range map[string]string{
		"run":              "go run . report",
		"run m@v":          "go run example.com/probe@v1.0.0 report",
		"run in a pipe":    "go run . report | cat",
		"test":             `PROBE="report" go test -vet=off . | sed 's/[0-9.]*s$//'`,
		"generate":         `PROBEGEN="go run . report" go generate | grep -v -e GOPROXY -e GOSTEADY_INNER`,
		"tool":             "go tool -n compile >/dev/null; go tool nonsense",
		"compile error":    "echo 'package main; func f() { return 1 }' >bad.go; go build; echo $?",
		"modes stay":       "stty -echo -icanon; go list >/dev/null; go run . args 1; stty -a",
		"foreground stays": "set -m; go list >/dev/null; ps -o tpgid= -p $$ | tr -d ' 0-9'; cat /proc/self/stat | wc -w",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, "", nil, func(w *world) outcome {
				w.warm()
				return w.terminal(script).wait(limit)
			})
		})
	}
}

// TestPrompt answers a prompt that does not end its line.
func TestPrompt(t *testing.T) {
	for name, script := range map[string]string{
		"run":     "go run . prompt",
		"run m@v": "go run example.com/probe@v1.0.0 prompt",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, "", nil, func(w *world) outcome {
				w.gocmd("mod", "download", "example.com/probe@v1.0.0")
				w.warm()
				term := w.terminal(script)
				term.expect("name? ")
				term.send("bob\n")
				return term.wait(limit)
			})
		})
	}
}

// TestJobControl stops a job by its key and lets it go on, as a person would.
func TestJobControl(t *testing.T) {
	both(t, "**.zip slow delay=700ms", nil, func(w *world) outcome {
		term := w.terminal("set -m; go mod download; echo first $?; fg; echo then $?")
		w.asked("**.zip", 1)
		term.send("\x1a")
		o := term.wait(limit)
		o.stdout = withoutDownloads(o.stdout)
		return o
	})
}

// TestColdTerminal: short downloads look as they do without us.
func TestColdTerminal(t *testing.T) {
	both(t, "", nil, func(w *world) outcome {
		o := w.terminal("go list -deps . | tail -4; go run . report; go build -o /dev/null .; go list ./none; echo $?").wait(limit)
		o.stdout = withoutDownloads(o.stdout)
		return o
	})
}

// TestBackground: a job in the background that writes to a terminal which forbids
// it, or reads from it, is stopped, and goes on in the foreground.
func TestBackground(t *testing.T) {
	for name, script := range map[string]string{
		"write":       "set -m; stty tostop; go list & sleep 1.5; jobs; fg; echo $?",
		"write error": "set -m; stty tostop; go list ./none & sleep 1.5; jobs; fg; echo $?",
		"write json":  "set -m; stty tostop; go list -json=ImportPath & sleep 1.5; jobs; fg; echo $?",
		"read":        "set -m; go run . prompt & sleep 2.5; jobs; fg; echo $?",
		"read m@v":    "set -m; go run example.com/probe@v1.0.0 prompt & sleep 2.5; jobs; fg; echo $?",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, "", nil, func(w *world) outcome {
				w.gocmd("mod", "download", "example.com/probe@v1.0.0")
				w.warm()
				term := w.terminal(script)
				if strings.HasPrefix(name, "read") {
					time.Sleep(3 * time.Second)
					term.send("bob\n")
				}
				o := term.wait(limit)
				o.stdout = jobs.ReplaceAllString(o.stdout, "[1] PID")
				return o
			})
		})
	}
}

var jobs = regexp.MustCompile(`\[1\] [0-9]+`)

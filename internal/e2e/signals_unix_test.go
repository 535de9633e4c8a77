//go:build unix

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// soon is how long an invocation may take to end after a signal.
const soon = 2 * time.Second

// A running command leads a process group of its own, so that the test can tell
// when nothing of it is left.
type running struct {
	*exec.Cmd
	t      *testing.T
	output bytes.Buffer
	ended  chan struct{}
}

func start(t *testing.T, dir string, env []string, program string, args ...string) *running {
	t.Helper()
	r := &running{Cmd: exec.Command(program, args...), t: t, ended: make(chan struct{})}
	r.Dir, r.Env = dir, env
	r.Stdout, r.Stderr = &r.output, &r.output
	r.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		r.Wait()
		close(r.ended)
	}()
	return r
}

// status waits for the end.
func (r *running) status() syscall.WaitStatus {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(soon):
		syscall.Kill(-r.Process.Pid, syscall.SIGKILL)
		r.t.Fatalf("%v still runs after %v", r.Args, soon)
	}
	return r.ProcessState.Sys().(syscall.WaitStatus)
}

// gone waits until the process group is empty.
func (r *running) gone() {
	r.t.Helper()
	eventually(r.t, "the end of every process", func() bool {
		return syscall.Kill(-r.Process.Pid, 0) == syscall.ESRCH
	})
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * soon); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// stuck are the ways in which an invocation can be in the middle of something.
var stuck = []struct{ name, rules string }{
	{"hang", "**.zip hang"},
	{"wait", "**.zip status=500"},
	{"body", "**.zip stall"},
}

// TestSignals interrupts commands that hang, and expects the end that the plain go
// has under the same signal.
func TestSignals(t *testing.T) {
	commands := [][]string{{"mod", "download"}, {"build", "-o", os.DevNull, "."}, {"run", "."}, {"test", "."}}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for i, args := range commands {
			how := stuck[i%len(stuck)]
			t.Run(sig.String()+" "+strings.Join(args, " ")+" "+how.name, func(t *testing.T) {
				if signal.Ignored(sig) {
					t.Skip("ignored by what runs the tests, as nohup does, and so by all that they start")
				}
				t.Parallel()
				want := signalled(t, modtest.RealGo(t), "**.zip hang", sig, args)
				got := signalled(t, steadyGo(), how.rules, sig, args)
				if got != want {
					t.Errorf("wait status %#x, plain go has %#x", got, want)
				}
			})
		}
	}
}

// signalled starts a command, sends a signal once it has asked for a zip, and
// returns its wait status.
func signalled(t *testing.T, program, rules string, sig syscall.Signal, args []string) syscall.WaitStatus {
	t.Helper()
	p, dir := modtest.Flaky(t, rules)
	env := modtest.Env(t, "GOPROXY="+p.URL(), "GOSTEADY_RETRY_WAITS=1m")
	r := start(t, dir, env, program, args...)
	waitAsked(t, p)
	if err := r.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	status := r.status()
	r.gone()
	return status
}

func waitAsked(t *testing.T, p *faultproxy.Proxy) {
	t.Helper()
	eventually(t, "the first request for a zip", func() bool { return p.Count("**.zip") > 0 })
	time.Sleep(50 * time.Millisecond) // the answer, if there is one, is on its way
}

// TestKilled kills gosteady and expects that go does not survive it, and that the
// next run finds nothing in its way.
func TestKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux lets a process follow its parent's death")
	}
	p, dir := modtest.Flaky(t, "**.zip hang")
	env := modtest.Env(t, "GOPROXY="+p.URL())
	r := start(t, dir, env, steadyGo(), "mod", "download")
	waitAsked(t, p)
	r.Process.Kill()
	r.status()
	r.gone()
	if err := p.Script(""); err != nil {
		t.Fatal(err)
	}
	got := modtest.Run(t, dir, env, steadyGo(), "mod", "download")
	if got.Code != 0 || got.Stderr != "" {
		t.Errorf("the next run: %+v", got)
	}
}

// TestStopAndContinue stops the whole job, as a terminal's ^Z does, and lets it go
// on.
func TestStopAndContinue(t *testing.T) {
	p, dir := modtest.Flaky(t, "**.zip first=1 slow delay=300ms")
	env := modtest.Env(t, "GOPROXY="+p.URL())
	r := start(t, dir, env, steadyGo(), "mod", "download")
	waitAsked(t, p)
	syscall.Kill(-r.Process.Pid, syscall.SIGSTOP)
	time.Sleep(100 * time.Millisecond)
	syscall.Kill(-r.Process.Pid, syscall.SIGCONT)
	if status := r.status(); status.ExitStatus() != 0 {
		t.Errorf("%#x: %s", status, r.output.String())
	}
	r.gone()
}

package proc

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// newTerminal returns a terminal at which nobody sits.
func newTerminal(t *testing.T) (slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here:", err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		t.Skip("no terminals here:", err)
	}
	t.Cleanup(func() { slave.Close() })
	return slave
}

// A program that asks at the terminal is waiting for a person, whatever it is
// called; one that only has the terminal as its standard input is not.
func TestWhoAsksAtTheTerminal(t *testing.T) {
	slave := newTerminal(t)
	for script, asks := range map[string]bool{
		"exec 3</dev/tty; echo; read x": true,
		"echo; read x":                  false,
	} {
		cmd := exec.Command("sh", "-c", script)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		cmd.Stdin = slave
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = bufio.NewReader(out).ReadString('\n') // it has come to its question
		if got := holdsTerminal(cmd.Process.Pid); err != nil || got != asks {
			t.Errorf("%s: asks at the terminal %v, %v; want %v", script, got, err, asks)
		}
		cmd.Process.Kill()
		io.Copy(io.Discard, out)
		cmd.Wait()
	}
}

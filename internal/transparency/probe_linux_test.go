package transparency

// probe is the source of the program that stands for user code. Its first
// argument says what it does.
const probe = `package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	if len(os.Args) == 1 {
		os.Args = append(os.Args, strings.Fields(os.Getenv("PROBE"))...)
	}
	if len(os.Args) == 1 {
		return
	}
	do(os.Args[1], os.Args[2:])
}

func do(what string, args []string) {
	switch what {
	case "report":
		report(os.Stdout)
	case "reportto":
		f, err := os.Create(args[0])
		check(err)
		report(f)
		f.Close()
	case "args":
		fmt.Printf("%q\n", args)
	case "cat":
		_, err := io.Copy(os.Stdout, os.Stdin)
		check(err)
	case "exit":
		n, _ := strconv.Atoi(args[0])
		os.Exit(n)
	case "die":
		n, _ := strconv.Atoi(args[0])
		syscall.Kill(os.Getpid(), syscall.Signal(n))
		time.Sleep(time.Minute)
	case "order":
		for i := 0; i < 50; i++ {
			fmt.Fprintln(os.Stdout, "out", i)
			fmt.Fprintln(os.Stderr, "err", i)
		}
	case "prompt":
		fmt.Fprint(os.Stderr, "name? ")
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		fmt.Printf("hello %s", line)
	case "big":
		n, _ := strconv.Atoi(args[0])
		block := []byte(strings.Repeat(strings.Repeat("x", 99)+"\n", 1<<20/100))
		for i := 0; i < n; i++ {
			_, err := os.Stdout.Write(block)
			check(err)
		}
	case "fd":
		n, _ := strconv.Atoi(args[0])
		_, err := fmt.Fprintln(os.NewFile(uintptr(n), "fd"), "written to an extra descriptor")
		check(err)
	case "signals":
		signals(args[0])
	case "leave": // a grandchild that keeps our streams
		c := exec.Command("sleep", args[0])
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		check(c.Start())
		fmt.Println("left")
	case "call":
		c := exec.Command(args[0], args[1:]...)
		c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
		check(c.Run())
	case "count":
		f, err := os.OpenFile(args[0], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		check(err)
		f.WriteString("x")
		f.Close()
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(9)
	}
}

// signals writes what it gets to a file, until SIGTERM or a second has passed
// since the last one.
func signals(file string) {
	ch := make(chan os.Signal, 10)
	signal.Notify(ch)
	f, err := os.Create(file)
	check(err)
	fmt.Fprintln(f, "ready", os.Getpid())
	for {
		select {
		case s := <-ch:
			if s == syscall.SIGURG || s == syscall.SIGCHLD {
				continue
			}
			fmt.Fprintln(f, s)
			if s == syscall.SIGTERM {
				os.Exit(7)
			}
		case <-time.After(20 * time.Second):
			os.Exit(8)
		}
	}
}

// report writes all that a program can see of how it was started.
func report(w io.Writer) {
	fmt.Fprintf(w, "args %q\n", os.Args[1:])
	wd, err := os.Getwd()
	fmt.Fprintln(w, "cwd", wd, err)
	mask := syscall.Umask(0)
	syscall.Umask(mask)
	fmt.Fprintf(w, "umask %o\n", mask)
	nice, _ := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	fmt.Fprintln(w, "nice", nice)
	limits, _ := exec.Command("sh", "-c", "ulimit -Sn; ulimit -Hn; ulimit -Ss; ulimit -Sc").Output()
	fmt.Fprintln(w, "limits", strings.Fields(string(limits)))
	for fd := 0; fd <= 2; fd++ {
		var size [4]uint16
		_, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
		fmt.Fprintln(w, "terminal", fd, e == 0, size[0], size[1])
	}
	fds, _ := filepath.Glob("/proc/self/fd/*")
	sort.Strings(fds)
	for _, fd := range fds {
		to, err := os.Readlink(fd)
		n, _ := strconv.Atoi(filepath.Base(fd))
		if err != nil || n < 3 || strings.HasPrefix(to, "anon_inode:") || strings.Contains(to, "/fd") {
			continue
		}
		if flags, _, _ := syscall.Syscall(syscall.SYS_FCNTL, uintptr(n), syscall.F_GETFD, 0); flags&syscall.FD_CLOEXEC == 0 {
			fmt.Fprintln(w, "descriptor", n, to)
		}
	}
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		if strings.HasPrefix(line, "SigIgn") || strings.HasPrefix(line, "SigBlk") || strings.HasPrefix(line, "NoNewPrivs") {
			fmt.Fprintln(w, line)
		}
	}
	env := os.Environ()
	sort.Strings(env)
	for _, kv := range env {
		fmt.Fprintf(w, "env %q\n", kv)
	}
}
`

// probeTest is a test of the same program.
const probeTest = `package main

import (
	"os"
	"strings"
	"testing"
)

func TestProbe(t *testing.T) {
	if f := strings.Fields(os.Getenv("PROBE")); len(f) > 0 {
		do(f[0], f[1:])
	}
}
`

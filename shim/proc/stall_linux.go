package proc

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// lookAtGit reads /proc for the git and ssh processes below a process.
var lookAtGit = func(pid int) gitWork {
	var w gitWork
	for _, child := range children(pid) {
		w.add(child, false)
	}
	return w
}

// add walks the processes at and below pid. inGit is true below a git process,
// where everything belongs to it: transports, ssh, proxy commands.
func (w *gitWork) add(pid int, inGit bool) {
	name := comm(pid)
	inGit = inGit || name == "git" || strings.HasPrefix(name, "git-") || name == "ssh"
	below := children(pid)
	if inGit {
		w.busy = w.busy || asksPerson(name) || holdsTerminal(pid)
		w.agent = w.agent || name == "ssh" && hasAgent(pid)
		w.progress += work(pid)
		if len(below) == 0 {
			w.leaves = append(w.leaves, pid)
		}
	}
	for _, child := range below {
		w.add(child, inGit)
	}
}

// asksPerson reports whether a program below git may be waiting for somebody to
// type or to touch a key.
func asksPerson(name string) bool {
	return slices.ContainsFunc([]string{"credential", "askpass", "pinentry"}, func(s string) bool { return strings.Contains(name, s) })
}

// holdsTerminal reports whether a process has opened its terminal by that name, as
// ssh and git do for as long as they ask for a passphrase, or whether to trust a host.
func holdsTerminal(pid int) bool {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	open, _ := os.ReadDir(dir) // not ours to look at: not a process that go has started
	return slices.ContainsFunc(open, func(fd os.DirEntry) bool {
		name, err := os.Readlink(filepath.Join(dir, fd.Name()))
		return err == nil && name == "/dev/tty"
	})
}

// hasAgent reports whether a process was told of an ssh agent.
func hasAgent(pid int) bool {
	environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	return bytes.HasPrefix(environ, []byte("SSH_AUTH_SOCK=/")) || bytes.Contains(environ, []byte("\x00SSH_AUTH_SOCK=/"))
}

// children lists the processes that pid has started and that still run.
func children(pid int) []int {
	tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	var pids []int
	for _, task := range tasks {
		data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		for _, f := range strings.Fields(string(data)) {
			if n, err := strconv.Atoi(f); err == nil && !slices.Contains(pids, n) {
				pids = append(pids, n)
			}
		}
	}
	return pids
}

func comm(pid int) string {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return strings.TrimSpace(string(data))
}

// work is a number that grows while a process reads, writes or computes.
func work(pid int) uint64 {
	var sum uint64
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if name == "rchar" || name == "wchar" {
			n, _ := strconv.ParseUint(value, 10, 64)
			sum += n
		}
	}
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if i := bytes.LastIndexByte(stat, ')'); i >= 0 {
		if f := strings.Fields(string(stat[i+1:])); len(f) > 12 { // utime and stime, fields 14 and 15
			for _, v := range f[11:13] {
				n, _ := strconv.ParseUint(v, 10, 64)
				sum += n
			}
		}
	}
	return sum + uint64(pid)
}

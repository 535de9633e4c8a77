//go:build !linux

package proc

import "os"

// lookAtGit: only Linux shows what the processes below another are doing
// without asking for rights; elsewhere a git that hangs is left to the person
// who waits.
var lookAtGit func(pid int) gitWork

func terminate(p *os.Process) { p.Kill() }

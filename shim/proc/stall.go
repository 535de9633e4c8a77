package proc

import (
	"os"
	"syscall"
	"time"
)

// Git has no deadline of its own, and cmd/go gives it none: a server that
// accepts and never answers holds a command for ever. While the child runs, the
// git and ssh processes below it are looked at now and then; once none of them
// has moved for the policy's stall time, those at the leaves are ended, and go
// reports a failure that can be retried like any other.
//
// Settings of git and ssh do less. With GIT_HTTP_LOW_SPEED_LIMIT and _TIME, curl ends a
// transfer over http that stalls, but not a TLS handshake, and they would go before the
// user's own git configuration. With ServerAliveInterval, ssh notices a connection that
// is dead, but not a program on the server that hangs. Git's own protocol has nothing.

// stallEvery is how often the processes are looked at.
const stallEvery = 2 * time.Second

// agentStall is how long an ssh that has an agent may make no progress: from here
// a question to a person cannot be told from a server that hangs.
const agentStall = 5 * time.Minute

// gitWork is what the git processes below a child are doing at one moment.
type gitWork struct {
	leaves   []int  // processes without children of their own
	progress uint64 // grows with bytes read and written, and with processor time
	busy     bool   // something else runs below them: a credential helper may wait for a person
	agent    bool   // ssh may wait for its agent, and that for a person elsewhere: a touch of a key, a dialog
}

// WatchGit looks after the git below a child: one that makes no progress for so long is
// ended. It returns a function that ends the watch, and reports whether there was one.
func (c *Child) WatchGit(stall time.Duration) (end func() bool) {
	return watchGit(lookAtGit, c.process.Pid, stall, stallEvery)
}

// watchGit does so by looking now and then; look is nil where the platform does not tell.
func watchGit(look func(pid int) gitWork, pid int, stall, every time.Duration) (end func() bool) {
	if look == nil || stall <= 0 {
		return func() bool { return false }
	}
	stop, done := make(chan struct{}), make(chan bool, 1)
	// Most commands end before the first look; a goroutine would cost them more
	// than a timer does.
	first := time.AfterFunc(every, func() { done <- stalled(look, pid, stall, every, stop) })
	return func() bool {
		if first.Stop() {
			return false
		}
		close(stop)
		return <-done
	}
}

// stalled looks now, and then time and again until it is stopped.
func stalled(look func(pid int) gitWork, pid int, stall, every time.Duration, stop <-chan struct{}) bool {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var last gitWork
	still, hit := time.Duration(0), false
	for {
		now := look(pid)
		if len(now.leaves) == 0 || now.busy || now.progress != last.progress {
			last, still = now, 0
		} else if still += every; still >= stall && (!now.agent || still >= agentStall) {
			endAll(now.leaves)
			still, hit = 0, true
		}
		select {
		case <-stop:
			return hit
		case <-tick.C:
		}
	}
}

func endAll(pids []int) {
	for _, pid := range pids {
		if p, err := os.FindProcess(pid); err == nil {
			p.Signal(syscall.SIGTERM)
		}
	}
}

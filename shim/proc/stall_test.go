package proc

import (
	"os/exec"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestStalledGitIsEnded(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("runs sleep")
	}
	sleeper := exec.Command("sleep", "60")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	look := func(int) gitWork { return gitWork{leaves: []int{sleeper.Process.Pid}, progress: 7} }
	end := watchGit(look, 1, 3*time.Millisecond, time.Millisecond)
	sleeper.Wait()
	if !end() {
		t.Error("a git that was ended is not reported")
	}
}

func TestMovingGitIsLeftAlone(t *testing.T) {
	for name, change := range map[string]func(*gitWork, uint64){
		"moves":              func(w *gitWork, n uint64) { w.progress = n },
		"waits for a person": func(w *gitWork, _ uint64) { w.busy = true },
		"is no longer there": func(w *gitWork, _ uint64) { w.leaves = nil },
	} {
		var n atomic.Uint64
		seen := make(chan struct{}, 1000)
		look := func(int) gitWork {
			w := gitWork{leaves: []int{1 << 30}}
			change(&w, n.Add(1))
			seen <- struct{}{}
			return w
		}
		end := watchGit(look, 1, 2*time.Millisecond, time.Millisecond)
		for range 10 {
			<-seen
		}
		if end() {
			t.Errorf("a git that %s was ended", name)
		}
	}
}

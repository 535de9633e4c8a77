package modcache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/robust"
)

// A Quarantine is a damaged folder that was moved out of the go command's way, so
// that it makes the folder anew.
type Quarantine struct {
	Dir string // where it belongs

	tmp    string
	lock   string            // the go command's lock for it, "" if there is none
	usable func(string) bool // whether another has taken its place
}

// quarantineMark is in the names of what was moved out of the way.
const quarantineMark = ".gosteady-aside-"

func quarantine(dir, lock string, usable func(string) bool) (*Quarantine, error) {
	sweepQuarantines(dir, time.Now())
	tmp := fmt.Sprintf("%s%s%d-%d", dir, quarantineMark, time.Now().Unix(), rand.IntN(1e9))
	return &Quarantine{Dir: dir, tmp: tmp, lock: lock, usable: usable}, robust.Rename(dir, tmp)
}

// sweepQuarantines removes what processes that were killed have left: nobody waits
// for a command for a day.
func sweepQuarantines(dir string, now time.Time) {
	entries, _ := os.ReadDir(filepath.Dir(dir)) // none: nothing was left
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), filepath.Base(dir)+quarantineMark)
		text, _, _ := strings.Cut(rest, "-")
		made, err := strconv.ParseInt(text, 10, 64)
		if ok && err == nil && now.Sub(time.Unix(made, 0)) > 24*time.Hour {
			removeAll(filepath.Join(filepath.Dir(dir), e.Name()))
		}
	}
}

// Finish ends the waiting: if the go command has made another folder that is
// of use, the damaged one is removed. Otherwise it is put back, in place of what
// an attempt that failed may have left.
func (q *Quarantine) Finish(ctx context.Context) error {
	if q.lock != "" {
		unlock, err := lockFile(ctx, q.lock)
		if err != nil {
			return err
		}
		defer unlock()
	}
	if existing(q.tmp) == "" { // finished before
		return nil
	}
	if q.usable(q.Dir) {
		return removeAll(q.tmp)
	}
	if err := removeAll(q.Dir); err != nil {
		return err
	}
	return robust.Rename(q.tmp, q.Dir)
}

// Delete removes the damaged folder for good.
func (q *Quarantine) Delete() error { return removeAll(q.tmp) }

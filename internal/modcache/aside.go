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

// An Aside is a damaged folder that was moved out of the go command's way, so
// that it makes the folder anew.
type Aside struct {
	Dir string // where it belongs
	Why error  // what is wrong with it

	tmp    string
	lock   string            // the go command's lock for it, "" if there is none
	usable func(string) bool // whether another has taken its place
}

const asideMark = ".gosteady-aside-"

func setAside(dir, lock string, why error, usable func(string) bool) (*Aside, error) {
	sweepAsides(dir, time.Now())
	tmp := fmt.Sprintf("%s%s%d-%d", dir, asideMark, time.Now().Unix(), rand.IntN(1e9))
	return &Aside{Dir: dir, Why: why, tmp: tmp, lock: lock, usable: usable}, robust.Rename(dir, tmp)
}

// sweepAsides removes what processes that were killed have left: nobody waits
// for a command for a day.
func sweepAsides(dir string, now time.Time) {
	entries, _ := os.ReadDir(filepath.Dir(dir)) // none: nothing was left
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), filepath.Base(dir)+asideMark)
		text, _, _ := strings.Cut(rest, "-")
		made, err := strconv.ParseInt(text, 10, 64)
		if ok && err == nil && now.Sub(time.Unix(made, 0)) > 24*time.Hour {
			removeAll(filepath.Join(filepath.Dir(dir), e.Name()))
		}
	}
}

// Settle ends the waiting: if the go command has made another folder that is
// of use, the damaged one is removed. Otherwise it is put back, in place of what
// an attempt that failed may have left.
func (a *Aside) Settle(ctx context.Context) error {
	if a.lock != "" {
		unlock, err := lockFile(ctx, a.lock)
		if err != nil {
			return err
		}
		defer unlock()
	}
	if existing(a.tmp) == "" { // settled before
		return nil
	}
	if a.usable(a.Dir) {
		return removeAll(a.tmp)
	}
	if err := removeAll(a.Dir); err != nil {
		return err
	}
	return robust.Rename(a.tmp, a.Dir)
}

// Delete removes the damaged folder for good.
func (a *Aside) Delete() error { return removeAll(a.tmp) }

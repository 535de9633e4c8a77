package serve

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosteady/gosteady/internal/gateway/standing"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// goFor is how long go env may take.
const goFor = 30 * time.Second

// Write has go env -w set GOPROXY to the gateway's list, and keeps what was there.
func Write(place here.Place, list string, s *Settings) error {
	state := journal.OpenStore(place.Getenv).Dir()
	if state == "" {
		return errors.New("there is no state directory to keep the GOPROXY of before in; set GOSTEADY_STATE")
	}
	w := standing.Written{Written: list, Before: s.Go.Get("GOPROXY")}
	w.File, w.HadFile = s.Go.UserFile("GOPROXY")
	if old, ok := standing.ReadWritten(state); ok && old.Written == w.File {
		w.Before, w.File, w.HadFile = old.Before, old.File, old.HadFile // written before
	}
	if w.Before == "" {
		w.Before = proxylist.Default
	}
	if err := w.Keep(state); err != nil {
		return fmt.Errorf("cannot keep the GOPROXY of before: %w", err)
	}
	return goEnv(place, "-w", "GOPROXY="+list)
}

// Unset has go env -w restore what was there before Write.
func Unset(place here.Place) (before string, err error) {
	state := journal.OpenStore(place.Getenv).Dir()
	w, ok := standing.ReadWritten(state)
	if !ok {
		return "", errors.New("nothing to restore: 'gosteady serve --env --write' was not run, or its state is gone")
	}
	if now, _ := place.Settings().UserFile("GOPROXY"); now != w.Written {
		return "", fmt.Errorf("'go env -w' has GOPROXY=%s since, which is not the gateway's: it stays; before that it was %s", mask.Proxies(now), mask.Proxies(w.Before))
	}
	if w.HadFile {
		err = goEnv(place, "-w", "GOPROXY="+w.File)
	} else {
		err = goEnv(place, "-u", "GOPROXY")
	}
	if err != nil {
		return "", err
	}
	return w.Before, standing.ForgetWritten(state)
}

// goEnv runs the real go: it knows its own file.
func goEnv(place here.Place, args ...string) error {
	real, err := place.RealGo()
	if err != nil {
		return err
	}
	if file, ok := place.Settings().EnvFile(); !ok || file == "" {
		return errors.New("GOENV=off: go env -w has no file to write")
	}
	ctx, cancel := context.WithTimeout(context.Background(), goFor)
	defer cancel()
	if _, err := place.Output(ctx, real.Path, append([]string{"env"}, args...)...); err != nil {
		return fmt.Errorf("go env %s failed: %w; try it by hand", args[0], err)
	}
	return nil
}

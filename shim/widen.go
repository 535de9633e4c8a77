package shim

import (
	"slices"
	"strconv"
	"strings"
)

// width is the GOMAXPROCS of a go command that fetches and compiles nothing.
// go fetches as many modules at a time as it has processors: with two, most of
// a cold download is waiting. At 60 ms a request, 32 is four times as fast as 8
// and nothing is gained beyond.
const width = 32

// onlyFetch names the commands whose time is fetching. Others load packages as
// well, which takes a quarter more CPU with so many processors that are not
// there: they are widened only when something is being fetched (see scout).
var onlyFetch = []string{
	"get", "mod download", "mod graph", "mod tidy", "mod vendor", "mod why", "work sync", "work vendor",
}

// widened returns the change of the environment that has a run fetch more at a
// time, nil for none. Nothing is compiled or run there that would see it, and
// what the user has set stays.
func (s *session) widened(r *run) []string {
	inv := &s.plan.Inv
	switch {
	case s.relay == nil || r.inherit || r.userCode || inv.RunsTools():
		return nil
	case !r.discard && (!slices.Contains(onlyFetch, inv.Command) || s.plan.Settings.Get("GO111MODULE") == "off"):
		return nil
	}
	if v := s.plan.Getenv("GOMAXPROCS"); strings.TrimSpace(v) != "" {
		return nil
	}
	return []string{"GOMAXPROCS=" + strconv.Itoa(width)}
}

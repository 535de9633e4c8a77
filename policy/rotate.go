package policy

import (
	"slices"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// RotatesTo returns the entries of a GOPROXY list, by index, that may be asked in the
// place of entry from after a failure of it, in order: those past a comma, which go
// itself would pass only after a 404 or 410. What is private is told to nobody else.
// Enforcement and explanations both ask here.
func (d Decision) RotatesTo(list []proxylist.Proxy, from int, class classify.Class, private bool) []int {
	if !d.Has(ActRotate) || private || rotatesNever(class) || list[from].FallBackOnError && from+1 < len(list) {
		return nil
	}
	var to []int
	for i := from + 1; i < len(list) && asked(list[i]); i++ {
		if normalURL(list[i].URL) != normalURL(list[from].URL) && d.passes(list[from], list[i]) {
			to = append(to, i)
		}
	}
	return to
}

// passes reports whether rotate may go from one upstream to another: anywhere where
// this machine trusts the rule, else only between two well-known public proxies.
func (d Decision) passes(from, to proxylist.Proxy) bool {
	return d.RotateTrusted || WellKnownProxy(from.URL) && WellKnownProxy(to.URL)
}

// asked reports whether an entry is an upstream that we ask. To one that go itself
// refuses to ask, since it would send credentials in the clear, nothing is rotated.
func asked(x proxylist.Proxy) bool {
	return x.Kind == proxylist.HTTP && !(x.URL.Scheme == "http" && x.URL.User != nil)
}

// rotatesNever are the answers after which go itself takes the next entry.
func rotatesNever(class classify.Class) bool {
	return slices.Contains([]classify.Class{classify.NotFound, classify.Gone, classify.SumDBMissing}, class)
}

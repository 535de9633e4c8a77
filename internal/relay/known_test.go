package relay

import (
	"io"
	"testing"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/prefetch"
	"github.com/gosteady/gosteady/internal/spool"
	"github.com/gosteady/gosteady/internal/upstream"
)

// TestFiles: what go has is not fetched ahead, and a zip that it has had, or that an
// installer has read, is doubted when it is asked for again.
func TestFiles(t *testing.T) {
	zip := modproxy.Item{Kind: modproxy.Zip, Mod: module.Version{Path: "m"}}
	for name, tt := range map[string]struct {
		note               func(*files)
		has, hadZip, wrong bool
	}{
		"nothing":   {func(*files) {}, false, false, false},
		"got":       {func(f *files) { f.got(0, zip, &upstream.File{}) }, true, true, false},
		"installed": {func(f *files) { f.installed(zip) }, true, true, false},
		"refused":   {func(f *files) { f.refused(zip, nil) }, false, true, false},
		"wrong":     {func(f *files) { f.refused(zip, &modproxy.Invalid{Text: "wrong"}) }, false, true, true},
		"another": {func(f *files) {
			f.got(0, modproxy.Item{Kind: modproxy.Zip, Mod: module.Version{Path: "n"}}, &upstream.File{})
		}, false, false, false},
	} {
		var f files
		tt.note(&f)
		wrong := f.takeWrong(zip) != nil
		equal(t, name, []bool{f.had.has(zip), f.zips.has(zip), wrong}, []bool{tt.has, tt.hadZip, tt.wrong})
		equal(t, name+": told once", f.takeWrong(zip) == nil, true)
	}
}

// TestModules: what the project names is known, what an upstream has is learnt, and
// a path below one of them is a guess that was answered.
func TestModules(t *testing.T) {
	m := modules{named: func() []module.Version { return []module.Version{{Path: "a.b/c"}} }}
	m.paths.add("a.b/d/v2")
	for path, want := range map[string]struct{ known, shorter bool }{
		"a.b":        {false, false},
		"a.b/c":      {true, false},
		"a.b/c/x/y":  {false, true},
		"a.b/cc":     {false, false},
		"a.b/d":      {false, false},
		"a.b/d/v2":   {true, false},
		"a.b/d/v2/x": {false, true},
	} {
		equal(t, path, []bool{m.has(path), m.hasPrefix(path)}, []bool{want.known, want.shorter})
	}
}

// TestFailures: what go is told last is held, and given back when that changes.
func TestFailures(t *testing.T) {
	var f failures
	var pool spool.Pool
	damage := func() prefetch.Result {
		body := pool.New()
		body.Write([]byte("damage"))
		return prefetch.Result{Err: &upstream.Error{File: &upstream.File{Body: body}}}
	}
	k := key{item: modproxy.Item{Kind: modproxy.Mod}}
	tell := func(a prefetch.Result) {
		f.add(k, a.Failure(), Failure{})
		a.Release()
	}
	recall := func() prefetch.Result {
		a, ok := f.recall(k)
		if !ok {
			t.Fatal("nothing to recall")
		}
		return a
	}
	first := damage()
	one := pool.Used()
	tell(first)
	again := recall()
	equal(t, "the same", again == first, true)
	tell(again) // from memory: nothing new
	equal(t, "met", len(f.list()), 1)
	equal(t, "read", text(first), "damage")

	second := damage()
	tell(second)
	equal(t, "met then", len(f.list()), 2)
	equal(t, "held", pool.Used(), one)
	equal(t, "to write", []int{len(f.unwritten()), len(f.unwritten())}, []int{2, 0})

	reader := recall()
	f.overcome(k)
	equal(t, "has", f.has(k), false)
	_, ok := f.recall(k)
	equal(t, "recalled", ok, false)
	equal(t, "read on", text(reader), "damage")
	reader.Release()
	equal(t, "held when overcome", pool.Used(), 0)

	tell(damage())
	f.forget()
	f.forget()
	equal(t, "held at the end", pool.Used(), 0)
}

// TestRecord: the time runs from go's first request to the last answer, and of many
// waits one line a minute tells.
func TestRecord(t *testing.T) {
	now := time.Unix(1700000000, 0)
	said := 0
	d := record{now: func() time.Time { return now }, notify: func(string) { said++ }}
	start := now
	at := func(seconds int) { now = start.Add(time.Duration(seconds) * time.Second) }
	at(1)
	d.requested()
	at(2)
	d.requested()
	at(5)
	d.answered()
	at(4)
	d.answered()
	d.expect(7)
	equal(t, "took", d.progress().Took, 4*time.Second)
	equal(t, "total", d.progress().Total, 7)

	overB := d.Waiting("b (dns)")
	overA := d.Waiting("a (dns)")
	equal(t, "waiting", d.progress().Waiting, "a (dns)")
	overA()
	equal(t, "waiting still", d.progress().Waiting, "b (dns)")
	overB()
	equal(t, "waits", len(d.waiting), 0)

	var told []bool
	for _, s := range []int{0, 1, 59, 60, 61, 120} {
		at(s)
		before := said
		d.Say("waiting")
		told = append(told, said > before)
	}
	equal(t, "told", told, []bool{true, false, false, true, false, true})
}

// text is what a result's body has.
func text(a prefetch.Result) string {
	data, _ := io.ReadAll(a.AnyFile().Body.Reader())
	return string(data)
}

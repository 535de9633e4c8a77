package relay

import (
	"net/url"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
	"golang.org/x/mod/module"
)

// TestFailures: what go is told last is held, and given back when that changes.
func TestFailures(t *testing.T) {
	var f failures
	var d depot
	damage := func() *answer {
		s := d.new()
		s.Write([]byte("damage"))
		return &answer{body: s, failed: &classify.Failure{}}
	}
	tell := func(a *answer) {
		f.add("x/m", a, meeting{})
		a.release()
	}
	first := damage()
	tell(first)
	again := f.recall("x/m")
	equal(t, "the same", again == first, true)
	tell(again) // from memory: nothing new
	equal(t, "met", len(f.list()), 1)
	equal(t, "read", string(first.body.bytes()), "damage")

	second := damage()
	tell(second)
	equal(t, "met then", len(f.list()), 2)
	equal(t, "held", d.used.Load(), int64(cap(second.body.buf)))
	equal(t, "to write", []int{len(f.unwritten()), len(f.unwritten())}, []int{2, 0})

	reader := f.recall("x/m")
	f.overcome("x/m")
	equal(t, "has", f.has("x/m"), false)
	equal(t, "recalled", f.recall("x/m") == nil, true)
	equal(t, "read on", string(reader.body.bytes()), "damage")
	reader.release()
	equal(t, "held when overcome", d.used.Load(), 0)

	tell(damage())
	f.forget()
	f.forget()
	equal(t, "held at the end", d.used.Load(), 0)
}

// TestFiles: what go has is not fetched ahead, and a zip that it has had, or that an
// installer has read, is doubted when it is asked for again.
func TestFiles(t *testing.T) {
	zip := item{kind: kindZip, path: "m.zip"}
	for name, tt := range map[string]struct {
		note               func(*files)
		has, hadZip, wrong bool
	}{
		"nothing":   {func(*files) {}, false, false, false},
		"got":       {func(f *files) { f.got(nil, zip) }, true, true, false},
		"installed": {func(f *files) { f.installed(zip) }, true, true, false},
		"refused":   {func(f *files) { f.refused(zip, nil) }, false, true, false},
		"wrong":     {func(f *files) { f.refused(zip, bad("wrong")) }, false, true, true},
		"another":   {func(f *files) { f.got(nil, item{kind: kindZip, path: "n.zip"}) }, false, false, false},
	} {
		f := newFiles()
		tt.note(&f)
		_, wrong := f.doubt(zip)
		equal(t, name, []bool{f.has(zip.path), f.hadZip(zip.path), wrong}, []bool{tt.has, tt.hadZip, tt.wrong})
		_, again := f.doubt(zip)
		equal(t, name+": doubted once", again, false)
	}
}

// TestModules: what the project names is known, what an upstream has is learnt, and
// a path below one of them is a guess that was answered.
func TestModules(t *testing.T) {
	m := modules{named: func() []module.Version { return []module.Version{{Path: "a.b/c"}} }}
	m.learn("a.b/d/v2")
	for path, want := range map[string]struct{ known, shorter bool }{
		"a.b":        {false, false},
		"a.b/c":      {true, false},
		"a.b/c/x/y":  {false, true},
		"a.b/cc":     {false, false},
		"a.b/d":      {false, false},
		"a.b/d/v2":   {true, false},
		"a.b/d/v2/x": {false, true},
	} {
		equal(t, path, []bool{m.know(path), m.knowShorter(path)}, []bool{want.known, want.shorter})
	}
}

// TestDisplay: the time runs from go's first request to the last answer, and of many
// waits one line a minute tells.
func TestDisplay(t *testing.T) {
	var d display
	start := time.Unix(1700000000, 0)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	d.begin(at(1))
	d.begin(at(2))
	d.answered(at(5))
	d.answered(at(4))
	d.expect(7)
	equal(t, "took", d.progress().Took, 4*time.Second)
	equal(t, "total", d.progress().Total, 7)

	question := func(path string) *question {
		return &question{it: item{mod: module.Version{Path: path}}, attempt: attempt{answer: &answer{failed: &classify.Failure{Class: classify.DNS}}}}
	}
	overB := d.sleeping(question("b"))
	overA := d.sleeping(question("a"))
	equal(t, "waiting", d.progress().Waiting, "a (dns)")
	overA()
	equal(t, "waiting still", d.progress().Waiting, "b (dns)")
	overB()
	equal(t, "waits", d.waits(), false)

	var told []bool
	for _, s := range []int{0, 1, 59, 60, 61, 120} {
		told = append(told, d.mayTell(at(s)))
	}
	equal(t, "told", told, []bool{true, false, false, true, false, true})
}

// TestPool: an address is one upstream, as a proxy and as a database.
func TestPool(t *testing.T) {
	address := &url.URL{Scheme: "https", Host: "a.example"}
	proxy, database, late := &upstream{base: address}, &upstream{base: address}, &upstream{base: address}
	p := pool{proxies: []*upstream{proxy}}
	equal(t, "proxy", p.proxy(address) == proxy, true)
	equal(t, "no database yet", p.database("https://a.example") == nil, true)
	equal(t, "added", p.addDatabase("https://a.example", database) == database, true)
	equal(t, "added by another", p.addDatabase("https://a.example", late) == database, true)
	equal(t, "all", len(p.all()), 2)
}

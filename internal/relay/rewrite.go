package relay

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/gosteady/gosteady/internal/lazyregexp"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/upstream"
)

// A Rewriter makes go's output name the upstream instead of the relay, and
// puts go's words back where the relay answered with a number.
//
// A number appears on one line, in one of two forms:
//
//	reading http://127.0.0.1:…/i/…: 502 gosteady-SECRET-7
//	# get http://127.0.0.1:…/i/…: 502 gosteady-SECRET-7 (0.003s)
//
// The secret is made up by each relay: an upstream cannot word its own failures so
// that they get the text of another one.
//
// Where go would have met a failure below HTTP, the first becomes what
// net/http says (`Get "https://…": dial tcp …`), the second the line that -x
// prints for it. Everything else about a line stays as it is.
type Rewriter struct {
	relay  *Relay
	json   bool
	marker []byte // the relay's base without its scheme
}

// Rewriter returns a rewriter for plain lines, or for lines of JSON.
func (r *Relay) Rewriter(json bool) *Rewriter {
	return &Rewriter{relay: r, json: json, marker: []byte(strings.TrimPrefix(r.port.base, "http://"))}
}

// number is a remembered failure in a line, right behind its URL.
var number = lazyregexp.New(`^: 502 (gosteady-[0-9a-f]+-[0-9]+)( \([0-9.]+s\))?`)

// Rewrite returns the line as go would have printed it without a relay.
func (w *Rewriter) Rewrite(line []byte) []byte {
	if !bytes.Contains(line, w.marker) {
		return line
	}
	var out []byte
	for {
		i := bytes.Index(line, w.marker)
		if i < 0 {
			return append(out, line...)
		}
		before, found := line[:i], line[i:]
		end := urlEnd(found, len(w.marker))
		shown := w.relay.shown(string(found[len(w.marker):end]))
		before, shown = scheme(before, shown)
		line = found[end:]
		var e *upstream.Error
		m := number().FindSubmatchIndex(line)
		if m != nil {
			e = w.relay.errorIDs.find(string(line[m[2]:m[3]]))
		}
		if e == nil {
			out = append(append(out, before...), w.escape(shown)...)
			continue
		}
		var took []byte
		if m[4] >= 0 {
			took = line[m[4]:m[5]]
		}
		line = line[m[1]:]
		out = append(out, w.word(before, shown, e, took)...)
	}
}

// scheme takes the relay's scheme from what stands before its address. Before
// go1.22, go joined the URL of a zip as if it were a path, which leaves one slash
// of two; the upstream's is then shown in the same way.
func scheme(before []byte, shown string) ([]byte, string) {
	if b, ok := bytes.CutSuffix(before, []byte("http://")); ok {
		return b, shown
	}
	b, ok := bytes.CutSuffix(before, []byte("http:/"))
	if ok {
		shown = strings.Replace(shown, "://", ":/", 1)
	}
	return b, shown
}

// urlEnd returns the length of the URL at the beginning of text: up to what
// cannot be part of one that the relay was asked for. A comma can, in the name
// of a branch.
func urlEnd(text []byte, from int) int {
	for i := from; i < len(text); i++ {
		branch := text[i] == ',' && bytes.Contains(text[from:i], []byte("/@v/")) && !bytes.HasPrefix(text[i:], []byte(", "))
		if !branch && strings.IndexByte(" \t\r\n\"'\\:|,)", text[i]) >= 0 {
			return i
		}
	}
	return len(text)
}

// word puts a failure into go's words.
func (w *Rewriter) word(before []byte, shown string, e *upstream.Error, took []byte) []byte {
	if took != nil { // -x
		text := shown + ": " + e.Words(shown)
		if e.InBody || e.Invalid != nil {
			text = shown + ": 200 OK" + string(took)
		}
		return append(before[:len(before):len(before)], w.escape(text)...)
	}
	before = bytes.TrimSuffix(before, []byte("reading "))
	return append(before[:len(before):len(before)], w.escape(e.Words(shown))...)
}

// escape makes a text part of a JSON string as go writes one.
func (w *Rewriter) escape(text string) []byte {
	if !w.json {
		return []byte(text)
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return []byte(text)
	}
	return quoted[1 : len(quoted)-1]
}

// shown returns the upstream's URL for what follows the relay's own in go's
// output, redacted as go redacts it.
func (r *Relay) shown(rest string) string {
	first, escaped, below := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	it, err := modproxy.Parse(escaped)
	if m := r.sumdb.mirrors; first == mirrorPath && m != nil {
		if it, err := m.item(escaped); err == nil {
			return m.client(r).URL(it).Redacted()
		}
		return "https://" + m.db + "/" + escaped
	}
	e := r.endpoint(first)
	switch {
	case e == nil:
		return r.port.base + rest // not ours, though it looks like it
	case !below:
		return e.client.Shown()
	case err != nil:
		if p, err := url.PathUnescape(escaped); err == nil {
			escaped = p
		}
		return modproxy.Join(e.base, escaped, "").Redacted()
	case r.denied(e, it):
		e = r.before(e)
	}
	return e.client.URL(it).Redacted()
}

// before is the last endpoint of the user's own list ahead of a policy's: a
// request that was not passed on was answered by it.
func (r *Relay) before(e *endpoint) *endpoint {
	for _, other := range r.ends[:e.index] {
		if other != nil && other.added == notAdded {
			e = other
		}
	}
	return e
}

// errorIDs are the names under which go meets failures that it is to word as if it
// had met them itself: "gosteady-SECRET-1" and so on.
type errorIDs struct {
	secret string // nobody else knows it

	mu   sync.Mutex
	list []*upstream.Error // number 1 first
	ids  map[*upstream.Error]int
}

func newErrorIDs() errorIDs {
	var secret [8]byte
	rand.Read(secret[:]) // never fails
	return errorIDs{secret: hex.EncodeToString(secret[:]), ids: map[*upstream.Error]int{}}
}

// name gives a failure its name.
func (n *errorIDs) name(e *upstream.Error) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ids[e] == 0 {
		n.list = append(n.list, e)
		n.ids[e] = len(n.list)
	}
	return fmt.Sprintf("gosteady-%s-%d", n.secret, n.ids[e])
}

// find finds a failure by its name; nil if we have not given it.
func (n *errorIDs) find(name string) *upstream.Error {
	n.mu.Lock()
	defer n.mu.Unlock()
	id, ours := strings.CutPrefix(name, "gosteady-"+n.secret+"-")
	i, err := strconv.Atoi(id)
	if !ours || err != nil || i < 1 || i > len(n.list) {
		return nil
	}
	return n.list[i-1]
}

package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/gateway/store"
	"github.com/gosteady/gosteady/internal/gateway/sumcheck"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/modhash"
	"github.com/gosteady/gosteady/internal/modproxy"
	"golang.org/x/mod/module"
)

// fetchFor bounds one fetch with all its attempts. A proxy may be cloning for ten
// minutes.
const fetchFor = 20 * time.Minute

// A result is what a fetch ended in.
type result struct {
	file File // what was asked for
	err  error
	note string // for the log: why it is not stored
}

// fetch brings a file of a version: from the upstream, compared with the database, given
// to whoever waits, and stored.
func (g *Gateway) fetch(j job, publish func(*result)) {
	p, e, it := j.plan, j.end, j.item
	if f, err := g.store.Open(it, e.id); err == nil { // a call that has just ended has stored it
		publish(&result{file: storedFile{f}})
		return
	}
	ctx, cancel := context.WithTimeout(g.ctx, fetchFor)
	defer cancel()
	if p.database.Covers(it.Mod.Path) {
		go p.lookUpAhead(ctx, e, it.Mod)
	}
	f, v, err := g.bring(ctx, p, e, it)
	if err != nil {
		publish(&result{err: err})
		return
	}
	if it.Kind == modproxy.Info { // there is no proof of it: nobody waits for the record
		publish(&result{file: f})
		v = p.judge(it, "")
	} else {
		publish(&result{file: f, note: v.note()})
	}
	if it.Kind == modproxy.Mod && !j.last && p.keepable(it.Mod.Path) {
		g.readRequired(p, e, f, j.deep)
	}
	g.keep(p, e, it, f, v)
}

// lookUpAhead has the record of a version come meanwhile; whoever needs it asks again. It
// is for an upstream that carries the database: the request for the file has told it the
// module's name. Nobody else learns the name of what may not even be there.
func (p *plan) lookUpAhead(ctx context.Context, e *endpoint, m module.Version) {
	if carrier, err := p.carrier.find(ctx); err == nil && carrier == e {
		_ = p.database.Knows(m)
	}
}

// bring fetches a file that can be read to its end, and does not differ from the
// database's. Damage on the way is of another byte each time: such a file is fetched
// again, until the same comes twice.
func (g *Gateway) bring(ctx context.Context, p *plan, e *endpoint, it modproxy.Item) (File, verdict, error) {
	var before string
	for {
		f, err := g.ask(ctx, e, it)
		if err != nil {
			return nil, verdict{}, err
		}
		v := g.examine(p, it, f)
		if !v.wrong() {
			return f, v, nil
		}
		looks, _ := contentOf(f)
		f.Close()
		if looks == before || ctx.Err() != nil {
			g.rejected(e, it, v.err)
			return nil, v, v.err
		}
		before = looks
	}
}

// contentOf tells one body from another.
func contentOf(f File) (string, error) {
	h := sha256.New()
	_, err := io.Copy(h, io.NewSectionReader(f, 0, f.Size()))
	return string(h.Sum(nil)), err
}

// examine hashes a file and compares it. A zip of more files than are looked at is passed
// on like what nobody vouches for.
func (g *Gateway) examine(p *plan, it modproxy.Item, f File) verdict {
	hash, err := g.hashOf(it, f)
	switch {
	case errors.Is(err, modproxy.ErrDirectory):
		return verdict{err: err}
	case err != nil:
		return verdict{err: &damagedError{it, err}}
	case hash == "":
		return verdict{}
	}
	return p.judge(it, hash)
}

// A damagedError is a body that cannot be what it should.
type damagedError struct {
	item modproxy.Item
	err  error
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("%s@%s: the %s cannot be read: %v", e.item.Mod.Path, e.item.Mod.Version, e.item.Kind, e.err)
}

// ask asks the upstream and counts it.
func (g *Gateway) ask(ctx context.Context, e *endpoint, it modproxy.Item) (File, error) {
	f, err := e.source.Fetch(ctx, it)
	g.counts.fetch(e.name, err)
	var failure classify.Failure
	if err != nil && g.ctx.Err() == nil && isDown(err) && errors.As(err, &failure) {
		g.report(journal.Event{
			Outcome: journal.Unhealed, Class: failure.Class, Module: it.Mod.Path, Version: it.Mod.Version,
			Upstream: e.name, File: string(it.Kind), Text: err.Error(),
		})
	}
	return f, err
}

// rejected records what was never served.
func (g *Gateway) rejected(e *endpoint, it modproxy.Item, err error) {
	g.counts.mismatches.Add(1)
	g.report(journal.Event{
		Outcome: journal.Unhealed, Class: classify.Checksum, Module: it.Mod.Path, Version: it.Mod.Version,
		Upstream: e.name, File: string(it.Kind), Text: err.Error(),
	})
	g.log.Error("a file is not what it should be, and is not served", "upstream", e.name,
		"module", mask.Line(it.Mod.Path), "version", mask.Line(it.Mod.Version), "file", string(it.Kind), "error", mask.Line(err.Error()))
}

// A verdict says what is known of a file.
type verdict struct {
	hash     string
	verified bool
	err      error // why it is not verified
}

// wrong reports whether nobody may get the file.
func (v verdict) wrong() bool {
	mismatch, damaged := (*sumcheck.MismatchError)(nil), (*damagedError)(nil)
	return errors.As(v.err, &mismatch) || errors.As(v.err, &damaged)
}

func (v verdict) note() string {
	if v.err == nil || v.verified {
		return ""
	}
	return mask.Line(v.err.Error())
}

var errNotCovered = errors.New("the checksum database is not asked about it")

// judge compares a hash with the database; "" is for an .info, which has none.
func (p *plan) judge(it modproxy.Item, hash string) verdict {
	v := verdict{hash: hash}
	switch {
	case !p.database.Covers(it.Mod.Path):
		v.err = errNotCovered
	case it.Kind == modproxy.Info:
		v.err = p.database.Knows(it.Mod)
	case it.Kind == modproxy.Mod:
		v.err = p.database.GoMod(it.Mod, hash)
	default:
		v.err = p.database.Zip(it.Mod, hash)
	}
	v.verified = v.err == nil
	return v
}

// maxHashing bounds how many zips are inflated side by side.
const maxHashing = 4

// hashOf is the hash that the database has of a file.
func (g *Gateway) hashOf(it modproxy.Item, f File) (string, error) {
	switch it.Kind {
	case modproxy.Mod:
		data, err := readAll(f)
		return modhash.GoMod(data), err
	case modproxy.Zip:
		g.hashing <- struct{}{}
		defer func() { <-g.hashing }()
		z, err := modproxy.OpenZip(f, f.Size())
		if err != nil {
			return "", err
		}
		return modhash.Zip(z, nil)
	}
	return "", nil
}

// keep stores a file, if it may be stored.
func (g *Gateway) keep(p *plan, e *endpoint, it modproxy.Item, f File, v verdict) {
	if !v.verified {
		g.counts.unverified.Add(1)
		if !p.storesUnverified(it.Mod.Path) {
			return
		}
	}
	hash := ""
	if v.verified {
		hash = v.hash
	}
	if err := g.store.Put(it, f, e.from(v.verified), hash); err != nil {
		g.counts.unstored.Add(1)
	}
}

// keepable reports whether a module's files would be stored: only then it is worth
// fetching what nobody has asked for.
func (p *plan) keepable(path string) bool {
	return p.database.Covers(path) || p.storesUnverified(path)
}

// A storedFile is a File of the store.
type storedFile struct{ *store.File }

func (f storedFile) Size() int64  { return f.File.Size }
func (f storedFile) Type() string { return "" }

// memory is a File in memory.
type memory struct {
	*bytes.Reader
	typ string
}

func inMemory(data []byte, typ string) memory { return memory{bytes.NewReader(data), typ} }

func (m memory) Type() string { return m.typ }
func (m memory) Close() error { return nil }

// statusOf is what a failure is answered with: the upstream's own word, where that is
// about the file and not about us.
func statusOf(err error) int {
	status := (*StatusError)(nil)
	switch {
	case !errors.As(err, &status):
		return http.StatusBadGateway
	case status.Status == http.StatusUnauthorized || status.Status == http.StatusProxyAuthRequired:
		return http.StatusForbidden // it is our credentials that are wrong, not the client's
	case status.Status < 400 || status.Status > 599:
		return http.StatusBadGateway
	}
	return status.Status
}

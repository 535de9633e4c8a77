package gateway

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/modproxy"
)

// A served is a request on its way, for the log and the metrics.
type served struct {
	http.ResponseWriter
	plan   *plan
	began  time.Time
	status int
	bytes  int64
	end    *endpoint
	item   modproxy.Item
	how    string
	note   string
	timed  bool // there is a deadline
}

func (s *served) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *served) Write(b []byte) (int, error) {
	s.begin()
	n, err := s.ResponseWriter.Write(b)
	s.bytes += int64(n)
	return n, err
}

// ReadFrom lets net/http use sendfile.
func (s *served) ReadFrom(r io.Reader) (int64, error) {
	s.begin()
	n, err := io.Copy(s.ResponseWriter, r)
	s.bytes += n
	return n, err
}

// begin is before the first byte of a body.
func (s *served) begin() {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	if !s.timed {
		s.timed = true
		size, _ := strconv.ParseInt(s.Header().Get("Content-Length"), 10, 64)
		limit := sendWithin + time.Duration(size/slowest)*time.Second
		_ = http.NewResponseController(s.ResponseWriter).SetWriteDeadline(time.Now().Add(limit)) // not of a test's recorder
	}
}

// A client has a minute for an answer, and more for a large one.
const (
	sendWithin = time.Minute
	slowest    = 32 << 10 // bytes a second
)

// Unwrap is for http.ResponseController.
func (s *served) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// ServeHTTP answers a request, logs and counts it.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := g.plan.Load()
	s := &served{ResponseWriter: w, plan: p, began: time.Now()}
	g.counts.inFlight.Add(1)
	defer func() {
		g.counts.inFlight.Add(-1)
		g.finish(s, r)
	}()
	w.Header().Set("X-Content-Type-Options", "nosniff")
	v := p.visit(r)
	switch {
	case !p.knows(r):
		s.refuse(http.StatusMisdirectedRequest, "the Host header is none of this gateway's names: start it with --host and the name that clients use")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		s.refuse(http.StatusMethodNotAllowed, "only GET and HEAD")
	case r.ContentLength != 0:
		w.Header().Set("Connection", "close")
		s.refuse(http.StatusRequestEntityTooLarge, "a request has no body")
	case v.path == "healthz" || v.path == "readyz":
		g.health(s, v.path)
	case p.guarded && !v.trusted:
		s.challenge("the token is missing or wrong: it is the password, with any user name, or the path's first element after ~")
	case v.path == "metrics":
		g.metrics(s, p)
	default:
		g.route(s, r, p, v)
	}
}

// health says whether the gateway runs, and whether it wants more requests.
func (g *Gateway) health(s *served, path string) {
	s.how = "health"
	if path == "readyz" && g.draining.Load() {
		s.refuse(http.StatusServiceUnavailable, "draining")
		return
	}
	s.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(s, "ok\n")
}

// route finds the endpoint and what is asked of it.
func (g *Gateway) route(s *served, r *http.Request, p *plan, v visitor) {
	number, path, _ := strings.Cut(v.path, "/")
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(p.endpoints) || strconv.Itoa(i) != number {
		s.refuse(http.StatusNotFound, fmt.Sprintf("no such endpoint: the paths begin with %s; see 'gosteady serve --env'", p.paths()))
		return
	}
	s.end = p.endpoints[i]
	if s.end.secret && !v.trusted {
		if !p.token.set {
			s.refuse(http.StatusForbidden, "this upstream is asked with credentials, and any user of this machine can connect here: start the gateway with --token-file")
			return
		}
		s.challenge("this upstream is asked with credentials: the token is missing or wrong")
		return
	}
	it, err := modproxy.Parse(path)
	if err != nil {
		s.refuse(http.StatusNotFound, err.Error())
		return
	}
	s.item = it
	if it.Kind == modproxy.Lookup && p.database.Exempts(it.Mod.Path) {
		s.refuse(http.StatusForbidden, it.Mod.Path+" matches GONOSUMDB: its name is not told to a checksum database")
		return
	}
	if setting, yes := p.private(it.Mod.Path); yes && !it.Kind.SumDB() {
		s.refuse(http.StatusNotFound, fmt.Sprintf("%s matches %s of this gateway: no proxy is asked for it", it.Mod.Path, setting))
		return
	}
	g.serve(s, r, p, it)
}

func (p *plan) paths() string {
	if len(p.endpoints) < 2 {
		return "/0"
	}
	return "/0 to /" + strconv.Itoa(len(p.endpoints)-1)
}

// serve answers with an item.
func (g *Gateway) serve(s *served, r *http.Request, p *plan, it modproxy.Item) {
	e := s.end
	doubted := strings.Contains(r.Header.Get("Cache-Control"), "no-cache")
	if doubted {
		g.store.Check(it)
	}
	stored := it.Exact() || it.Kind == modproxy.Lookup || it.Kind == modproxy.Tile
	if stored && g.serveStored(s, r, it) {
		g.readAhead(p, e, it) // it may be here since it was read ahead itself
		return
	}
	if it.Kind == modproxy.Lookup && it.DB == p.database.Name {
		// That proves and stores it; what the database does not know, the upstream says.
		if p.database.Knows(it.Mod) == nil && g.serveStored(s, r, it) {
			return
		}
	}
	var a reply
	if it.Exact() {
		path, _ := it.Path()
		g.readAhead(p, e, it)
		a = replyOf(g.calls.do(r.Context(), e.key(path), func(publish func(*result)) { g.fetch(job{plan: p, end: e, item: it}, publish) }))
	} else {
		a = g.perishable(r.Context(), e, it, doubted)
	}
	defer a.release()
	s.how, s.note = a.how, a.note
	switch {
	case a.how == "gone":
		s.status = 499 // as nginx has it: the client is gone
	case a.err != nil:
		s.fail(e, a.err)
	default:
		s.send(r, it, a)
	}
}

// serveStored answers from the store, and reports whether it could.
func (g *Gateway) serveStored(s *served, r *http.Request, it modproxy.Item) bool {
	f, err := g.store.Open(it, s.end.id)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			g.log.Warn("a stored file cannot be read", "error", mask.Line(err.Error()))
		}
		return false
	}
	defer f.Close()
	s.how = "hit"
	h := s.Header()
	setType(h, it, "")
	h.Set("Etag", `"`+f.Hash[:32]+`"`)
	h.Set("Cache-Control", s.caching("max-age=31536000, immutable"))
	http.ServeContent(s, r, "", f.Time, f.File)
	return true
}

// caching says who else may keep an answer.
func (s *served) caching(how string) string {
	if s.end.secret {
		return "private, " + how
	}
	return "public, " + how
}

// send answers with what was fetched.
func (s *served) send(r *http.Request, it modproxy.Item, a reply) {
	h := s.Header()
	setType(h, it, a.file.Type())
	switch {
	case a.stale:
		warn(h)
		h.Set("Cache-Control", "no-cache")
	case !it.Exact():
		h.Set("Cache-Control", s.caching("max-age="+seconds(lifeOf(it)-a.age)))
	}
	if a.how == "hit" || a.stale {
		h.Set("Age", seconds(a.age))
	}
	http.ServeContent(s, r, "", time.Time{}, io.NewSectionReader(a.file, 0, a.file.Size()))
}

func seconds(d time.Duration) string { return strconv.Itoa(int(max(0, d).Seconds())) }

// setType sets the types of the protocol. Nothing is ever compressed on the way: a zip is.
func setType(h http.Header, it modproxy.Item, said string) {
	typ := "text/plain; charset=utf-8"
	switch it.Kind {
	case modproxy.Zip:
		typ = "application/zip"
	case modproxy.Info, modproxy.Latest:
		typ = "application/json"
	case modproxy.Tile:
		typ = "application/octet-stream"
	}
	if said != "" && it.Kind.SumDB() {
		typ = said
	}
	h.Set("Content-Type", typ)
}

// fail answers with a failure, in words that the go command shows.
func (s *served) fail(e *endpoint, err error) {
	s.note = mask.Line(err.Error())
	status := (*StatusError)(nil)
	text := e.name + ": " + mask.Text(err.Error())
	if errors.As(err, &status) && status.missing() && len(status.Detail) > 0 {
		text = mask.Text(string(status.Detail))
	}
	s.refuse(statusOf(err), text)
}

// refuse answers with a reason.
func (s *served) refuse(status int, reason string) {
	if s.how == "" {
		s.how = "refused"
	}
	if s.note == "" {
		s.note = mask.Line(reason)
	}
	s.Header().Set("Cache-Control", "no-store")
	http.Error(s, s.plan.hidden.Mask(mask.Characters(reason)), status)
}

func (s *served) challenge(reason string) {
	s.Header().Set("WWW-Authenticate", `Basic realm="gosteady"`)
	s.refuse(http.StatusUnauthorized, reason)
}

// finish logs and counts a request.
func (g *Gateway) finish(s *served, r *http.Request) {
	if s.how == "health" && s.status == http.StatusOK {
		return
	}
	g.counts.request(s)
	level := slog.LevelInfo
	if s.status >= 500 {
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.Int("status", s.status), slog.Int64("bytes", s.bytes),
		slog.Duration("took", time.Since(s.began)), slog.String("from", s.how), slog.String("client", r.RemoteAddr),
	}
	if s.end != nil {
		attrs = append(attrs, slog.Int("endpoint", s.end.index), slog.String("file", string(s.item.Kind)))
	}
	if s.item.Mod.Path != "" {
		attrs = append(attrs, slog.String("module", mask.Line(s.item.Mod.Path)))
	}
	if s.item.Mod.Version != "" {
		attrs = append(attrs, slog.String("version", mask.Line(s.item.Mod.Version)))
	}
	if s.note != "" {
		attrs = append(attrs, slog.String("reason", s.plan.hidden.Mask(s.note)))
	}
	g.log.LogAttrs(r.Context(), level, "request", attrs...)
}

package faultproxy

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// half is the value of Fault.After that stands for half of the body.
const half = -1

// portal is what a hotel's or an airport's network answers in place of everything.
const portal = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head>" +
	"<body><h1>Please sign in to use the network</h1></body></html>\n"

// A Fault is what happens to one answer. ParseRules names the fields.
type Fault struct {
	Kind   string
	Value  string // what followed the kind's =
	Status int    // for the kind status
	After  int    // bytes of body before it happens; half: half of them
	Reason string // for the kind status, over HTTP/1
	Body   string
	Type   string
	Header [][2]string
	Delay  time.Duration
}

func (f *Fault) String() string {
	if f.Value == "" {
		return f.Kind
	}
	return f.Kind + "=" + f.Value
}

var kinds = []string{
	"status", "html", "hang", "stall", "drip", "cut", "cut-chunked", "cut-silent", "abort", "reset",
	"goaway", "flip", "drop", "instead", "redirect", "endless", "slow", "babble", "surplus",
}

func (f *Fault) set(key, value string) (err error) {
	switch key {
	case "after":
		f.After, err = strconv.Atoi(value)
	case "body":
		f.Body = value
	case "type":
		f.Type = value
	case "reason":
		f.Reason, err = url.PathUnescape(value)
	case "retry-after":
		f.Header = append(f.Header, [2]string{"Retry-After", value})
	case "header":
		name, content, _ := strings.Cut(value, ":")
		f.Header = append(f.Header, [2]string{name, strings.TrimSpace(content)})
	case "delay":
		f.Delay, err = time.ParseDuration(value)
	default:
		err = f.setKind(key, value)
	}
	return err
}

func (f *Fault) setKind(key, value string) (err error) {
	if !slices.Contains(kinds, key) {
		return fmt.Errorf("not a word of a rule")
	}
	if f.Kind != "" {
		return fmt.Errorf("a second fault after %s", f.Kind)
	}
	f.Kind, f.Value = key, value
	switch key {
	case "status":
		f.Status, err = strconv.Atoi(value)
	case "drip":
		_, err = strconv.Atoi(value)
	}
	return err
}

// spoil answers a request as the fault says.
func (p *Proxy) spoil(w http.ResponseWriter, r *http.Request, f *Fault) {
	p.sleep(r.Context(), f.Delay)
	for _, h := range f.Header {
		w.Header().Add(h[0], h[1])
	}
	switch f.Kind {
	case "status":
		if f.Reason != "" {
			sayReason(r, f)
		}
		say(w, f, f.Status, "text/plain; charset=utf-8", http.StatusText(f.Status)+"\n")
	case "html":
		say(w, f, http.StatusOK, "text/html; charset=utf-8", portal)
	case "redirect":
		redirect(w, r, f.Value)
	case "hang":
		p.hang(r)
	case "endless":
		p.endless(w, r)
	case "babble":
		babble(r)
	case "slow":
		p.config.Content.ServeHTTP(w, r)
	case "instead":
		other := r.Clone(r.Context())
		other.URL.Path = f.Value
		p.config.Content.ServeHTTP(w, other)
	default:
		a := p.honest(r)
		a.spoil(f)
		p.send(w, r, f, a)
	}
}

func say(w http.ResponseWriter, f *Fault, status int, mime, body string) {
	if f.Type != "" {
		mime = f.Type
	}
	if f.Body != "" {
		body = f.Body
	}
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write([]byte(body))
}

func redirect(w http.ResponseWriter, r *http.Request, to string) {
	if to == "self" {
		to = ""
	}
	w.Header().Set("Location", to+r.URL.Path)
	w.WriteHeader(http.StatusFound)
}

// hang keeps the request until the client, or the test, has had enough.
func (p *Proxy) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-p.done:
	}
	panic(http.ErrAbortHandler)
}

func (p *Proxy) endless(w http.ResponseWriter, r *http.Request) {
	block := bytes.Repeat([]byte("endless\n"), 4096)
	for {
		select {
		case <-p.done:
			return
		default:
		}
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// babble is what a client reads where a connection is out of step: the middle of
// another answer.
func babble(r *http.Request) {
	conn, _ := r.Context().Value(connKey{}).(net.Conn)
	fmt.Fprint(conn, "PK\x03\x04\x14\x00\b\x00\r\n\r\n")
	conn.Close()
	panic(http.ErrAbortHandler)
}

// sayReason answers with a reason phrase of its own, which net/http cannot.
func sayReason(r *http.Request, f *Fault) {
	conn, _ := r.Context().Value(connKey{}).(net.Conn)
	fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", f.Status, f.Reason)
	conn.Close()
	panic(http.ErrAbortHandler)
}

// honest is the answer that the request would have had.
func (p *Proxy) honest(r *http.Request) *answer {
	a := &answer{header: http.Header{}, status: http.StatusOK}
	p.config.Content.ServeHTTP(a, r)
	return a
}

// An answer is a response in memory.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// spoil changes the content, for faults that do.
func (a *answer) spoil(f *Fault) {
	switch f.Kind {
	case "flip":
		if b := a.body.Bytes(); len(b) > 0 {
			at := len(b) / 2
			if f.Value == "any" {
				at = rand.IntN(len(b))
			}
			b[at] ^= 0x20
		}
	case "drop":
		var kept []byte
		for line := range bytes.Lines(a.body.Bytes()) {
			if !bytes.Contains(line, []byte(f.Value)) {
				kept = append(kept, line...)
			}
		}
		a.body = *bytes.NewBuffer(kept)
	default:
		return
	}
	a.header.Del("Etag")
}

// send delivers the answer, or as much of it as the fault lets through.
func (p *Proxy) send(w http.ResponseWriter, r *http.Request, f *Fault, a *answer) {
	body := a.body.Bytes()
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	switch f.Kind {
	case "cut-chunked":
		w.Header().Del("Content-Length")
	case "cut-silent":
		// On HTTP/1 this makes the end of the connection the end of the body.
		w.Header().Del("Content-Length")
		if r.ProtoMajor == 1 {
			w.Header().Set("Transfer-Encoding", "identity")
		}
	}
	if f.After != 0 || f.Kind == "cut" {
		w.WriteHeader(a.status)
	}
	switch f.Kind {
	case "flip", "drop":
		w.Write(body)
	case "surplus":
		w.Write(body)
		http.NewResponseController(w).Flush()
		conn, _ := r.Context().Value(connKey{}).(net.Conn)
		fmt.Fprint(conn, "surplus\r\n\r\n")
	case "drip":
		p.drip(w, r, body, f.Value)
	default:
		w.Write(body[:f.cut(len(body))])
		p.breakOff(w, r, f)
	}
}

func (f *Fault) cut(size int) int {
	if f.After == half {
		return size / 2
	}
	return min(f.After, size)
}

func (p *Proxy) drip(w http.ResponseWriter, r *http.Request, body []byte, rate string) {
	n, _ := strconv.Atoi(rate)
	step := max(n/20, 1)
	for chunk := range slices.Chunk(body, step) {
		w.Write(chunk)
		http.NewResponseController(w).Flush()
		p.sleep(r.Context(), time.Duration(len(chunk))*time.Second/time.Duration(n))
		if r.Context().Err() != nil {
			return
		}
	}
}

// breakOff ends an answer that is not complete.
func (p *Proxy) breakOff(w http.ResponseWriter, r *http.Request, f *Fault) {
	if f.After != 0 {
		http.NewResponseController(w).Flush()
	}
	conn, _ := r.Context().Value(connKey{}).(net.Conn)
	switch f.Kind {
	case "cut", "cut-silent":
		return // net/http closes the connection, or ends the stream
	case "stall":
		p.hang(r)
	case "reset":
		resetConn(conn)
	case "goaway":
		if r.ProtoMajor == 2 {
			goAway(conn)
		}
		conn.Close()
	}
	// Over HTTP/2 the stream is reset, over HTTP/1 the connection closed.
	panic(http.ErrAbortHandler)
}

// settle lets what was flushed reach the client before the connection breaks, so
// that it is the body that breaks and not the header.
const settle = 5 * time.Millisecond

// resetConn makes the kernel send RST rather than FIN.
func resetConn(conn net.Conn) {
	time.Sleep(settle)
	raw := conn
	if t, ok := conn.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	raw.Close()
}

// goAway writes an HTTP/2 GOAWAY frame below net/http, which would only send one
// that lets the streams finish. All streams count as seen (the highest id), so the
// client does not take the request for one that it may repeat by itself.
func goAway(conn net.Conn) {
	time.Sleep(settle)
	const typeGoAway = 7
	frame := []byte{0, 0, 8, typeGoAway, 0, 0, 0, 0, 0}
	frame = binary.BigEndian.AppendUint32(frame, 1<<31-1) // last stream
	frame = binary.BigEndian.AppendUint32(frame, 0)       // NO_ERROR
	conn.Write(frame)
	time.Sleep(settle)
}

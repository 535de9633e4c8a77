package classify

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestEverySignatureHasAReasonAndASource(t *testing.T) {
	seen := map[string]string{}
	for _, s := range signatures() {
		if s.role == mark {
			if s.sign == signNone {
				t.Errorf("%q marks nothing", s.text)
			}
			continue
		}
		if u, err := url.Parse(s.from); err != nil || u.Scheme != "https" || s.why == "" {
			t.Errorf("%q: why %q, source %q", s.text, s.why, s.from)
		}
		if _, _, ok := Lookup(string(s.class)); !ok {
			t.Errorf("%q: unknown class %q", s.text, s.class)
		}
		key := strings.ToLower(s.text) + string(s.class)
		if other, ok := seen[key]; ok {
			t.Errorf("%q stands in the table twice: %q", s.text, other)
		}
		seen[key] = s.text
	}
}

func TestKindsBelongToSignaturesOrStatus(t *testing.T) {
	for _, k := range kinds {
		if !slices.ContainsFunc(signatures(), func(s signature) bool { return s.kind == k.kind && s.class == k.class }) {
			t.Errorf("advice for %s/%s, which nothing yields", k.class, k.kind)
		}
	}
}

func TestTableHasEveryClassOnce(t *testing.T) {
	all := []Class{
		DNS, Connect, Timeout, Reset, Truncated, HTTP2, TLSHandshake, ServerError, RateLimited, NotFound, Gone,
		Unauthorized, Forbidden, TLSVerify, HTTPProxy, BadContent, Checksum, SumDBUnreachable, SumDBMissing,
		VCSNetwork, VCSAuth, VCSMissing, CacheCorrupt, CacheIO, Toolchain, Configuration, NotFetch,
	}
	var got []Class
	for _, row := range Table() {
		got = append(got, row.Class)
		if row.Summary == "" || row.Why == "" || !strings.HasPrefix(row.Source, "https://") {
			t.Errorf("%s: incomplete", row.Class)
		}
	}
	if !slices.Equal(got, all) {
		t.Errorf("got %v", got)
	}
}

func TestLookup(t *testing.T) {
	for word, want := range map[string]string{
		"dns":       "[dns] false true",
		"integrity": "[bad-content checksum] true true",
		"auth":      "[unauthorized forbidden vcs-auth] true true",
		"transient": "[dns connect timeout reset truncated http2 tls-handshake server-error rate-limited bad-content sumdb-unreachable vcs-network] true true",
		"dnss":      "[] false false",
	} {
		members, group, ok := Lookup(word)
		if got := fmt.Sprint(members, group, ok); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
	for _, word := range Words() {
		if _, _, ok := Lookup(word); !ok {
			t.Errorf("%q is a word, but no one knows it", word)
		}
	}
}

func TestMatcherIgnoresCaseAndWhiteSpace(t *testing.T) {
	m := newMatcher([]string{"connection reset by peer", "reset", "go:", "x y"})
	for text, want := range map[string][]string{
		"Connection Reset by peer":       {"Reset", "Connection Reset by peer"},
		"connection re\nset by\n\tpeer.": {"re\nset", "connection re\nset by\n\tpeer"},
		"xy go:":                         {"xy", "go:"},
		"nothing":                        nil,
	} {
		var got []string
		for _, h := range m.all(text) {
			got = append(got, text[h.start:h.end])
		}
		if !slices.Equal(got, want) || m.any(text) != (want != nil) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzMatcher(f *testing.F) {
	f.Add("a b ab", "ab")
	f.Add("x: EOF", ": EOF")
	f.Fuzz(func(t *testing.T, text, literal string) {
		squeeze := func(s string) string { // byte by byte: logs are not always UTF-8
			return string(slices.DeleteFunc([]byte(lowerASCII(s)), func(b byte) bool { return strings.IndexByte(" \t\r\n", b) >= 0 }))
		}
		if squeeze(literal) == "" || len(literal) > 200 {
			return
		}
		m := newMatcher([]string{literal, "zz"})
		want := strings.Contains(squeeze(text), squeeze(literal)) || strings.Contains(squeeze(text), "zz")
		if got := m.any(text); got != want {
			t.Errorf("%q in %q: %v", literal, text, got)
		}
	})
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = lower(b[i])
	}
	return string(b)
}

func TestHTTP(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		sumdb  bool
		want   Class
		retry  bool
	}{
		{500, "", false, ServerError, true},
		{501, "", false, ServerError, false},
		{505, "", false, ServerError, false},
		{503, "<html>", false, ServerError, true},
		{511, "", false, HTTPProxy, false},
		{408, "", false, ServerError, true},
		{425, "", false, ServerError, true},
		{429, "", false, RateLimited, true},
		{403, "API rate limit exceeded for 1.2.3.4", false, RateLimited, true},
		{403, "blocked", false, Forbidden, false},
		{451, "", false, Forbidden, false},
		{401, "", false, Unauthorized, false},
		{407, "", false, HTTPProxy, false},
		{404, "not found: module x: no matching versions", false, NotFound, false},
		{404, "not found: fetch timed out", false, NotFound, true},
		{404, "not found: temporarily unavailable: dial tcp: i/o timeout", false, NotFound, true},
		{404, "fatal: could not read Username for 'https://github.com': terminal prompts disabled", false, NotFound, false},
		{410, "", false, Gone, false},
		{410, "git fetch: exit status 128: fatal: early EOF", false, Gone, true},
		{400, "", false, NotFound, false},
		{302, "", false, BadContent, false},
		{404, "unknown revision v1.0.0", true, SumDBMissing, true},
		{410, "", true, SumDBMissing, false},
		{500, "", true, SumDBUnreachable, true},
		{400, "", true, SumDBUnreachable, false},
		{403, "", true, SumDBUnreachable, false},
		{401, "", true, Unauthorized, false},
	} {
		f := HTTP(c.status, c.body, c.sumdb)
		if f.Class != c.want || f.Transient != c.retry || f.Status != c.status || f.Advice == "" {
			t.Errorf("%d %q, sumdb %v: %+v, want %s, %v", c.status, c.body, c.sumdb, f, c.want, c.retry)
		}
	}
}

func TestErrByItsWords(t *testing.T) {
	for text, want := range map[string]Class{
		"stream error: stream ID 5; INTERNAL_ERROR; received from peer":                            HTTP2,
		"http2: server sent GOAWAY and closed the connection; LastStreamID=1999, ErrCode=NO_ERROR": HTTP2,
		"net/http: TLS handshake timeout":                                                          TLSHandshake,
		"net/http: timeout awaiting response headers":                                              Timeout,
		"wsarecv: An existing connection was forcibly closed by the remote host.":                  Reset,
		"connectex: No connection could be made because the target machine actively refused it.":   Connect,
		"http: server gave HTTP response to HTTPS client":                                          TLSVerify,
		`Get "https://p.q/x": Forbidden`:                                                           HTTPProxy,
		`Get "https://p.q/x": http: server closed idle connection`:                                 Truncated,
		"stopped after 10 redirects":                                                               BadContent,
		"something that nobody has seen before":                                                    Reset,
	} {
		if f := Err(errors.New(text)); f.Class != want || f.Advice == "" {
			t.Errorf("%q: %+v, want %s", text, f, want)
		}
	}
}

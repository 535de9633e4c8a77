package relay

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/upstream"
)

// TestOnlyTheProtocol: whoever knows the relay's address can ask it for modules, and
// for nothing else that the proxy's server has.
func TestOnlyTheProtocol(t *testing.T) {
	for _, base := range []string{"", "/artifactory/api/go/go-virtual"} {
		p := fault(t, helloStore(t), "")
		b := open(t, p.URL()+base, func(c *Config) { c.Policy.SumDB = []string{"https://sum.golang.google.cn"} })
		for _, path := range []string{
			"/0/../api/security/token", "/0/%2e%2e/api/security/token", "/0/..%2f..%2fapi/security/token",
			"/0/sumdb/../../api/security/token", "/0/sumdb/..%2f..%2fapi/supported", "/0/api/security/token", "/0/", "/0//",
			"/0/example.com/hello/@v/../../../../api", "/0/example.com/hello/@v/..%2f..%2fapi.info", "/0/robots.txt",
			"/0/sumdb/sum.golang.org/../../api/latest", "/sumdb/../../api", "/sumdb/lookup/../../../api@v1.0.0",
		} {
			equal(t, path, raw(t, b, path), http.StatusForbidden)
		}
		equal(t, "requests", len(p.Requests()), 0)
	}
}

// TestReasonIsNoMarker: an upstream's words are its own, whatever they are.
func TestReasonIsNoMarker(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		hijack(w, "502 gosteady-1", "", nil)
	}))
	defer srv.Close()
	b := open(t, srv.URL)
	b.relay.errorIDs.name(&upstream.Error{Text: "another failure's text"})
	want := "reading " + srv.URL + "/" + hello + "/@v/list: 502 gosteady-1"
	equal(t, "words", b.words(b.get(0, hello+"/@v/list")), want)
}

// raw asks with a path as it is, which net/http's client would clean.
func raw(tb testing.TB, b *bench, path string) int {
	tb.Helper()
	conn, err := net.Dial("tcp", b.relay.port.addr)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	below := strings.TrimPrefix(b.relay.port.base, "http://"+b.relay.port.addr)
	fmt.Fprintf(conn, "GET %s%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", below, path, b.relay.port.addr)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		tb.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

package relay

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestHeadHasNoBody, whatever words the status has.
func TestHeadHasNoBody(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hijack(w, "403 No Way", "text/plain", []byte("go away"))
	}))
	defer srv.Close()
	b := open(t, srv.URL)
	conn, err := net.Dial("tcp", b.relay.port.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "HEAD /%s/0/%s/@v/list HTTP/1.1\r\nHost: %s\r\n\r\n", b.relay.port.token, hello, b.relay.port.addr)
	all, err := io.ReadAll(conn)
	if text := string(all); err != nil || !strings.HasPrefix(text, "HTTP/1.1 403 No Way\r\n") || !strings.HasSuffix(text, "\r\n\r\n") {
		t.Errorf("%q %v", text, err)
	}
}

package modproxy

import (
	"errors"
	"fmt"
	"net/http"
)

// maxRedirects is net/http's own number, as cmd/go has it.
const maxRedirects = 10

// CheckRedirect refuses what cmd/go refuses, in its words. What credentials go
// along is decided by net/http, for go as for us: those that it knows (see
// shouldCopyHeaderOnRedirect) stay with the host and its subdomains, whatever the
// port, and a header of GOAUTH's own invention follows everywhere. None are
// looked up for where a redirect leads.
func CheckRedirect(req *http.Request, via []*http.Request) error {
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		last := via[len(via)-1].URL
		return fmt.Errorf("redirected from secure URL %s to insecure URL %s", last.Redacted(), req.URL.Redacted())
	}
	if len(via) >= maxRedirects {
		return errors.New("stopped after 10 redirects")
	}
	return nil
}

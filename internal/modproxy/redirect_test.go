package modproxy

import (
	"net/http"
	"slices"
	"testing"
)

func TestCheckRedirect(t *testing.T) {
	request := func(address string) *http.Request {
		req, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		return req
	}
	for _, c := range []struct {
		to   string
		via  []string
		want string
	}{
		{"https://s.q/x", []string{"https://p.q"}, ""},
		{"http://s.q/x", []string{"http://p.q"}, ""},
		{"https://s.q/x", []string{"http://p.q"}, ""},
		{"http://s.q/x", []string{"https://p.q"}, "redirected from secure URL https://p.q to insecure URL http://s.q/x"},
		{"http://me:word@s.q/x", []string{"https://p.q", "https://me:word@r.q"}, "redirected from secure URL https://me:xxxxx@r.q to insecure URL http://me:xxxxx@s.q/x"},
		{"http://s.q/x", slices.Repeat([]string{"http://p.q"}, 9), ""},
		{"http://s.q/x", slices.Repeat([]string{"http://p.q"}, 10), "stopped after 10 redirects"},
	} {
		var via []*http.Request
		for _, address := range c.via {
			via = append(via, request(address))
		}
		got := ""
		if err := CheckRedirect(request(c.to), via); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.via, c.to, got, c.want)
		}
	}
}

package shim

import (
	"testing"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/relay"
)

// TestCovers: what the relay has tried for good is not tried again by running
// the command again, also where go's text names less than the relay knows.
func TestCovers(t *testing.T) {
	const zip = "main.go:3:8: zip: checksum error"
	tests := []struct {
		name string
		met  classify.Failure
		text classify.Failure
		want bool
	}{
		{"the module", classify.Failure{Module: "example.com/a"}, classify.Failure{Module: "example.com/a"}, true},
		{"another module of the same host", classify.Failure{Module: "example.com/a", Host: "p.test"}, classify.Failure{Module: "example.com/b", Host: "p.test"}, false},
		{"a tile, which is no module's", classify.Failure{Host: "p.test:8080"}, classify.Failure{Module: "example.com/a", Host: "p.test"}, true},
		{"another host", classify.Failure{Host: "p.test"}, classify.Failure{Module: "example.com/a", Host: "q.test"}, false},
		{"git's, after the proxy's 404", classify.Failure{Class: classify.NotFound, Module: "example.com/a"}, classify.Failure{Class: classify.VCSNetwork, Transient: true, Module: "example.com/a"}, false},
		{"text that names nothing", classify.Failure{Class: classify.BadContent, Module: "example.com/a", Host: "p.test"}, first(t, zip), true},
		{"text that names nothing, of another class", classify.Failure{Class: classify.Reset, Module: "example.com/a", Host: "p.test"}, first(t, zip), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sameFailure(relay.Failure{Failure: tt.met}, tt.text); got != tt.want {
				t.Errorf("sameFailure = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestCoversToolchains: go says of a toolchain's zip what is wrong, of its module nothing
// but a version of Go.
func TestCoversToolchains(t *testing.T) {
	const mod = "golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64: "
	for _, tt := range []struct {
		class classify.Class
		text  string
	}{
		{classify.BadContent, "go: download go1.99.0: zip: not a valid zip file"},
		{classify.BadContent, "go: download go1.99rc1: zip: checksum error"},
		{classify.BadContent, "go: download go1.99.0: flate: corrupt input before offset 118"},
		{classify.BadContent, "go: download go1.99.0: unexpected EOF"},
		{classify.BadContent, "go: download go1.99.0: zip for golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64 has unexpected file evil/go.mod"},
		{classify.Checksum, "go: download go1.99.0: " + mod + "verifying module: checksum mismatch\n\tdownloaded: h1:a\n\tsum.golang.org: h1:b\n\nSECURITY ERROR"},
		{classify.ServerError, "go: download go1.99.0: " + mod + "reading https://q.test/golang.org/toolchain/@v/v0.0.1-go1.99.0.linux-amd64.zip: 500 Internal Server Error"},
		{classify.Reset, "go: download go1.99.0: " + mod + `read "https://q.test/golang.org/toolchain/@v/v0.0.1-go1.99.0.linux-amd64.zip": read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer`},
		{classify.ServerError, "go: download go1.99.0: " + mod + "verifying module: " + mod + "reading https://q.test/sumdb/sum.golang.org/lookup/golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64: 500 Internal Server Error"},
		{classify.ServerError, "go: switching to go >= 1.99.0: module golang.org/toolchain: reading https://q.test/golang.org/toolchain/@v/list: 500 Internal Server Error"},
		{classify.ServerError, "go: go@latest: module golang.org/toolchain: reading https://q.test/golang.org/toolchain/@v/list: 500 Internal Server Error"},
	} {
		met := classify.Failure{Class: tt.class, Module: "golang.org/toolchain", Host: "p.test"}
		other := classify.Failure{Class: tt.class, Module: "example.com/a", Host: "p.test"}
		f := first(t, tt.text)
		if !sameFailure(relay.Failure{Failure: met}, f) || sameFailure(relay.Failure{Failure: other}, f) {
			t.Errorf("%q is not the toolchain's failure alone: %+v", tt.text, f)
		}
	}
}

func TestCostly(t *testing.T) {
	for _, tt := range []struct {
		class classify.Class
		size  int64
		want  bool
	}{
		{classify.BadContent, 70 << 20, true},
		{classify.Checksum, 70 << 20, true},
		{classify.BadContent, 1 << 20, false},
		{classify.ServerError, 0, false},
	} {
		r := relay.Failure{Failure: classify.Failure{Class: tt.class}, Size: tt.size}
		if got := costly(r); got != tt.want {
			t.Errorf("%s of %d bytes: costly = %v", tt.class, tt.size, got)
		}
	}
}

// first is the failure that a text tells of first.
func first(t *testing.T, text string) classify.Failure {
	t.Helper()
	met := classify.Live(text)
	if len(met) == 0 {
		t.Fatalf("no failure in %q", text)
	}
	return met[0]
}

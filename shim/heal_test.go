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

// first is the failure that a text tells of first.
func first(t *testing.T, text string) classify.Failure {
	t.Helper()
	met := classify.Live(text)
	if len(met) == 0 {
		t.Fatalf("no failure in %q", text)
	}
	return met[0]
}

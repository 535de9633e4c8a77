package demo

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// The whole demonstration needs the built binary: see testdata/script/demo.txtar.
// Here the plain go plays both parts, so the second one fails as well.
func TestShowsPlainGoFailing(t *testing.T) {
	real, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command in PATH")
	}
	stage, err := newStage(os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	d := &demo{stage: stage, out: &out, plain: real, self: real}
	if proved, err := d.play(context.Background()); proved || err != nil {
		t.Errorf("proved: %v, %v", proved, err)
	}
	stage.clear()
	if _, err := os.Stat(stage.root); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", stage.root, err)
	}
	for _, want := range []string{
		"503 Service Unavailable",
		"invalid character '<'",
		"/example.com/large/@v/v1.0.0.zip",
		"[failed, exit status 1,",
		"gosteady was expected to succeed",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not shown in\n%s", want, out.String())
		}
	}
}

func TestInherits(t *testing.T) {
	got := inheritedFrom([]string{"PATH=/bin", "Path=x", "GOFLAGS=-mod=vendor", "GOSTEADY_RETRY=1", "CI=true"})
	if strings.Join(got, " ") != "PATH=/bin Path=x" {
		t.Error(got)
	}
}

func TestOutcome(t *testing.T) {
	ranged := http.Header{"Range": {"bytes=4096-"}}
	log := []faultproxy.Request{
		{Path: "/a", Fault: "reset"},
		{Path: "/b"},
		{Path: "/a", Header: ranged},
		{Path: "/c", Fault: "status=503"},
		{Path: "/c"},
	}
	tests := map[string]string{
		"/a": "reset, then resumed at byte 4096",
		"/b": "fetched",
		"/c": "503, then fetched",
		"/d": "",
	}
	for path, want := range tests {
		if got := outcome(log, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

package shim

import (
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/shim/front"
)

// sessionOf is a session for a command line, with a relay that does nothing.
func sessionOf(line string, environ ...string) *session {
	environ = append(environ, "GOENV=off")
	return &session{relay: new(relay.Relay), plan: &front.Plan{
		Inv: front.Parse(strings.Fields(line), nil), Environ: environ, Settings: goenv.Read(environ, ""),
	}}
}

func TestWidened(t *testing.T) {
	tests := []struct {
		line string
		run  run
		env  string
		want bool
	}{
		{line: "mod download", want: true},
		{line: "mod tidy -v", want: true},
		{line: "get example.com/a", want: true},
		{line: "get example.com/a", env: "GO111MODULE=off"},
		{line: "mod download", env: "GOMAXPROCS=4"},
		{line: "mod download", env: "GOMAXPROCS=", want: true},
		{line: "mod verify"},
		{line: "build ./..."},
		{line: "list ./..."},
		{line: "test ./..."},
		{line: "test ./...", run: run{mode: warming}, want: true},
		{line: "test -toolexec=x ./...", run: run{mode: warming}},
		{line: "run .", run: run{mode: final}},
		{line: "generate", run: run{mode: untouched}},
	}
	for _, tt := range tests {
		s := sessionOf(tt.line, tt.env)
		if got := s.widened(tt.run); (got != nil) != tt.want {
			t.Errorf("%s %+v %s: %v", tt.line, tt.run, tt.env, got)
		}
	}
	if s := sessionOf("mod download"); true {
		s.relay = nil
		if s.widened(run{}) != nil {
			t.Error("widened without a relay")
		}
	}
}

func TestScoutArgs(t *testing.T) {
	tests := []struct{ line, want string }{
		{"build -o x ./...", "build -n -o x ./..."},
		{"-C d vet ./...", "-C d vet -n ./..."},
		{"install ./cmd/...", "install -n ./cmd/..."},
		{"list -deps ./...", "list -deps ./..."},
		{"list -m all", "list -m all"},
		{"list -m -u all", ""},
		{"list -compiled ./...", ""},
		{"list -export ./...", ""},
		{"list -export=false ./...", "list -export=false ./..."},
		{"install example.com/m@latest", ""},
		{"build -mod=mod ./...", ""},
		{"build -toolexec=x ./...", ""},
		{"vet -vettool=x ./...", ""},
		{"build -overlay=/dev/fd/3 ./...", ""},
		{"mod download", ""},
		{"test ./...", ""},
	}
	for _, tt := range tests {
		want := strings.Fields(tt.want)
		if got := sessionOf(tt.line).scoutArgs(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", tt.line, got, want)
		}
	}
}

// A scout that comes too late is not sent.
func TestScoutAfterTheEnd(t *testing.T) {
	s := sessionOf("build ./...")
	s.recall()
	s.sendScout()
	if s.scout.child != nil {
		t.Error("a scout runs on when the command has ended")
	}
}

package steady

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/steadytest"
)

// Whatever the environment, a server, a log and a journal hold, no command prints a
// user name, a signature or a character that a terminal obeys.
func TestCommandsAreMasked(t *testing.T) {
	const evil = "\x1b]52;c;ZXZpbA==\a\u009b31m\u202e"
	m := steadytest.NewMachine(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, evil+"trouble at /b/x.zip?X-Amz-Signature=s1gned", http.StatusInternalServerError)
	}))
	state := filepath.Join(m.Root, "state")
	proxy := strings.Replace(m.Place.Getenv("GOPROXY"), "://", "://tok3n@", 1)
	m.Place = here.Place{Dir: m.Place.Dir, Env: append(m.Place.Env, "GOSTEADY_STATE="+state, "GOENV=off",
		"GOPROXY="+proxy+",tok3n@athens.invalid|direct", "HTTPS_PROXY=http://tok3n@127.0.0.1:1", "GOFLAGS=-tags="+evil, "GOSTEADY_HEDGE="+evil)}
	inv := steadytest.Known()
	inv.Dir, inv.Command = "/src/"+evil, []string{"get", evil}
	inv.Events[0].Module, inv.Events[1].Upstream, inv.Events[3].Text = "m.example/"+evil, evil, evil
	if err := journal.NewStore(state).Append(inv); err != nil { // an older gosteady's
		t.Fatal(err)
	}
	m.File("src/log", "go: example.com/x"+evil+"@v1.0.0: reading https://tok3n@h.example/x?sig=s1gned: 503 "+evil+"\n"+
		"go: example.com/x@v1.0.0: reading https://tok3n@h.example/x?sig=s1gned: 503 "+evil+"\n")
	m.File("src/.gosteady.yaml", "proxies: ['https://tok3n@h.example/?s1gned="+`"\e\u202e"`+"']\nproxie: 1\n")
	for _, args := range []string{
		"last", "last --json", "last --redact", "stats", "stats --format prometheus", "stats --format json", "doctor", "doctor --json",
		"probe corp.example/m@v1.0.0", "probe corp.example/m --json", "explain log", "explain --json log",
		"policy show", "policy show --json", "policy check", "policy explain server-error", "policy trusted", "policy trust",
		"policy replay log", "which", "which --json", "explain " + evil, evil, "policy check " + evil, "last --html " + filepath.Join(m.Root, "page"), "last --trace " + filepath.Join(m.Root, "trace"),
	} {
		var out bytes.Buffer
		app := &App{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Place: m.Place}
		app.Run(strings.Fields(args))
		text := out.String()
		for _, name := range []string{"page", "trace"} {
			data, _ := os.ReadFile(filepath.Join(m.Root, name))
			text += string(data)
		}
		if strings.ContainsAny(text, "\x1b\a\u009b\u202e") || strings.Contains(text, "tok3n") || strings.Contains(text, "s1gned") {
			t.Errorf("%q prints %q", args, text)
		}
	}
}

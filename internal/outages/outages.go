// Package outages plays what servers and HTTP proxies do in practice, beside a go
// command that downloads 36 modules: they are killed and come back, limit the rate,
// or fail. The tests and the benchmark share the cases, so that both show the same.
//
// A case runs in real time, on loopback, with a cold module cache.
package outages

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/faultproxy"
)

// modules is how many modules the project requires: each has three files.
const modules = 36

// A Case is one thing that happens to a download.
type Case struct {
	Name    string
	Long    bool          // it takes more than some ten seconds
	Latency time.Duration // before each answer
	Rules   string        // of the server, for faultproxy
	HTTP2   bool
	Via     Via
	Down    []Down   // the server is killed, or the HTTP proxy if there is one
	Args    []string // of go; none: mod download
	List    string   // GOPROXY, with %s for the server's URL; "": that alone
	Fails   bool     // nobody gets through
}

// A Down is a time during which a server is not there.
type Down struct {
	Requests int           // begins when so many have come; 0: before the command starts
	After    time.Duration // and this much later
	For      time.Duration // 0: for good
}

// Via says what HTTP proxy the server is reached through.
type Via int

const (
	Directly  Via = iota
	Forwarded     // HTTP_PROXY
	ByTunnel      // HTTPS_PROXY, with CONNECT
)

// An Outcome is what a command made of a case.
type Outcome struct {
	Code     int
	Took     time.Duration
	Requests int // in all: those that came, and those that were refused
	Down     int // of them, those that were made while nobody was there, but for those under way when that began
	Output   string
}

// A World is the modules that all cases download.
type World struct {
	store *faultproxy.Store
	files map[string]string // of the project
}

// NewWorld makes them.
func NewWorld() (*World, error) {
	w := &World{store: faultproxy.NewStore()}
	rnd := rand.New(rand.NewSource(1))
	var mod, sum, program strings.Builder
	mod.WriteString("module example.com/main\n\ngo 1.21\n\n")
	program.WriteString("package main\n\n")
	for i := range modules {
		path := fmt.Sprintf("example.com/m%02d", i)
		text := make([]byte, 1+rnd.Intn(60_000))
		for j := range text {
			text[j] = byte('a' + rnd.Intn(16))
		}
		files := map[string]string{"m.go": fmt.Sprintf("package m%02d\n", i), "text": string(text)}
		if err := w.store.Add(path, "v1.0.0", files); err != nil {
			return nil, err
		}
		lines, err := w.store.Sum(path, "v1.0.0")
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&mod, "require %s v1.0.0\n", path)
		sum.WriteString(lines)
		fmt.Fprintf(&program, "import _ %q\n", path)
	}
	program.WriteString("\nfunc main() {}\n")
	w.files = map[string]string{"go.mod": mod.String(), "go.sum": sum.String(), "main.go": program.String()}
	return w, nil
}

// serverName is what a server is called that is reached through an HTTP proxy: go
// asks loopback itself.
const serverName = "modules.test"

// Serve starts an honest server of the modules, under another name than loopback if
// there is a host.
func (w *World) Serve(host string) (*faultproxy.Proxy, error) {
	return faultproxy.Start(faultproxy.Config{Content: w.store, Host: host, TLS: host != "", Latency: 10 * time.Millisecond})
}

// Run plays a case to a program below an empty directory. environ is what the
// program gets beside what the case sets.
func (w *World) Run(c Case, program, root string, environ []string) (Outcome, error) {
	dir := filepath.Join(root, "project")
	if err := w.Write(dir); err != nil {
		return Outcome{}, err
	}
	s, err := w.start(c)
	if err != nil {
		return Outcome{}, err
	}
	defer s.close()
	ca := filepath.Join(root, "ca.pem")
	if err := os.WriteFile(ca, s.server.CertPEM(), 0o666); err != nil {
		return Outcome{}, err
	}
	args := c.Args
	if args == nil {
		args = []string{"mod", "download"}
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(append([]string(nil), environ...), s.environ(ca)...)
	cmd.Stdout, cmd.Stderr = &s.output, &s.output
	over := make(chan struct{})
	played := make(chan error, 1)
	s.before()
	began := time.Now()
	go func() { played <- s.play(began, over) }()
	err = cmd.Run()
	took := time.Since(began)
	close(over)
	if err := <-played; err != nil {
		return Outcome{}, err
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return Outcome{}, err
	}
	return s.outcome(cmd.ProcessState.ExitCode(), took), nil
}

// Write writes the project that needs all modules into a directory.
func (w *World) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for name, text := range w.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// A stage is the servers of one run.
type stage struct {
	c      Case
	server *faultproxy.Proxy
	hop    *hop // nil: there is no HTTP proxy
	output output
	killed []time.Time
}

func (w *World) start(c Case) (*stage, error) {
	config := faultproxy.Config{Content: w.store, Latency: c.Latency, Rules: c.Rules, HTTP2: c.HTTP2}
	if c.Via != Directly {
		config.Host, config.TLS = serverName, c.Via == ByTunnel
	}
	s := &stage{c: c}
	var err error
	if s.server, err = faultproxy.Start(config); err != nil {
		return nil, err
	}
	if c.Via != Directly {
		if s.hop, err = startHop(s.server); err != nil {
			s.server.Close()
			return nil, err
		}
	}
	return s, nil
}

func (s *stage) close() {
	s.server.Close()
	if s.hop != nil {
		s.hop.proxy.Close()
	}
}

func (s *stage) environ(ca string) []string {
	list := s.server.URL()
	if s.c.List != "" {
		list = fmt.Sprintf(s.c.List, list)
	}
	env := []string{"GOPROXY=" + list}
	if s.server.CertPEM() != nil {
		env = append(env, "SSL_CERT_FILE="+ca)
	}
	if s.hop != nil {
		env = append(env, "NO_PROXY=", "no_proxy=", "HTTP_PROXY="+s.hop.proxy.URL(), "HTTPS_PROXY="+s.hop.proxy.URL())
	}
	return env
}

// victim is what is killed.
func (s *stage) victim() *faultproxy.Proxy {
	if s.hop != nil {
		return s.hop.proxy
	}
	return s.server
}

// before kills what is not there when the command starts.
func (s *stage) before() {
	if len(s.c.Down) > 0 && s.c.Down[0].Requests == 0 {
		s.kill()
	}
}

func (s *stage) kill() {
	s.victim().Kill()
	s.killed = append(s.killed, time.Now())
}

// play has the server go and come, until the command is over.
func (s *stage) play(began time.Time, over <-chan struct{}) error {
	for _, d := range s.c.Down {
		for d.Requests > 0 && len(s.server.Requests()) < d.Requests {
			if !pause(2*time.Millisecond, over) {
				return nil
			}
		}
		if d.Requests > 0 {
			if !pause(d.After, over) {
				return nil
			}
			s.kill()
		}
		if d.For == 0 {
			<-over
			return nil
		}
		if !pause(d.For, over) {
			return nil
		}
		if err := s.listen(over); err != nil {
			return err
		}
	}
	<-over
	return nil
}

// listen brings a killed server back on its port, which a connection of somebody else's
// may have as its own end for a moment.
func (s *stage) listen(over <-chan struct{}) (err error) {
	for range 60 {
		if err = s.victim().Listen(); err == nil || !pause(50*time.Millisecond, over) {
			return nil
		}
	}
	return err
}

// pause reports whether the command still runs after it.
func pause(d time.Duration, over <-chan struct{}) bool {
	select {
	case <-time.After(d):
		return true
	case <-over:
		return false
	}
}

// inFlight is how long after a server was killed those who were under way then are
// refused: net/http makes their connections once more.
const inFlight = 150 * time.Millisecond

// outcome counts. Who was refused left no trace but what the command says: gosteady
// a line for each try where it is asked to say all, and go one for each failure.
func (s *stage) outcome(code int, took time.Duration) Outcome {
	o := Outcome{Code: code, Took: took, Requests: len(s.server.Requests()), Output: s.output.text.String()}
	times := s.output.refused
	if strings.Contains(o.Output, console.Prefix+"debug:") {
		times = s.output.tried
	}
	for _, at := range times {
		o.Requests++
		late := true
		for _, killed := range s.killed {
			late = late && (at.Before(killed) || at.Sub(killed) > inFlight)
		}
		if late {
			o.Down++
		}
	}
	return o
}

// An output is what a command says, and when it was refused.
type output struct {
	text    bytes.Buffer
	refused []time.Time // by go's words
	tried   []time.Time // by those of gosteady's own lines, if it writes any
}

func (o *output) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		switch {
		case !bytes.Contains(line, []byte(syscall.ECONNREFUSED.Error())):
		case bytes.HasPrefix(line, []byte(console.Prefix+"debug:")):
			o.tried = append(o.tried, time.Now())
		default:
			o.refused = append(o.refused, time.Now())
		}
	}
	return o.text.Write(p)
}

package modtest

import (
	"errors"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// Script is how the end-to-end scripts in testdata/script run: in a clean
// environment, with the gosteady in bin first in PATH, and these commands besides
// those of testscript:
//
//	go ARG...                   gosteady as go
//	plain ARG...                the real go
//	code N go|plain ARG...      expect this exit status
//	same ARG...                 run both with go ARG..., each in a copy of the
//	                            directory and with a new module cache, and expect
//	                            the same status, output, go.mod and go.sum
//	fresh                       a new, empty module cache
//	proxy NAME [OPTION...] [RULE...]
//	                            start a failing proxy, set $NAME to its address;
//	                            see faultproxy.ParseRules. The modules are those of
//	                            testdata/mods.txtar and of the script's mods/.
//	                            Options: -h2, -tls, -norange, -expired, -soon, -otherhost,
//	                            -refuse (nobody listens), -empty (no modules),
//	                            -name=HOST (goes by that name)
//	rules NAME RULE...          other rules from now on, counts and log anew
//	refuse NAME, listen NAME    stop and start accepting connections
//	asked NAME PATTERN N        expect N requests (or: N+, at least; N-M)
//	requests NAME               print the requests, for stdout to look at
//	gosum MODULE@VERSION...     write go.sum with these
//	sumdb NAME                  set GOSUMDB to the proxy's own checksum database, to
//	                            be reached through GOPROXY
//	sumdb NAME direct           the same, at an address of its own
//	sumdb NAME lie|miss|know M@V, sumdb NAME fork
//	                            see faultproxy.SumDB
//	relayless                   expect no line of the last output to name the relay
//	lines FILE N                expect a file of N lines
//	flip FILE, truncate FILE    damage a file
//	appendto FILE TEXT          add a line
//	emptydir DIR                expect nothing in it
//	userinfo NAME USER:PASSWORD set GOPROXY to the proxy's address with credentials
//	secretfree WORD             expect WORD in no file of the journal and the home
//	keep, again                 remember the module cache; a new one, like the kept
//	sameagain ARG...            same, with a copy of the kept module cache for each
//	garble DIR WORD             damage the files below that have WORD in their path
//	later DURATION listen NAME, later DURATION rules NAME RULE...
//	                            the same, after some time
//	gate NAME PROXY N           set $NAME to an address before a proxy, where the first
//	                            N connections get no answer
//	stall6 PROXY                connections by IPv6, to the same port, are accepted and get
//	                            no answer (where [ipv6] holds)
//	route HOST=NAME...          an HTTP proxy through which a host leads to a proxy, and
//	                            others nowhere. Options: -first=N -refuse=STATUS, the
//	                            first N are refused with it (reset: cut off)
//	contacts                    print the hosts that it was asked for since the last time
//	nameserver FILE N           a resolver that knows every name but for the first N
//	                            questions; FILE is the resolv.conf for it (needs root)
//	gitserver NAME MODULE@VERSION...
//	                            the script's modules, of mods/, as git repositories in the
//	                            place of https://github.com, with rules as for a proxy
//	brokengit N TEXT            the first N calls of git that reach out say TEXT and fail
//	sleep DURATION              let file times differ
//
// $RESET and $REFUSED match what this system says of connections. The condition
// [real:1.N] holds where the real go is go1.N or newer, [root] where the tests run as
// root, [ipv6] where loopback has an IPv6 address, and [slow] where long tests are to
// run (see Slow).
func Script(bin, mods string) testscript.Params {
	return testscript.Params{
		Setup: func(env *testscript.Env) error { return setUp(env, bin, mods) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"go": cmdGo, "plain": cmdPlain, "code": cmdCode, "same": cmdSame, "fresh": cmdFresh,
			"proxy": cmdProxy, "rules": cmdRules, "refuse": cmdRefuse, "listen": cmdListen,
			"asked": cmdAsked, "requests": cmdRequests, "gosum": cmdGosum, "sumdb": cmdSumDB,
			"lines": cmdLines, "relayless": cmdRelayless, "flip": cmdFlip, "truncate": cmdTruncate,
			"appendto": cmdAppendTo, "emptydir": cmdEmptyDir, "userinfo": cmdUserinfo, "secretfree": cmdSecretFree,
			"route": cmdRoute, "contacts": cmdContacts, "gate": cmdGate, "stall6": cmdStall6, "later": cmdLater, "nameserver": cmdNameserver,
			"sleep": cmdSleep, "gitserver": cmdGitServer, "brokengit": cmdBrokenGit, "keep": cmdKeep, "again": cmdAgain, "sameagain": cmdSameAgain, "garble": cmdGarble,
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Geteuid() == 0, nil
			case "slow":
				return slow(), nil
			case "ipv6":
				return hasIPv6(), nil
			}
			if least, ok := strings.CutPrefix(cond, "real:"); ok {
				return realIsAtLeast(least)
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		RequireUniqueNames: true,
	}
}

// realIsAtLeast compares a version, as in "1.24", with that of the go command in
// PATH, which is to be known where an older one has not yet, or never says, what a
// script looks at.
func realIsAtLeast(least string) (bool, error) {
	have, err := realVersion()
	return version.Compare(have, "go"+least) >= 0, err
}

var realVersion = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "env", "GOVERSION").Output()
	return strings.TrimSpace(string(out)), err
})

// A stage is what the commands of one script share.
type stage struct {
	mods    *txtar.Archive
	plain   string // the real go
	proxies map[string]*scriptProxy
	caches  int
	router  *router  // nil before "route"
	names   *failing // nil before "nameserver"
}

type stageKey struct{}

func theStage(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

func setUp(env *testscript.Env, bin, mods string) error {
	plain, err := exec.LookPath("go")
	if err != nil {
		return err
	}
	archive, err := txtar.ParseFile(mods)
	if err != nil {
		return err
	}
	for _, kv := range Environ(filepath.Join(env.WorkDir, ".env"), GOCACHE()) {
		name, value, _ := strings.Cut(kv, "=")
		env.Setenv(name, value)
	}
	list := []string{bin, filepath.Dir(plain), os.Getenv("PATH")}
	env.Setenv("PATH", strings.Join(list, string(filepath.ListSeparator)))
	// Long enough to tell a wait from none, short enough for many of them.
	env.Setenv("GOSTEADY_RETRY_WAITS", "20ms,50ms,100ms,100ms")
	env.Setenv("REALGO", plain)
	env.Setenv("BIN", bin)
	env.Setenv("RESET", "connection reset by peer")
	env.Setenv("REFUSED", "connect: connection refused")
	if runtime.GOOS == "windows" { // the second is Wine's
		env.Setenv("RESET", "wsarecv: (An existing connection was forcibly closed by the remote host|Connection reset by peer).")
		env.Setenv("REFUSED", "connectex: (No connection could be made because the target machine actively refused it|Connection refused).")
	}
	env.Setenv("GOHOSTOS", runtime.GOOS)
	env.Setenv("GOHOSTARCH", runtime.GOARCH)
	env.Values[stageKey{}] = &stage{mods: archive, plain: plain, proxies: map[string]*scriptProxy{}}
	return nil
}

func cmdGo(ts *testscript.TestScript, neg bool, args []string)    { expect(ts, neg, "go", args) }
func cmdPlain(ts *testscript.TestScript, neg bool, args []string) { expect(ts, neg, "plain", args) }

func expect(ts *testscript.TestScript, neg bool, program string, args []string) {
	code := run(ts, program, args)
	if neg != (code != 0) {
		ts.Fatalf("%s %s: exit status %d", program, strings.Join(args, " "), code)
	}
}

// run runs "go" or "plain" and returns its exit status.
func run(ts *testscript.TestScript, program string, args []string) int {
	if program == "plain" {
		program = theStage(ts).plain
	}
	err := ts.Exec(program, args...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	ts.Check(err)
	return 0
}

func cmdCode(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := run(ts, args[1], args[2:]); neg == (got == want) {
		ts.Fatalf("exit status %d", got)
	}
}

func cmdSleep(ts *testscript.TestScript, _ bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	time.Sleep(d)
}

func cmdFresh(ts *testscript.TestScript, _ bool, _ []string) {
	s := theStage(ts)
	s.caches++
	ts.Setenv("GOMODCACHE", filepath.Join(ts.Getenv("WORK"), ".env", fmt.Sprint("modcache", s.caches)))
}

// An outcome is all that a command leaves where a person would see it.
type outcome struct {
	Code           int
	Stdout, Stderr string
	Mod, Sum       string
}

// cmdSame compares gosteady with the real go.
func cmdSame(ts *testscript.TestScript, neg bool, args []string) {
	compare(ts, neg, args, cmdFresh)
}

// compare runs a command with both, each after begin has made a module cache. With
// -told before it, gosteady says in a line of its own what was not healed.
func compare(ts *testscript.TestScript, neg bool, args []string, begin func(*testscript.TestScript, bool, []string)) {
	s := theStage(ts)
	told := len(args) > 0 && args[0] == "-told"
	if told {
		args = args[1:]
	}
	dir := ts.MkAbs(".")
	before, err := readFiles(dir)
	ts.Check(err)
	var got [2]outcome
	for i, program := range []string{"plain", "go"} {
		for _, p := range s.proxies {
			ts.Check(p.rewind())
		}
		begin(ts, false, nil)
		ts.Check(writeFiles(dir, before))
		code := run(ts, program, args)
		got[i] = outcome{
			code, ts.ReadFile("stdout"), ts.ReadFile("stderr"),
			maybeRead(filepath.Join(dir, "go.mod")), maybeRead(filepath.Join(dir, "go.sum")),
		}
		if told && program == "go" {
			if n := len(notHealed.FindAllString(got[i].Stderr, -1)); n != 1 {
				ts.Fatalf("%d lines say what was not healed, want 1: %s", n, got[i].Stderr)
			}
			got[i].Stderr = notHealed.ReplaceAllString(got[i].Stderr, "")
		}
		got[i].tidy(ts.Getenv("GOMODCACHE"))
	}
	if neg == (got[0] == got[1]) {
		ts.Fatalf("plain go: %+v\n\ngosteady: %+v", got[0], got[1])
	}
}

var (
	notHealed   = regexp.MustCompile(`(?m)^gosteady: not healed: .*\n`)
	downloading = regexp.MustCompile(`(?m)^go: downloading .*\n`)
	connection  = regexp.MustCompile(`stream ID \d+|127\.0\.0\.1:\d+->|current time \S+`)
)

// tidy takes out what differs between two runs of the same command: the name of
// the module cache, times, what numbers or dates a connection, and the lines whose order is
// the downloads'.
func (o *outcome) tidy(modcache string) {
	for _, text := range []*string{&o.Stdout, &o.Stderr} {
		*text = strings.ReplaceAll(*text, filepath.Base(modcache), "modcache")
		*text = regexp.MustCompile(`\t[0-9.]+s\b`).ReplaceAllString(*text, "\t0s")
		*text = downloading.ReplaceAllString(*text, "")
		*text = connection.ReplaceAllString(*text, "connection")
	}
}

var address = regexp.MustCompile(`https?://127\.0\.0\.1:\d+`)

// cmdRelayless finds the relay by its address, which is that of no proxy.
func cmdRelayless(ts *testscript.TestScript, neg bool, _ []string) {
	own := map[string]bool{}
	for _, p := range theStage(ts).proxies {
		own[p.URL()] = true
	}
	named := ""
	for _, url := range address.FindAllString(ts.ReadFile("stdout")+ts.ReadFile("stderr"), -1) {
		if !own[url] {
			named = url
		}
	}
	if neg == (named == "") {
		ts.Fatalf("the output names %s", named)
	}
}

func cmdLines(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := maybeRead(ts.MkAbs(args[0]))
	if n := strings.Count(text, "\n"); neg == (n == want) {
		ts.Fatalf("%s has %d lines:\n%s", args[0], n, text)
	}
}

// cmdGosum writes a go.sum from the modules that every proxy of the script would
// serve.
func cmdGosum(ts *testscript.TestScript, _ bool, args []string) {
	store, err := theStage(ts).store(ts.Getenv("WORK"))
	ts.Check(err)
	sum := ""
	for _, arg := range args {
		m := modVersion(ts, arg)
		lines, err := store.Sum(m.Path, m.Version)
		ts.Check(err)
		sum += lines
	}
	ts.Check(os.WriteFile(ts.MkAbs("go.sum"), []byte(sum), 0o666))
}

func modVersion(ts *testscript.TestScript, arg string) module.Version {
	path, version, ok := strings.Cut(arg, "@")
	if !ok {
		ts.Fatalf("%s: want module@version", arg)
	}
	return module.Version{Path: path, Version: version}
}

// store makes the modules of testdata/mods.txtar and of the script's mods
// directory.
func (s *stage) store(work string) (*faultproxy.Store, error) {
	store := faultproxy.NewStore()
	files := map[module.Version]map[string]string{}
	for _, f := range s.mods.Files {
		path, rest, _ := strings.Cut(f.Name, "@")
		version, name, _ := strings.Cut(rest, "/")
		m := module.Version{Path: path, Version: version}
		if files[m] == nil {
			files[m] = map[string]string{}
		}
		files[m][name] = string(f.Data)
	}
	for m, set := range files {
		if err := store.Add(m.Path, m.Version, set); err != nil {
			return nil, err
		}
	}
	if err := addToolchain(store, "go1.99.1"); err != nil {
		return nil, err
	}
	err := store.AddTree(filepath.Join(work, "mods"))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return store, err
}

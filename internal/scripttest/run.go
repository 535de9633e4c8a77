package scripttest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/environ"
)

// A Suite is a built test binary and where it runs.
type Suite struct {
	GOROOT  string
	Binary  string        // from Build
	Timeout time.Duration // of one run; 0 means an hour
	InPlace bool          // gosteady stands in the GOROOT, instead of before it in PATH
	Short   bool          // leave out what takes long, as go test -short
	Log     io.Writer     // gets the tests' output as it comes; nil means nowhere
}

// A Result is what one test did.
type Result struct {
	Status string // PASS, FAIL or SKIP
	Output string // what it logged
}

// Run runs the tests that pattern selects (as go test -run does), with gosteady
// as their go, or, where that is "", with the toolchain's own.
func (s Suite) Run(ctx context.Context, gosteady, pattern string) (map[string]Result, error) {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = time.Hour
	}
	cmd := exec.CommandContext(ctx, s.Binary, "-test.v", "-test.run", pattern, "-test.timeout", timeout.String(), fmt.Sprintf("-test.short=%v", s.Short))
	cmd.Dir = filepath.Join(s.GOROOT, "src", "cmd", "go")
	cmd.Env = environment(s.GOROOT, gosteady)
	if s.InPlace {
		cmd.Env = append(cmd.Env, "GOSTEADY_IN_PLACE=1")
	}
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var r io.Reader = out
	if s.Log != nil {
		r = io.TeeReader(out, s.Log)
	}
	results, ended, err := readResults(r)
	if err == nil && !ended {
		err = errors.New("the tests did not come to an end; see their output (-log)")
	}
	if werr := cmd.Wait(); err == nil && !isExit(werr) {
		err = werr
	}
	return results, err
}

// isExit is whether err says no more than that tests failed.
func isExit(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit)
}

// environment is the environment of a run: the toolchain first in PATH, and nothing
// of a gosteady that may be installed on this machine.
func environment(goroot, gosteady string) []string {
	var env []string
	for _, kv := range os.Environ() {
		switch name, _, _ := environ.Cut(kv); {
		case strings.HasPrefix(name, "GOSTEADY"), environ.Same(name, "PATH"), name == "GOFLAGS", name == "GOTOOLCHAIN", name == "GOWORK", name == "PWD":
		default:
			env = append(env, kv)
		}
	}
	env = append(env, "PATH="+filepath.Join(goroot, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
	if gosteady != "" {
		env = append(env, "GOSTEADY_UNDER_TEST="+gosteady)
	}
	return env
}

var (
	switchLine = regexp.MustCompile(`^=== (RUN|CONT|NAME|PAUSE)\s+(\S*)`)
	resultLine = regexp.MustCompile(`^( *)--- (PASS|FAIL|SKIP): (\S+) \(`)
)

// resultOf reads a result. What a test logs is indented deeper than the result
// of a test of that name would be, and may well look like one.
func resultOf(line string) (name, status string, ok bool) {
	m := resultLine.FindStringSubmatch(line)
	if m == nil || len(m[1]) != 4*strings.Count(m[3], "/") {
		return "", "", false
	}
	return m[3], m[2], true
}

// readResults reads the output of a test binary run with -test.v; ended is whether
// it has the line with which a run closes, unless it panics or is out of time.
func readResults(r io.Reader) (results map[string]Result, ended bool, err error) {
	results = make(map[string]Result)
	current := ""
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		line := scanner.Text()
		ended = ended || line == "PASS" || line == "FAIL"
		if m := switchLine.FindStringSubmatch(line); m != nil {
			current = m[2]
			continue
		}
		if name, status, ok := resultOf(line); ok {
			current = name
			results[name] = Result{Status: status, Output: results[name].Output}
			continue
		}
		one := results[current]
		one.Output += line + "\n"
		results[current] = one
	}
	delete(results, "")
	return results, ended, scanner.Err()
}

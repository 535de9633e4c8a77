package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/environ"
)

// A setting is what all measurements of one run share: the two commands, and a
// directory for everything that they write.
type setting struct {
	root     string
	programs string
	plain    string // the real go
	steady   string // gosteady, named go
	caches   int
}

func newSetting() (*setting, error) {
	// "go run" puts GOROOT/bin first in PATH.
	plain, err := exec.LookPath("go")
	if err != nil {
		return nil, err
	}
	root, err := os.MkdirTemp(memory(), "gosteady-bench-")
	if err != nil {
		return nil, err
	}
	s := &setting{root: root, plain: plain}
	if s.programs, err = os.MkdirTemp("", "gosteady-bench-"); err == nil {
		s.steady, err = s.build("bin", "github.com/gosteady/gosteady")
	}
	if err != nil {
		s.clear()
		return nil, err
	}
	return s, nil
}

// memory is a memory file system if there is one: module caches go there, so that
// no disk is measured.
func memory() string {
	if fi, err := os.Stat("/dev/shm"); err == nil && fi.IsDir() {
		return "/dev/shm"
	}
	return ""
}

func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// build compiles a program as a release is compiled, and puts it into a folder
// under the name of go as the installer does: on a disk, as the toolchain is, and
// as a copy. From memory, or as the linker leaves it, a large program has its
// pages one by one and takes half a millisecond longer to start.
func (s *setting) build(folder, pkg string, flags ...string) (string, error) {
	linked := filepath.Join(s.programs, folder+"-linked")
	args := append([]string{"build", "-trimpath", "-o", linked}, flags...)
	cmd := exec.Command(s.plain, append(args, pkg)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %s", pkg, text)
	}
	defer os.Remove(linked)
	f, err := os.Open(linked)
	if err != nil {
		return "", err
	}
	defer f.Close()
	out := filepath.Join(s.programs, folder, exe("go"))
	if err := store(out, f); err != nil {
		return "", err
	}
	return out, os.Chmod(out, 0o755)
}

func (s *setting) clear() {
	os.RemoveAll(s.root)
	os.RemoveAll(s.programs)
}

// module copies a dependency set of testdata, so that nothing is written there.
func (s *setting) module(set string) (dir string, err error) {
	if dir, err = os.MkdirTemp(s.root, set+"-"); err != nil {
		return "", err
	}
	from := filepath.Join("bench", "testdata", set)
	if _, err := os.Stat(from); err != nil {
		return "", fmt.Errorf("no dependency set %s; run this from the root of the repository", from)
	}
	return dir, os.CopyFS(filepath.Join(dir, "m"), os.DirFS(from))
}

// cache makes the name of a new module cache.
func (s *setting) cache() string {
	s.caches++
	return filepath.Join(s.root, fmt.Sprint("modcache", s.caches))
}

// A job is one command to be measured.
type job struct {
	program string
	dir     string
	cache   string // GOMODCACHE
	proxy   string // GOPROXY
	ca      string // SSL_CERT_FILE
	env     []string
}

// dropped are the variables of the machine that would change what is measured.
// All of go's own and ours are among them, except for the build cache.
func dropped(name string) bool {
	if name == "GOCACHE" || name == "GOROOT" {
		return false
	}
	return strings.HasPrefix(name, "GO") || strings.HasSuffix(strings.ToUpper(name), "_PROXY") || name == "CI"
}

func (j job) environ() []string {
	var env []string
	for _, kv := range os.Environ() {
		if name, _, _ := environ.Cut(kv); !dropped(name) {
			env = append(env, kv)
		}
	}
	env = append(env,
		"GOENV=off", "GOTOOLCHAIN=local", "GOFLAGS=-modcacherw -buildvcs=false", "CGO_ENABLED=0", "NO_PROXY=*",
		"GOSTEADY_STATE="+j.cache+"-state")
	for name, value := range map[string]string{"GOMODCACHE": j.cache, "GOPROXY": j.proxy, "SSL_CERT_FILE": j.ca} {
		if value != "" {
			env = append(env, name+"="+value)
		}
	}
	return append(env, j.env...)
}

// A sample is what one run took.
type sample struct {
	wall   time.Duration
	cpu    time.Duration
	memory int64 // bytes, the process alone; 0 where the system does not tell
	code   int
	output string
}

// run measures one command.
func (j job) run(args ...string) (sample, error) {
	cmd := exec.Command(j.program, args...)
	cmd.Args[0] = "go"
	cmd.Dir, cmd.Env = j.dir, j.environ()
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return sample{}, err
	}
	peak := watchPeak(cmd.Process.Pid)
	err := cmd.Wait()
	wall := time.Since(start)
	memory := peak()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return sample{}, err
	}
	state := cmd.ProcessState
	return sample{
		wall: wall, cpu: state.UserTime() + state.SystemTime(), memory: memory,
		code: state.ExitCode(), output: output.String(),
	}, nil
}

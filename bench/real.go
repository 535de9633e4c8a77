package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// runReal puts the configured module proxy behind one that breaks one response in
// five in the middle and answers one request in ten with 503, and lets both
// commands fetch a real dependency set through it.
func runReal(s *setting, args []string) error {
	flags, mirrorDir := commonFlags("real")
	set := flags.String("set", "medium", "dependency `set` of bench/testdata")
	seed := flags.Int("seed", 1, "`seed` of the faults")
	h1 := flags.Bool("h1", false, "HTTP/1.1 without TLS instead of HTTP/2")
	env := flags.String("env", "", "`variables` for gosteady only, separated by spaces: to try settings")
	retryAfter := flags.String("retry-after", "", "`seconds` that the 503 ask to wait; none without")
	flags.Parse(args)

	m, err := newMirror(*mirrorDir)
	if err != nil {
		return err
	}
	r := &realRun{setting: s, rules: realRules(*seed, *retryAfter), env: strings.Fields(*env)}
	if r.proxy, err = faultproxy.Start(faultproxy.Config{Content: m, HTTP2: !*h1, Rules: r.rules}); err != nil {
		return err
	}
	defer r.proxy.Close()
	if !*h1 {
		r.ca = filepath.Join(s.root, "ca.pem")
		if err := os.WriteFile(r.ca, r.proxy.CertPEM(), 0o666); err != nil {
			return err
		}
	}
	if err := r.warm(*set); err != nil {
		return err
	}
	return r.all(*set)
}

func realRules(seed int, retryAfter string) string {
	busy := fmt.Sprintf("** chance=0.1 seed=%d status=503", seed)
	if retryAfter != "" {
		busy += " retry-after=" + retryAfter
	}
	return busy + fmt.Sprintf("\n** chance=0.2 seed=%d abort", seed+1)
}

type realRun struct {
	*setting
	proxy  *faultproxy.Proxy
	ca     string
	env    []string
	rules  string
	table  table
	failed []string // what was not as it is meant to be
}

// warm fills the mirror with an honest proxy, so that the measurement sees the
// faults that were ordered and no others.
func (r *realRun) warm(set string) error {
	if err := r.proxy.Script(""); err != nil {
		return err
	}
	got, err := r.run(r.plain, set, r.cache(), "mod", "download")
	if err != nil {
		return err
	}
	if got.code != 0 {
		return fmt.Errorf("the modules cannot be had at all: %s", got.output)
	}
	return nil
}

func (r *realRun) run(program, set, cache string, args ...string) (sample, error) {
	dir, err := r.module(set)
	if err != nil {
		return sample{}, err
	}
	j := job{program: program, dir: filepath.Join(dir, "m"), cache: cache, proxy: r.proxy.URL(), ca: r.ca}
	if program == r.steady {
		j.env = r.env
	}
	return j.run(args...)
}

// all runs each command with both programs, each on a cold module cache.
func (r *realRun) all(set string) error {
	r.table.add("command", "with", "result", "time", "requests", "answered 503", "broken")
	for _, command := range [][]string{{"mod", "download"}, {"build", "-o", os.DevNull, "./..."}} {
		if _, err := r.row("plain go", r.plain, set, 1, command); err != nil {
			return err
		}
		cache, err := r.row("gosteady", r.steady, set, 0, command)
		if err != nil {
			return err
		}
		if err := r.verify(set, cache); err != nil {
			return err
		}
	}
	r.table.print(os.Stdout)
	if r.failed != nil {
		return fmt.Errorf("not as expected:\n%s", strings.Join(r.failed, "\n"))
	}
	return nil
}

func (r *realRun) row(name, program, set string, want int, command []string) (cache string, err error) {
	if err := r.proxy.Script(r.rules); err != nil {
		return "", err
	}
	r.proxy.Forget()
	cache = r.cache()
	got, err := r.run(program, set, cache, command...)
	if err != nil {
		return "", err
	}
	if got.code != want {
		r.failed = append(r.failed, fmt.Sprintf("%s: go %s: exit status %d\n%s", name, strings.Join(command, " "), got.code, got.output))
	}
	refused, broken := 0, 0
	for _, q := range r.proxy.Requests() {
		switch {
		case strings.HasPrefix(q.Fault, "status"):
			refused++
		case q.Fault != "":
			broken++
		}
	}
	result := "ok"
	if got.code != 0 {
		result = fmt.Sprintf("exit status %d", got.code)
	}
	r.table.add("go "+strings.Join(command, " "), name, result, seconds(got.wall), len(r.proxy.Requests()), refused, broken)
	for line := range strings.Lines(got.output) {
		if strings.HasPrefix(line, "gosteady:") {
			fmt.Print(line)
		}
	}
	return cache, nil
}

// verify has the plain go check the whole module cache against go.sum.
func (r *realRun) verify(set, cache string) error {
	if err := r.proxy.Script(""); err != nil {
		return err
	}
	got, err := r.run(r.plain, set, cache, "mod", "verify")
	if err == nil && !strings.Contains(got.output, "all modules verified") {
		r.failed = append(r.failed, "go mod verify: "+got.output)
	}
	return err
}

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// runLatency measures cold downloads and builds behind a proxy of HTTP/2 with TLS
// that takes its time for every answer.
func runLatency(s *setting, args []string) error {
	flags, mirrorDir := commonFlags("latency")
	sets := flags.String("sets", "small,medium,large", "dependency `sets` of bench/testdata")
	latencies := flags.String("latencies", "0,20ms,60ms,150ms", "`durations` before each answer")
	commands := flags.String("commands", "mod download;list -deps ./...", "go `commands`, separated by semicolons")
	bandwidth := flags.Int("bandwidth", 0, "bytes a `second`; zero: no limit")
	runs := flags.Int("runs", 3, "`number` of runs of each; the median counts")
	faults := flags.String("faults", "", "`rules` for the proxy; plain go is then only run without")
	before := flags.String("before", "", "`URL` of a proxy that is dead, put before the real one with | for gosteady; hole: one that drops packets")
	noSum := flags.Bool("nosum", false, "begin without a go.sum")
	sumLines := flags.Int("sumlines", 0, "`lines` that go.sum has at least, most of them of modules that nobody requires")
	warm := flags.Bool("warm", false, "with everything in the module cache")
	env := flags.String("env", "", "`variables` for gosteady only, separated by spaces: to try settings")
	flags.Parse(args)

	m, err := newMirror(*mirrorDir)
	if err != nil {
		return err
	}
	if *before == "hole" {
		if *before, err = blackHole(); err != nil {
			return err
		}
	}
	r := &latencyRun{setting: s, mirror: m, bandwidth: *bandwidth, runs: *runs, faults: *faults, before: *before, noSum: *noSum, sumLines: *sumLines, warm: *warm, env: strings.Fields(*env)}
	r.table.add("set", "command", "latency", "plain go", "gosteady", "ratio", "spread", "CPU plain", "CPU gosteady", "memory plain", "memory gosteady", "requests plain", "requests gosteady")
	for _, set := range strings.Split(*sets, ",") {
		for _, command := range strings.Split(*commands, ";") {
			for _, latency := range strings.Split(*latencies, ",") {
				if err := r.row(set, command, latency); err != nil {
					return err
				}
			}
		}
	}
	r.table.print(os.Stdout)
	return nil
}

type latencyRun struct {
	*setting
	mirror    *mirror
	bandwidth int
	runs      int
	faults    string
	before    string
	noSum     bool
	sumLines  int
	warm      bool
	env       []string
	table     table
}

// A tally is the runs of one program for one row.
type tally struct {
	wall, cpu []time.Duration
	memory    int64 // the largest of all runs, in bytes
	requests  int
}

func (r *latencyRun) row(set, command, latency string) error {
	delay, err := time.ParseDuration(latency)
	if err != nil {
		return err
	}
	args := strings.Fields(command)
	// Once without counting: fills the mirror and the file system's cache.
	if err := r.once(new(tally), r.plain, set, 0, "", args); err != nil {
		return err
	}
	var plain, steady tally
	for range r.runs {
		if err := r.once(&plain, r.plain, set, delay, "", args); err != nil {
			return err
		}
		if err := r.once(&steady, r.steady, set, delay, r.faults, args); err != nil {
			return err
		}
	}
	ratio := float64(median(steady.wall)) / float64(median(plain.wall))
	r.table.add(set, "go "+command, delay, seconds(median(plain.wall)), seconds(median(steady.wall)), fmt.Sprintf("%.2f", ratio), ratios(steady.wall, plain.wall),
		seconds(median(plain.cpu)), seconds(median(steady.cpu)),
		mebibytes(plain.memory), mebibytes(steady.memory), plain.requests, steady.requests)
	fmt.Fprintln(os.Stderr, r.table[len(r.table)-1])
	return nil
}

// ratios are the least and the greatest of runs that were made one after the other.
func ratios(a, b []time.Duration) string {
	least, most := math.Inf(1), 0.0
	for i := range a {
		ratio := float64(a[i]) / float64(b[i])
		least, most = min(least, ratio), max(most, ratio)
	}
	return fmt.Sprintf("%.2f … %.2f", least, most)
}

// once runs the command with a proxy and a module cache of its own.
func (r *latencyRun) once(t *tally, program, set string, delay time.Duration, faults string, args []string) error {
	proxy, err := faultproxy.Start(faultproxy.Config{
		Content: r.mirror, HTTP2: true, Latency: delay, Bandwidth: r.bandwidth, Rules: faults,
	})
	if err != nil {
		return err
	}
	defer proxy.Close()
	ca := filepath.Join(r.root, "ca.pem")
	if err := os.WriteFile(ca, proxy.CertPEM(), 0o666); err != nil {
		return err
	}
	dir, err := r.module(set)
	if err != nil {
		return err
	}
	if r.noSum {
		if err := os.Remove(filepath.Join(dir, "m", "go.sum")); err != nil {
			return err
		}
	}
	if err := padSums(filepath.Join(dir, "m", "go.sum"), r.sumLines); err != nil {
		return err
	}
	cache := r.cache()
	defer os.RemoveAll(cache)
	j := job{program: program, dir: filepath.Join(dir, "m"), cache: cache, proxy: proxy.URL(), ca: ca}
	if r.warm {
		if _, err := j.run(args...); err != nil {
			return err
		}
		proxy.Forget()
	}
	if program == r.steady {
		j.env = r.env
		if r.before != "" && delay > 0 {
			j.proxy = r.before + "|" + j.proxy
		}
	}
	got, err := j.run(args...)
	if err == nil && got.code != 0 {
		err = fmt.Errorf("go %s: exit status %d\n%s", strings.Join(args, " "), got.code, got.output)
	}
	t.wall = append(t.wall, got.wall)
	t.cpu = append(t.cpu, got.cpu)
	t.memory = max(t.memory, got.memory)
	t.requests = len(proxy.Requests())
	return err
}

// padSums adds hashes of modules that nobody requires until a go.sum has as many lines.
func padSums(file string, lines int) error {
	if lines == 0 {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for n := bytes.Count(data, []byte("\n")); n < lines; n += 2 {
		module := fmt.Sprintf("example.com/of/nobody/module%06d v1.%d.0", n/4, n%4/2)
		zip, mod := sha256.Sum256([]byte(module)), sha256.Sum256([]byte(module+"/go.mod"))
		data = fmt.Appendf(data, "%s h1:%s\n%s/go.mod h1:%s\n", module,
			base64.StdEncoding.EncodeToString(zip[:]), module, base64.StdEncoding.EncodeToString(mod[:]))
	}
	return os.WriteFile(file, data, 0o666)
}

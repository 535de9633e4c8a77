package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// runGateway measures gosteady serve as plain go meets it: cold and warm downloads
// through it, what it can send, and the memory that it takes for many clients. Other
// gateways that are named by flags are measured beside it.
func runGateway(s *setting, args []string) error {
	flags, mirrorDir := commonFlags("gateway")
	set := flags.String("set", "medium", "dependency `set` of bench/testdata")
	latency := flags.Duration("latency", 60*time.Millisecond, "before each answer of the upstream")
	goproxy := flags.String("goproxy", "", "`program` of github.com/goproxy/goproxy")
	athens := flags.String("athens", "", "`program` of github.com/gomods/athens (cmd/proxy)")
	nginx := flags.String("nginx", "nginx", "`program` of nginx, which serves the store as a directory; empty: none")
	clients := flags.Int("clients", 50, "`number` of clients side by side")
	runs := flags.Int("runs", 3, "`number` of cold downloads; the median counts")
	soak := flags.Duration("soak", 0, "instead: requests under faults for this `time`")
	flags.Parse(args)

	m, err := newMirror(*mirrorDir)
	if err != nil {
		return err
	}
	g := &gatewayRun{setting: s, set: *set, runs: *runs, clients: *clients}
	sums, err := newSums(filepath.Join("bench", "testdata", *set, "go.sum"), m)
	if err != nil {
		return err
	}
	g.sumdb = sums.key
	g.proxy, err = faultproxy.Start(faultproxy.Config{Content: sums, HTTP2: true, Latency: *latency})
	if err != nil {
		return err
	}
	defer g.proxy.Close()
	g.ca = filepath.Join(s.root, "ca.pem")
	if err := os.WriteFile(g.ca, g.proxy.CertPEM(), 0o666); err != nil {
		return err
	}
	if *soak > 0 {
		return g.soak(*soak)
	}
	g.gateways = []gatewayKind{gosteadyServe}
	if *goproxy != "" {
		g.gateways = append(g.gateways, goproxyServer(*goproxy))
	}
	if *athens != "" {
		g.gateways = append(g.gateways, athensServer(*athens))
	}
	if err := g.downloads(); err != nil {
		return err
	}
	return g.throughput(*nginx)
}

type gatewayRun struct {
	*setting
	set      string
	runs     int
	clients  int
	sumdb    string // GOSUMDB
	ca       string
	proxy    *faultproxy.Proxy
	gateways []gatewayKind
	zips     []string // what a warm gateway is asked for, below its address
}

// download is a go mod download on an empty module cache.
func (g *gatewayRun) download(goproxy string) (sample, string, error) {
	dir, err := g.module(g.set)
	if err != nil {
		return sample{}, "", err
	}
	j := job{program: g.plain, dir: filepath.Join(dir, "m"), cache: g.cache(), proxy: goproxy, ca: g.ca, env: []string{"GOSUMDB=off"}}
	got, err := j.run("mod", "download")
	if err == nil && got.code != 0 {
		err = errors.New(got.output)
	}
	return got, j.cache, err
}

// downloads compares cold and warm downloads with those from the upstream.
func (g *gatewayRun) downloads() error {
	_, cache, err := g.download(g.proxy.URL()) // fills the mirror
	if err != nil {
		return err
	}
	g.findZips(cache)
	var t table
	t.add("`go mod download`", "time", "of plain", "upstream requests", "memory")
	var plain []time.Duration
	for range g.runs {
		got, _, err := g.download(g.proxy.URL())
		if err != nil {
			return err
		}
		plain = append(plain, got.wall)
	}
	base := median(plain)
	t.add("plain go", seconds(base), "1.00", "", "")
	for _, kind := range g.gateways {
		cold, warm, requests, memory, err := g.coldAndWarm(kind)
		if err != nil {
			return fmt.Errorf("%s: %w", kind.name, err)
		}
		t.add(kind.name+", cold", seconds(cold), ratio(cold, base), requests, mebibytes(memory))
		t.add(kind.name+", warm", seconds(warm), ratio(warm, base), 0, "")
	}
	t.print(os.Stdout)
	fmt.Println()
	return nil
}

func ratio(a, b time.Duration) string { return fmt.Sprintf("%.2f", a.Seconds()/b.Seconds()) }

func (g *gatewayRun) coldAndWarm(kind gatewayKind) (cold, warm time.Duration, requests int, memory int64, err error) {
	var colds, warms []time.Duration
	for range g.runs {
		server, err := kind.start(g)
		if err != nil {
			return 0, 0, 0, 0, err
		}
		g.proxy.Forget()
		for _, list := range []*[]time.Duration{&colds, &warms} {
			got, _, err := g.download(server.url)
			if err != nil {
				server.stop()
				return 0, 0, 0, 0, err
			}
			*list = append(*list, got.wall)
			if list == &colds {
				requests = len(g.proxy.Requests())
			}
		}
		memory = max(memory, server.stop())
	}
	return median(colds), median(warms), requests, memory, nil
}

// findZips lists what the download has brought.
func (g *gatewayRun) findZips(cache string) {
	root := filepath.Join(cache, "cache", "download")
	filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if rel, relErr := filepath.Rel(root, path); err == nil && relErr == nil && strings.HasSuffix(path, ".zip") {
			g.zips = append(g.zips, "/"+filepath.ToSlash(rel))
		}
		return nil
	})
}

// throughput is what a warm gateway sends, nginx beside it.
func (g *gatewayRun) throughput(nginx string) error {
	var t table
	t.add("warm zips", "requests a second", "MiB a second", "memory")
	store := ""
	for _, kind := range g.gateways {
		server, err := kind.start(g)
		if err != nil {
			return err
		}
		if _, _, err := g.download(server.url); err != nil {
			server.stop()
			return err
		}
		// Once: what is there is looked at when it is asked for first.
		if _, err := load(server.url, g.zips, g.clients, 2*time.Second); err != nil {
			server.stop()
			return err
		}
		got, err := load(server.url, g.zips, g.clients, loadFor)
		memory := server.stop()
		if err != nil {
			return err
		}
		t.add(kind.name, got.perSecond(), got.mebibytes(), mebibytes(memory))
		if store == "" {
			store = server.store
		}
	}
	if nginx != "" {
		server, err := nginxServer(g, nginx, store)
		if err != nil {
			return err
		}
		got, err := load(server.url, g.zips, g.clients, loadFor)
		server.stop()
		if err != nil {
			return err
		}
		t.add("nginx", got.perSecond(), got.mebibytes(), "")
	}
	t.print(os.Stdout)
	return nil
}

// loadFor is how long requests are counted.
const loadFor = 8 * time.Second

// answers reports whether a server is there.
func answers(url string) bool {
	res, err := http.Get(url)
	if err != nil {
		return false
	}
	res.Body.Close()
	return true
}

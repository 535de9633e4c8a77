package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// soakFaults are what the upstream does meanwhile.
const soakFaults = `** chance=0.02 seed=1 status=503
** chance=0.02 seed=2 reset after=0
**.zip chance=0.05 seed=3 cut
**.mod chance=0.02 seed=4 html`

// soak asks a gateway for everything for a time, under faults, and then looks for what is left: goroutines, connections, temporary
// files.
func (g *gatewayRun) soak(length time.Duration) error {
	_, cache, err := g.download(g.proxy.URL())
	if err != nil {
		return err
	}
	g.findZips(cache)
	if err := g.proxy.Script(soakFaults); err != nil {
		return err
	}
	server, err := gosteadyServe.start(g)
	if err != nil {
		return err
	}
	defer server.stop()
	before, err := gauges(server.url)
	if err != nil {
		return err
	}
	var t table
	t.add("after", "requests", "failed", "goroutines", "connections", "store")
	began, failed, requests := time.Now(), 0, int64(0)
	for time.Since(began) < length {
		got, err := load(server.url, g.zips, 8, min(length/4, time.Minute))
		requests += got.requests
		if err != nil {
			failed++
		}
		now, err := gauges(server.url)
		if err != nil {
			return err
		}
		t.add(time.Since(began).Round(time.Second), requests, failed, now["goroutines"], now["connections"], mebibytes(now["store_bytes"]))
	}
	time.Sleep(5 * time.Second)
	after, err := gauges(server.url)
	if err != nil {
		return err
	}
	t.add("at rest", requests, failed, after["goroutines"], after["connections"], mebibytes(after["store_bytes"]))
	t.print(os.Stdout)
	left, err := filepath.Glob(filepath.Join(server.store, ".gateway", "tmp", "*", "*"))
	if err != nil {
		return err
	}
	if len(left) > 1 || after["goroutines"] > before["goroutines"]+20 || failed > 0 {
		return fmt.Errorf("something is left: %d temporary files, %d goroutines more; %d rounds failed", len(left)-1, after["goroutines"]-before["goroutines"], failed)
	}
	return nil
}

// gauges reads the metrics without labels.
func gauges(base string) (map[string]int64, error) {
	res, err := http.Get(strings.TrimSuffix(base, "/0") + "/metrics")
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	values := make(map[string]int64)
	for line := range strings.Lines(string(data)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if name, own := strings.CutPrefix(name, "gosteady_gateway_"); ok && own {
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				values[name] = n
			}
		}
	}
	if len(values) == 0 {
		return nil, errors.New("no metrics")
	}
	return values, nil
}

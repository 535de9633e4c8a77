package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// A gatewayKind is a program that serves modules.
type gatewayKind struct {
	name  string
	start func(*gatewayRun) (*server, error)
}

// A server is one that runs, with an empty store at first.
type server struct {
	url   string // for GOPROXY
	store string
	stop  func() (memory int64)
}

// freePort is one that nobody listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// launch starts a program and waits until it answers.
func (g *gatewayRun) launch(ready, store string, env []string, program string, args ...string) (*server, error) {
	cmd := exec.Command(program, args...)
	cmd.Env = append(job{cache: g.cache(), ca: g.ca}.environ(), env...)
	log, err := os.Create(filepath.Join(g.root, filepath.Base(program)+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	peak := watchPeak(cmd.Process.Pid)
	s := &server{store: store, stop: func() int64 {
		memory := peak()
		cmd.Process.Signal(os.Interrupt)
		done := make(chan struct{})
		go func() { cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			cmd.Process.Kill()
			<-done
		}
		return memory
	}}
	for range 500 {
		if answers(ready) {
			return s, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.stop()
	text, _ := os.ReadFile(log.Name())
	return nil, fmt.Errorf("%s does not answer:\n%s", program, text)
}

var gosteadyServe = gatewayKind{"gosteady serve", func(g *gatewayRun) (*server, error) {
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	store := g.cache()
	s, err := g.launch("http://"+addr+"/healthz", store, []string{"GOSUMDB=" + g.sumdb, "GOPROXY=" + g.proxy.URL()},
		filepath.Join(filepath.Dir(g.steady), exe("go")), "steady", "serve", "--listen", addr, "--store", store)
	if err == nil {
		s.url = "http://" + addr + "/0"
	}
	return s, err
}}

// goproxyServer is a gateway of github.com/goproxy/goproxy.
func goproxyServer(program string) gatewayKind {
	return gatewayKind{"goproxy/goproxy", func(g *gatewayRun) (*server, error) {
		addr, err := freePort()
		if err != nil {
			return nil, err
		}
		store := g.cache()
		s, err := g.launch("http://"+addr+"/", store, []string{"GOSUMDB=off", "GOPROXY=" + g.proxy.URL()},
			program, "server", "--address", addr, "--cacher-dir", store)
		if err == nil {
			s.url = "http://" + addr
		}
		return s, err
	}}
}

// athensServer is a gateway of github.com/gomods/athens, which fetches by a go command.
func athensServer(program string) gatewayKind {
	return gatewayKind{"Athens", func(g *gatewayRun) (*server, error) {
		addr, err := freePort()
		if err != nil {
			return nil, err
		}
		store := g.cache()
		if err := os.MkdirAll(store, 0o777); err != nil {
			return nil, err
		}
		s, err := g.launch("http://"+addr+"/healthz", store, []string{
			"GOSUMDB=off", "GOPROXY=" + g.proxy.URL(), "ATHENS_PORT=" + addr, "ATHENS_STORAGE_TYPE=disk", "ATHENS_DISK_STORAGE_ROOT=" + store,
			"ATHENS_GO_BINARY_ENV_VARS=GOPROXY=" + g.proxy.URL() + ";GOSUMDB=off;GOFLAGS=-modcacherw;SSL_CERT_FILE=" + g.ca, "ATHENS_GONOSUM_PATTERNS=*", "ATHENS_GO_BINARY_PATH=" + g.plain, "ATHENS_LOG_LEVEL=error",
		}, program)
		if err == nil {
			s.url = "http://" + addr
		}
		return s, err
	}}
}

// nginxServer serves a store as a directory.
func nginxServer(g *gatewayRun, program, store string) (*server, error) {
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	dir := g.cache()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	config := fmt.Sprintf(`daemon off; user root; worker_processes auto; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 1024; }
http {
  access_log %[1]s/access.log; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
  server { listen %[2]s; root %[3]s; }
}
`, dir, addr, store)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o666); err != nil {
		return nil, err
	}
	s, err := g.launch("http://"+addr+"/", store, nil, program, "-c", file, "-e", filepath.Join(dir, "error.log"))
	if err == nil {
		s.url = "http://" + addr
	}
	return s, err
}

// A loaded is what clients got in some time.
type loaded struct {
	requests, bytes int64
	took            time.Duration
}

func (l loaded) perSecond() string {
	return fmt.Sprintf("%.0f", float64(l.requests)/l.took.Seconds())
}

func (l loaded) mebibytes() string {
	return fmt.Sprintf("%.0f", float64(l.bytes>>20)/l.took.Seconds())
}

// load has so many clients ask for one file after the other for a time.
func load(base string, paths []string, clients int, length time.Duration) (loaded, error) {
	if len(paths) == 0 {
		return loaded{}, errors.New("nothing to ask for")
	}
	transport := &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var got loaded
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	began := time.Now()
	for i := range clients {
		all.Go(func() {
			buf := make([]byte, 256<<10)
			for n := i; time.Since(began) < length && failed.Load() == nil; n++ {
				res, err := client.Get(base + paths[n*7%len(paths)])
				if err == nil && res.StatusCode != http.StatusOK {
					err = errors.New(res.Status)
				}
				var size int64
				if err == nil {
					size, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, res.Body, buf)
					res.Body.Close()
				}
				if err != nil {
					failed.Store(&err)
					return
				}
				atomic.AddInt64(&got.requests, 1)
				atomic.AddInt64(&got.bytes, size)
			}
		})
	}
	all.Wait()
	got.took = time.Since(began)
	if err := failed.Load(); err != nil {
		return got, *err
	}
	return got, nil
}

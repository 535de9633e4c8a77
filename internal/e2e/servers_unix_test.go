//go:build unix

package e2e

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/outages"
)

// A daemon is a real server that is killed and started again.
type daemon struct {
	t    *testing.T
	addr string
	args []string
	cmd  *exec.Cmd
}

// startDaemon starts a program, which listens at addr.
func startDaemon(t *testing.T, addr string, args ...string) *daemon {
	t.Helper()
	d := &daemon{t: t, addr: addr, args: args}
	d.start()
	t.Cleanup(d.kill)
	return d
}

func (d *daemon) start() {
	var said bytes.Buffer
	d.cmd = exec.Command(d.args[0], d.args[1:]...)
	d.cmd.Stdout, d.cmd.Stderr = &said, &said
	if err := d.cmd.Start(); err != nil {
		d.t.Error(err)
		return
	}
	for range 200 {
		if conn, err := net.Dial("tcp", d.addr); err == nil {
			conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	d.t.Errorf("%s does not listen: %s", d.args[0], said.String())
}

func (d *daemon) kill() {
	d.cmd.Process.Kill()
	d.cmd.Wait()
}

// restart kills it, and starts it again.
func (d *daemon) restart(after time.Duration) {
	d.kill()
	time.Sleep(after)
	d.start()
}

// server is the path of a program that is not everywhere.
func server(t *testing.T, name string) string {
	t.Helper()
	if os.Getenv("GOSTEADY_TEST_SLOW") == "" {
		t.Skip("takes long: GOSTEADY_TEST_SLOW=1")
	}
	for _, dir := range []string{"", "/usr/sbin", "/usr/local/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed", name)
	return ""
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// download runs go mod download, and calls meanwhile when so many requests have come.
func download(t *testing.T, world *outages.World, count func() int, meanwhile func(), env ...string) {
	t.Helper()
	dir := t.TempDir()
	if err := world.Write(dir); err != nil {
		t.Fatal(err)
	}
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for count() < 20 {
			select {
			case <-over:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
		meanwhile()
	}()
	got := modtest.Run(t, dir, modtest.Env(t, env...), steadyGo(), "mod", "download")
	close(over)
	<-done
	if got.Code != 0 {
		t.Errorf("exit status %d\n%s", got.Code, got.Stderr)
	}
}

// TestNginx: a real nginx in front of the modules, with the limits that people set.
func TestNginx(t *testing.T) {
	nginx := server(t, "nginx")
	world, err := outages.NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, zone, location string
		restart              time.Duration
	}{
		{"limit_req", "limit_req_zone $binary_remote_addr zone=z:1m rate=20r/s;", "limit_req zone=z burst=10 nodelay;", 0},
		{"limit_req with 429", "limit_req_zone $binary_remote_addr zone=z:1m rate=20r/s;", "limit_req zone=z burst=10 nodelay; limit_req_status 429;", 0},
		{"limit_conn", "limit_conn_zone $binary_remote_addr zone=z:1m;", "limit_conn z 4;", 0},
		{"keepalive_requests", "keepalive_requests 5;", "", 0},
		{"restarted", "", "", 2 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			origin, err := world.Serve("")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { origin.Close() })
			addr, dir := freeAddr(t), t.TempDir()
			conf := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/1; proxy_temp_path %[1]s/2; fastcgi_temp_path %[1]s/3; uwsgi_temp_path %[1]s/4; scgi_temp_path %[1]s/5;
	%[2]s
	server { listen %[3]s; location / { %[4]s proxy_pass http://%[5]s; } }
}
`, dir, tt.zone, addr, tt.location, origin.Addr())
			file := filepath.Join(dir, "nginx.conf")
			if err := os.WriteFile(file, []byte(conf), 0o666); err != nil {
				t.Fatal(err)
			}
			d := startDaemon(t, addr, nginx, "-p", dir, "-c", file)
			meanwhile := func() {
				if tt.restart > 0 {
					d.restart(tt.restart)
				}
			}
			download(t, world, func() int { return len(origin.Requests()) }, meanwhile, "GOPROXY=http://"+addr)
			t.Logf("%d requests reached the origin", len(origin.Requests()))
		})
	}
}

// TestSquid: a real squid as HTTPS_PROXY that is restarted.
func TestSquid(t *testing.T) {
	squid := server(t, "squid")
	world, err := outages.NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	origin, err := world.Serve("modules.test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { origin.Close() })
	addr, dir := freeAddr(t), t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // squid is not root for long
		t.Fatal(err)
	}
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	hosts, ca := write("hosts", "127.0.0.1 modules.test\n"), write("ca.pem", string(origin.CertPEM()))
	conf := write("squid.conf", fmt.Sprintf(`http_port %s
http_access allow all
cache deny all
hosts_file %s
pid_filename none
access_log none
cache_log /dev/null
cache_store_log none
coredump_dir none
shutdown_lifetime 0 seconds
`, addr, hosts))
	d := startDaemon(t, addr, squid, "-N", "-f", conf)
	download(t, world, func() int { return len(origin.Requests()) }, func() { d.restart(2 * time.Second) },
		"GOPROXY="+origin.URL(), "SSL_CERT_FILE="+ca, "NO_PROXY=", "no_proxy=", "HTTPS_PROXY=http://"+addr)
}

// TestInterruptedOutage: an interrupt ends the wait for a server that is down at once.
func TestInterruptedOutage(t *testing.T) {
	world, err := outages.NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	origin, err := world.Serve("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { origin.Close() })
	dir := t.TempDir()
	if err := world.Write(dir); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(steadyGo(), "mod", "download")
	cmd.Dir, cmd.Env = dir, modtest.Env(t, "GOPROXY="+origin.URL())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for len(origin.Requests()) < 20 {
		time.Sleep(time.Millisecond)
	}
	origin.Kill()
	time.Sleep(500 * time.Millisecond) // for the wait to begin
	cmd.Process.Signal(os.Interrupt)
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	select {
	case err := <-over:
		if err == nil {
			t.Error("it succeeded")
		}
	case <-time.After(time.Minute): // half of what it would wait
		cmd.Process.Kill()
		t.Error("still waiting")
	}
}

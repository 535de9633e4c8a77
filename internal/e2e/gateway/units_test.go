//go:build unix

package gateway

import (
	"encoding/xml"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
)

const packaging = "../../../packaging/gateway"

// systemd listens, starts the gateway when a client comes, and is told when it is ready.
func TestSocketActivation(t *testing.T) {
	s := newSite(t, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.check(err)
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	s.check(err)
	defer file.Close()
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "n"), Net: "unixgram"})
	s.check(err)
	defer manager.Close()
	cmd := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" serve --store "$1"`, modtest.Executable(bin, "gosteady"), s.dir)
	cmd.Env = append(s.env, "NOTIFY_SOCKET="+manager.LocalAddr().String())
	cmd.ExtraFiles = []*os.File{file}
	cmd.Stderr = os.Stderr
	s.check(cmd.Start())
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	manager.SetReadDeadline(time.Now().Add(time.Minute))
	buf := make([]byte, 100)
	n, err := manager.Read(buf)
	if err != nil || string(buf[:n]) != "READY=1" {
		t.Fatalf("the manager is told %q, %v", buf[:n], err)
	}
	s.client("http://"+l.Addr().String()+"/0").must("list", "-m", "example.com/m0@v1.0.0")
}

func TestUnits(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("no systemd-analyze")
	}
	dir := t.TempDir()
	for _, name := range []string{"gosteady-gateway.service", "gosteady-gateway.socket"} {
		data, err := os.ReadFile(filepath.Join(packaging, name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(data), "/usr/bin/gosteady", modtest.Executable(bin, "gosteady"))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("systemd-analyze", "verify", "--man=no", filepath.Join(dir, "gosteady-gateway.service"), filepath.Join(dir, "gosteady-gateway.socket")).CombinedOutput()
	if err != nil || strings.Contains(string(out), "gosteady-gateway") {
		t.Errorf("%v\n%s", err, out)
	}
}

// launchd's file is well formed, and starts what there is.
func TestPlist(t *testing.T) {
	f, err := os.Open(filepath.Join(packaging, "dev.gosteady.gateway.plist"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := xml.NewDecoder(f)
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

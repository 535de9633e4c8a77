//go:build unix

package install

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// A test and a generator that start go get the go of their GOROOT, with no help of PATH;
// behind a proxy that breaks a zip, it is healed.
func TestInPlaceHealsTheGoOfOthers(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	store := faultproxy.NewStore()
	if err := store.Add("example.com/dep", "v1.0.0", map[string]string{"go.mod": "module example.com/dep\n\ngo 1.24\n", "dep.go": "package dep\n"}); err != nil {
		t.Fatal(err)
	}
	sum, err := store.Sum("example.com/dep", "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	proxy := modtest.Proxy(t, faultproxy.Config{Content: store})
	const flaky = "**.zip first=1 status=503"
	m.write("inner/go.mod", "module example.com/inner\n\ngo 1.24\n\nrequire example.com/dep v1.0.0\n")
	m.write("inner/go.sum", sum)
	m.write("outer/go.mod", "module example.com/outer\n\ngo 1.24\n")
	m.write("outer/outer.go", "package outer\n\n//go:generate go -C ../inner mod download\n")
	m.write("outer/outer_test.go", `package outer

import (
	"os"
	"os/exec"
	"testing"
)

func TestDownload(t *testing.T) {
	cmd := exec.Command("go", "mod", "download")
	cmd.Dir = "../inner"
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
}
`)
	for k, v := range map[string]string{
		"GOPROXY": proxy.URL(), "GOSUMDB": "off", "GOCACHE": modtest.GOCACHE(), "GOMODCACHE": m.home + "/mod", "GOFLAGS": "-modcacherw",
		"GOSTEADY_RETRY_WAITS": "20ms", "CGO_ENABLED": "0",
	} {
		m.env[k] = v
	}
	started := map[string]func() (string, int){}
	for _, command := range []string{"test -v -count=1 ./...", "generate ./..."} {
		started[command] = func() (string, int) {
			if err := errors.Join(os.RemoveAll(m.home+"/mod"), proxy.Script(flaky)); err != nil {
				t.Fatal(err)
			}
			return m.run("/bin/sh", "-c", `cd "$0" && exec "$1" `+command, m.home+"/outer", root+"/bin/go")
		}
	}
	for command, start := range started {
		if out, code := start(); code != 1 || !strings.Contains(out, "503 Service Unavailable") {
			t.Fatalf("plain go %s: exit %d\n%s", command, code, out)
		}
	}
	m.gosteady("install", "--goroot", root, "--no-demo")
	for command, start := range started {
		if out, code := start(); code != 0 || !strings.Contains(out, "gosteady: healed") {
			t.Errorf("in place, go %s: exit %d\n%s", command, code, out)
		}
	}
}

// GOROOT set to the tree, from a go of another tree: what that starts is ours.
func TestInPlaceNamedByGOROOT(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	m.write("app/go.mod", "module example.com/app\n\ngo 1.24\n")
	m.write("app/app.go", "package app\n\n//go:generate go steady which\n")
	m.env["GOCACHE"] = modtest.GOCACHE()
	m.gosteady("install", "--goroot", root, "--no-demo")
	m.env["GOROOT"] = root
	for _, program := range []string{realGo(), root + "/bin/go"} {
		if out, code := m.run(program, "-C", m.home+"/app", "generate"); code != 0 || !strings.HasPrefix(out, root+"/bin/go.real\n") {
			t.Errorf("%s generate: exit %d\n%s", program, code, out)
		}
		if out, code := m.run(program, "env", "GOROOT"); code != 0 || out != root+"\n" {
			t.Errorf("%s env GOROOT: exit %d, %q", program, code, out)
		}
	}
}

// cmd/go switches to another toolchain as from its own place.
func TestInPlaceSwitchesToolchains(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	m.write("app/go.mod", "module example.com/app\n\ngo 1.99.0\n")
	m.write("tools/go1.99.0", "#!/bin/sh\necho go1.99.0: \"$*\"\nexit 3\n")
	if err := os.Chmod(m.home+"/tools/go1.99.0", 0o755); err != nil {
		t.Fatal(err)
	}
	m.env["PATH"] = m.home + "/tools:/usr/bin:/bin"
	m.gosteady("install", "--goroot", root, "--no-demo")
	for _, toolchain := range []string{"local", "path", "go1.99.0", "local+path"} {
		m.env["GOTOOLCHAIN"] = toolchain
		for _, words := range []string{"version", "list ./...", "mod download", "env GOVERSION"} {
			args := append([]string{"-C", m.home + "/app"}, strings.Fields(words)...)
			want, wantCode := m.run(root+"/bin/go.real", args...)
			if got, code := m.run(root+"/bin/go", args...); got != want || code != wantCode {
				t.Errorf("GOTOOLCHAIN=%s go %s: exit %d\n%s\nwant exit %d\n%s", toolchain, words, code, got, wantCode, want)
			}
		}
	}
}

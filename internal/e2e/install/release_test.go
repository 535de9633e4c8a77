//go:build unix

package install

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/gosteady/gosteady/internal/modtest"
)

// release serves v9.9.9 with these checksums: SUM stands for the right one, NAME for the
// archive's name.
func release(t *testing.T, checksums string) (base, sum string) {
	t.Helper()
	files, sum := releaseFiles(t, "v9.9.9", checksums)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := files[strings.TrimPrefix(r.URL.Path, "/dl/v9.9.9/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(text)) // the client tells
	}))
	t.Cleanup(server.Close)
	return server.URL + "/dl", sum
}

// releaseFiles are the files of a release for this machine.
func releaseFiles(t *testing.T, version, checksums string) (files map[string]string, sum string) {
	t.Helper()
	program := read(t, built())
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	tw := tar.NewWriter(zw)
	if err := tw.WriteHeader(&tar.Header{Name: "gosteady", Mode: 0o755, Size: int64(len(program)), Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	_, err := tw.Write([]byte(program))
	for _, err := range []error{err, tw.Close(), zw.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	name := strings.Replace(archiveName(), "9.9.9", strings.TrimPrefix(version, "v"), 1)
	sum = fmt.Sprintf("%x", sha256.Sum256(b.Bytes()))
	return map[string]string{name: b.String(), "checksums.txt": strings.NewReplacer("SUM", sum, "NAME", name).Replace(checksums)}, sum
}

func archiveName() string {
	return fmt.Sprintf("gosteady_9.9.9_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
}

func TestRelease(t *testing.T) {
	zeros := strings.Repeat("0", 64)
	for name, tt := range map[string]struct {
		checksums string
		args      []string // SUM is the right one, LIST that of the list
		want      string   // of what is printed; of success if it begins with "installed"
	}{
		"right":              {"SUM  NAME\n", []string{"--version", "v9.9.9"}, "installed go and gosteady in DIR"},
		"among others":       {zeros + "  other.tar.gz\nSUM *NAME\n", []string{"--version=v9.9.9"}, "installed go and gosteady in DIR"},
		"wrong":              {zeros + "  NAME\n", []string{"--version", "v9.9.9"}, "has SHA-256 SUM, not " + zeros + "; nothing was installed"},
		"not in it":          {zeros + "  other.tar.gz\n", []string{"--version", "v9.9.9"}, "has SHA-256 SUM, not one in checksums.txt; nothing was installed"},
		"a sum of one's own": {"SUM  NAME\n", []string{"--version", "v9.9.9", "--sha256", zeros}, "not " + zeros + "; nothing was installed"},
		"in capitals":        {"SUM  NAME\n", []string{"--version", "v9.9.9", "--sha256", "UPPER"}, "installed go and gosteady in DIR"},
		"of the list":        {"SUM  NAME\n", []string{"--version", "v9.9.9", "--sha256", "LIST"}, "installed go and gosteady in DIR"},
		"of a list without":  {zeros + "  NAME\n", []string{"--version", "v9.9.9", "--sha256", "LIST"}, "has SHA-256 SUM, not " + zeros + "; nothing was installed"},
		"no such release":    {"SUM  NAME\n", []string{"--version", "v9.9.8"}, "could not download"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			base, sum := release(t, tt.checksums)
			m.env["GOSTEADY_DOWNLOAD_BASE"] = base
			before := m.tree()
			list := strings.NewReplacer("SUM", sum, "NAME", archiveName()).Replace(tt.checksums)
			words := strings.NewReplacer("SUM", sum, "UPPER", strings.ToUpper(sum), "LIST", fmt.Sprintf("%x", sha256.Sum256([]byte(list))), "DIR", m.dir())
			args := []string{"--no-demo"}
			for _, arg := range tt.args {
				args = append(args, words.Replace(arg))
			}
			out, code := m.script(args...)
			want := words.Replace(tt.want)
			if ok := strings.HasPrefix(want, "installed"); !strings.Contains(out, want) || ok != (code == 0) {
				t.Errorf("exit %d\n%s\nwant in it: %s", code, out, want)
			}
			if got := m.tree(); code != 0 && got != before {
				t.Errorf("left\n%s\nwas\n%s", got, before)
			}
		})
	}
}

// Where gh is there and knows somebody, who made a release is verified, unless a sum from
// elsewhere says it.
func TestReleaseIsAttested(t *testing.T) {
	const verify = "attestation verify FILE --repo gosteady/gosteady --signer-workflow gosteady/gosteady/.github/workflows/release.yml\n"
	for name, tt := range map[string]struct {
		gh    string // what it does, after a line in its log
		sum   bool
		asked string // of it, in the end
		ok    bool
	}{
		"right":           {"exit 0", false, verify, true},
		"somebody else's": {"case $* in *--repo*) exit 1; esac", false, verify, false},
		"logged out":      {"case $* in auth*) exit 1; esac", false, "auth status\n", true},
		"too old":         {"exit 1", false, "attestation verify --help\n", true},
		"a sum":           {"exit 1", true, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			base, sum := release(t, "SUM  NAME\n")
			m.env["GOSTEADY_DOWNLOAD_BASE"] = base
			m.env["PATH"] = m.home + "/stubs:" + m.env["PATH"]
			m.write("stubs/gh", "#!/bin/sh\necho \"$*\" >>"+m.home+"/gh.log\n"+tt.gh+"\n")
			m.write("gh.log", "")
			if err := os.Chmod(m.home+"/stubs/gh", 0o755); err != nil {
				t.Fatal(err)
			}
			args := []string{"--version", "v9.9.9", "--no-demo"}
			if tt.sum {
				args = append(args, "--sha256", sum)
			}
			out, code := m.script(args...)
			if tt.ok != (code == 0) || tt.ok != strings.Contains(out, "installed go and gosteady") || !tt.ok && !strings.Contains(out, "nothing was installed") {
				t.Errorf("exit %d\n%s", code, out)
			}
			asked := regexp.MustCompile(`/\S*/gosteady_9\S*`).ReplaceAllString(read(t, m.home+"/gh.log"), "FILE")
			if !strings.HasSuffix(asked, tt.asked) || tt.asked == "" && asked != "" {
				t.Errorf("gh was asked\n%s", asked)
			}
		})
	}
}

// A machine with nothing but busybox: its sh and wget, no curl, no git, no bash.
func TestReleaseWithBusybox(t *testing.T) {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("no busybox here")
	}
	m := newMachine(t)
	tools := t.TempDir()
	list, _ := m.run(busybox, "--list")
	for _, applet := range strings.Fields(list) {
		if err := os.Symlink(busybox, filepath.Join(tools, filepath.Base(applet))); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	if _, err := os.Lstat(tools + "/wget"); err != nil {
		t.Skip("this busybox has no wget")
	}
	m.shell = []string{tools + "/sh"}
	m.env["PATH"] = tools + ":" + filepath.Dir(realGo())
	m.env["GOSTEADY_DOWNLOAD_BASE"], _ = release(t, "SUM  NAME\n")
	before := m.tree()
	if out, code := m.script("--version", "v9.9.9", "--no-demo"); code != 0 || !strings.Contains(out, "installed go and gosteady in "+m.dir()) {
		t.Fatalf("exit %d\n%s", code, out)
	}
	if out, code := m.script("--uninstall"); code != 0 {
		t.Errorf("exit %d\n%s", code, out)
	}
	if got := m.tree(); got != before {
		t.Errorf("left\n%s\nwas\n%s", got, before)
	}
}

// Without a checkout: go install of a version that a proxy has, and what that brings
// installs itself.
func TestGoInstallThenInstall(t *testing.T) {
	modtest.Slow(t, "builds gosteady")
	m := newMachine(t)
	v := module.Version{Path: "github.com/gosteady/gosteady", Version: "v0.0.0-20240102030405-abcdefabcdef"}
	dir := "proxy/" + v.Path + "/@v/" + v.Version
	for _, name := range []string{dir + ".info", "proxy/" + v.Path + "/@latest"} {
		m.write(name, `{"Version":"`+v.Version+`","Time":"2024-01-02T03:04:05Z"}`)
	}
	m.write(filepath.Dir(dir)+"/list", "")
	m.write(dir+".mod", read(t, "go.mod"))
	f, err := os.Create(filepath.Join(m.home, dir+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := zip.CreateFromDir(f, v, "."); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	// What it depends on is in the module cache of whoever runs this test, or where that
	// came from.
	out, err := exec.Command(realGo(), "env", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	modcache, goproxy, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	for k, v := range map[string]string{
		"GOPROXY": "file://" + m.home + "/proxy,file://" + modcache + "/cache/download," + goproxy, "GOSUMDB": "off",
		"GOMODCACHE": t.TempDir(), "GOCACHE": modtest.GOCACHE(), "GOFLAGS": "-modcacherw -trimpath", "GOBIN": m.home + "/gobin", "CGO_ENABLED": "0",
	} {
		m.env[k] = v
	}
	m.succeeds(realGo(), "install", v.String())
	program := m.home + "/gobin/gosteady"
	if out := m.succeeds(program, "version"); !strings.Contains(out, v.Version) {
		t.Errorf("version: %s", out)
	}
	root := m.toolchain("sdk/go")
	before := m.tree()
	for _, args := range [][]string{{}, {"--goroot", root}} {
		m.succeeds(program, append([]string{"install", "--no-demo"}, args...)...)
	}
	m.succeeds(m.dir()+"/go", "version")
	m.goWorks(root, "installed")
	m.succeeds(program, "uninstall")
	if got := m.tree(); got != before {
		t.Errorf("left\n%s\nwas\n%s", got, before)
	}
}

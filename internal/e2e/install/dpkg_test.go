//go:build linux

package install

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// debian is a machine with a dpkg data base of its own, and a package of Go whose files
// lie in its home.
func debian(t *testing.T) (m *machine, root string) {
	t.Helper()
	for _, program := range []string{"dpkg", "dpkg-deb", "dpkg-query", "dpkg-divert"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("needs ", program)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("dpkg installs as root only")
	}
	m = newMachine(t)
	for _, name := range []string{"status", "available", "info/format", "updates/.keep", "triggers/.keep"} {
		m.write("dpkg/"+name, map[string]string{"info/format": "1\n"}[name])
	}
	_ = os.Remove(m.home + "/dpkg/updates/.keep")
	m.env["DPKG_ADMINDIR"] = m.home + "/dpkg"
	m.env["PATH"] += ":/usr/sbin:/sbin"
	m.upgrade("1.0", "")
	return m, m.home + "/usr/lib/go-1.99"
}

// upgrade installs the package in this version; its go has more bytes at the end.
func (m *machine) upgrade(version, more string) {
	m.t.Helper()
	stage := m.t.TempDir()
	root := stage + m.home + "/usr/lib/go-1.99"
	control := "Package: golang-1.99-go\nVersion: " + version + "\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: Go\n"
	err := errors.Join(os.MkdirAll(root+"/bin", 0o755), os.MkdirAll(stage+"/DEBIAN", 0o755),
		os.WriteFile(stage+"/DEBIAN/control", []byte(control), 0o644),
		os.WriteFile(root+"/bin/go", []byte(read(m.t, realGo())+more), 0o755))
	for _, name := range []string{"pkg", "src", "lib", "VERSION", "go.env"} {
		err = errors.Join(err, os.Symlink(modtest.GOROOT()+"/"+name, root+"/"+name))
	}
	if err != nil {
		m.t.Fatal(err)
	}
	m.succeeds("dpkg-deb", "-Znone", "--build", stage, stage+".deb")
	m.succeeds("dpkg", "--log="+m.home+"/dpkg/log", "--install", stage+".deb")
}

// A toolchain of dpkg's is left alone; with --force its upgrades go to go.real, and
// nothing is left of that.
func TestPackageOfDpkg(t *testing.T) {
	m, root := debian(t)
	before := programs(t, root)
	out, code := m.run(built(), "install", "--goroot", root, "--no-demo")
	if want := root + " belongs to the package golang-1.99-go (dpkg); use shims (gosteady install), or --goroot with --force"; code != 1 || !strings.Contains(out, want) {
		t.Fatalf("exit %d\n%s\nwant in it: %s", code, out, want)
	}
	if got := programs(t, root); got != before {
		t.Fatalf("the refusal made of bin\n%s", got)
	}
	m.gosteady("install", "--goroot", root, "--force", "--no-demo")
	m.gosteady("install", "--goroot", root, "--force", "--no-demo")
	ours := read(t, root+"/bin/go")
	m.upgrade("2.0", "2.0")
	if read(t, root+"/bin/go") != ours || !strings.HasSuffix(read(t, root+"/bin/go.real"), "2.0") {
		t.Errorf("after the upgrade bin has\n%s", programs(t, root))
	}
	m.goWorks(root, "after the upgrade")
	m.gosteady("uninstall")
	if got := programs(t, root); !strings.HasSuffix(read(t, root+"/bin/go"), "2.0") || strings.Count(got, "\n") != 1 {
		t.Errorf("bin has\n%s", got)
	}
	if list := m.succeeds("dpkg-divert", "--list"); list != "" {
		t.Errorf("diverted: %s", list)
	}
	m.upgrade("3.0", "")
	if got := programs(t, root); got != before {
		t.Errorf("bin has\n%s\nwant\n%s", got, before)
	}
}

// Killed between the renaming and what dpkg is told.
func TestHalfRestoredPackage(t *testing.T) {
	m, root := debian(t)
	before := programs(t, root)
	m.gosteady("install", "--goroot", root, "--force", "--no-demo")
	if err := os.Rename(root+"/bin/go.real", root+"/bin/go"); err != nil {
		t.Fatal(err)
	}
	m.gosteady("uninstall")
	if list := m.succeeds("dpkg-divert", "--list"); list != "" {
		t.Errorf("diverted: %s", list)
	}
	m.upgrade("2.0", "")
	if got := programs(t, root); got != before {
		t.Errorf("bin has\n%s\nwant\n%s", got, before)
	}
}

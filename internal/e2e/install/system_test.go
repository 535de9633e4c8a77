//go:build linux

package install

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// alone runs a script where nothing that it mounts is seen by anyone else: what is
// mounted over the machine's own directories is a file system of its own.
func (m *machine) alone(script string, args ...string) (string, int) {
	m.t.Helper()
	unshare, err := exec.LookPath("unshare")
	if err != nil || os.Geteuid() != 0 {
		m.t.Skip("needs root and unshare")
	}
	const mounts = "--mount --propagation private "
	if _, code := m.run("/bin/sh", "-c", "exec "+unshare+" "+mounts+`/bin/sh -c 'mount -t tmpfs none "$0"' "$HOME"`); code != 0 {
		m.t.Skip("nothing can be mounted here")
	}
	words := append(strings.Fields(mounts), "/bin/sh", "-ec", script)
	return m.run(unshare, append(words, args...)...)
}

// For all users, and in place by root: the record is root's, whatever HOME is, and one
// uninstallation takes all of it away.
func TestSystem(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	goroot, home := programs(t, root), m.tree()
	delete(m.env, "GOSTEADY_STATE")
	out, code := m.alone(`
for dir in /var/lib /usr/local/lib /etc/profile.d; do
	[ -d $dir ] || exit 77 # or this would make it
	mount -t tmpfs none $dir
done
"$0" install --goroot "$1" --system --add-path --no-demo
grep -c '"dir"' /var/lib/gosteady/installs.json
. /etc/profile.d/gosteady.sh
command -v go
go version
/usr/local/lib/gosteady/shims/gosteady uninstall
echo left:
find /var/lib /usr/local/lib /etc/profile.d -mindepth 1
`, built(), root)
	if code == 77 {
		t.Skip("this system has other directories")
	}
	for _, want := range []string{
		"installed in place: " + root + "/bin/go", "\n2\n", "\n/usr/local/lib/gosteady/shims/go\ngo version go",
		"restored " + root + "/bin/go", "removed from /usr/local/lib/gosteady/shims", "removed from /etc/profile.d/gosteady.sh",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
	if code != 0 || !strings.HasSuffix(out, "left:\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if got := programs(t, root); got != goroot {
		t.Errorf("bin has\n%s\nwant\n%s", got, goroot)
	}
	if got := m.tree(); got != home {
		t.Errorf("left\n%s\nwant\n%s", got, home)
	}
}

func TestTemporaryDirectoryWithoutPrograms(t *testing.T) {
	m := newMachine(t)
	before := m.tree()
	m.env["TMPDIR"] = t.TempDir()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	out, code := m.alone(`mount -t tmpfs -o noexec none "$TMPDIR"; exec "$0" --binary "$1" --no-demo`, wd+"/install.sh", built())
	if code != 1 || !strings.Contains(out, "does not run on this machine") || !strings.Contains(out, "is mounted noexec, set TMPDIR") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if got := m.tree(); got != before {
		t.Errorf("left\n%s\nwas\n%s", got, before)
	}
}

//go:build linux

package release

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// packages are those for this machine, by the kind.
func packages(t *testing.T) map[string]string {
	arch := map[string][2]string{"amd64": {"amd64", "x86_64"}, "arm64": {"arm64", "aarch64"}}[runtime.GOARCH]
	if arch[0] == "" {
		t.Skip("no package for ", runtime.GOARCH)
	}
	return map[string]string{
		"deb": filepath.Join(dist(t, "one"), "gosteady_"+version+"_"+arch[0]+".deb"),
		"rpm": filepath.Join(dist(t, "one"), "gosteady-"+version+"-1."+arch[1]+".rpm"),
		"apk": filepath.Join(dist(t, "one"), "gosteady_"+version+"_"+arch[1]+".apk"),
	}
}

// payload is what a package brings.
func payload(t *testing.T, kind string) map[string]entry {
	t.Helper()
	file := packages(t)[kind]
	switch kind {
	case "deb":
		needs(t, "dpkg-deb")
		dir := t.TempDir()
		run(t, nil, "dpkg-deb", "-x", file, dir)
		return tree(t, dir)
	case "rpm":
		needs(t, "bsdtar")
		dir := t.TempDir()
		run(t, nil, "bsdtar", "-x", "-p", "-f", file, "-C", dir)
		return tree(t, dir)
	}
	files := untar(t, gunzip(t, read(t, file))) // tar files one after the other: of control and of files
	for name := range files {
		if strings.HasPrefix(name, ".") || !strings.Contains(name, "/") {
			delete(files, name)
		}
	}
	return files
}

// The three packages bring the same files, but for where zsh looks.
func TestPackagesAgree(t *testing.T) {
	want := payload(t, "deb")
	for _, name := range []string{shims + "/gosteady", shims + "/go", "usr/bin/gosteady", "usr/share/man/man1/gosteady.1.gz", "usr/share/man/man5/gosteady-policy.5.gz", "usr/share/doc/gosteady/copyright",
		"usr/share/doc/gosteady/examples/policy.yaml", "usr/share/bash-completion/completions/gosteady",
		"usr/share/fish/vendor_completions.d/gosteady.fish", "usr/share/zsh/vendor-completions/_gosteady",
		units + "/gosteady-gateway.service", units + "/gosteady-gateway.socket"} {
		if want[name].text == "" {
			t.Errorf("the deb has no %s", name)
		}
	}
	if len(want) != 12 {
		t.Errorf("the deb has\n%s", listed(want))
	}
	program := archive(t, filepath.Join(dist(t, "one"), "gosteady_"+version+"_linux_"+runtime.GOARCH+".tar.gz"))["gosteady"].text
	if want[shims+"/gosteady"].text != program {
		t.Error("the deb's program is not that of the archive")
	}
	want["usr/share/zsh/site-functions/_gosteady"] = want["usr/share/zsh/vendor-completions/_gosteady"]
	delete(want, "usr/share/zsh/vendor-completions/_gosteady")
	for _, kind := range []string{"rpm", "apk"} {
		t.Run(kind, func(t *testing.T) {
			if kind == "apk" { // Alpine has no systemd
				delete(want, units+"/gosteady-gateway.service")
				delete(want, units+"/gosteady-gateway.socket")
			}
			if got := listed(payload(t, kind)); got != listed(want) {
				t.Errorf("it has\n%s\nthe deb\n%s", got, listed(want))
			}
		})
	}
}

// chroot makes a root with a shell, for the scripts of packages.
func chroot(t *testing.T) string {
	t.Helper()
	needs(t, "sh", "ldd")
	root := t.TempDir()
	libraries := run(t, nil, "ldd", "/bin/sh")
	for _, file := range append(regexp.MustCompile(`/\S+`).FindAllString(libraries, -1), "/bin/sh") {
		to := root + file
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, read(t, file), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// A deb is installed with dpkg, used, updated and removed: one line is said, once, and
// nothing is left.
func TestDeb(t *testing.T) {
	needs(t, "dpkg")
	needsRoot(t)
	deb := packages(t)["deb"]
	root := chroot(t)
	for _, dir := range []string{"updates", "info", "triggers"} {
		if err := os.MkdirAll(root+"/var/lib/dpkg/"+dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"status", "available"} {
		if err := os.WriteFile(root+"/var/lib/dpkg/"+file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := outsideDpkg(t, root)
	dpkg := func(args ...string) string {
		return run(t, append(os.Environ(), "DEBIAN_FRONTEND=noninteractive"), "dpkg", append([]string{"--root=" + root, "--force-not-root", "--force-bad-path", "--log=/dev/null"}, args...)...)
	}
	out := dpkg("--install", deb)
	if strings.Count(out, "gosteady: ") != 1 || !strings.Contains(out, `gosteady: installed, and not in use yet; in front of go: export PATH="/usr/lib/gosteady/shims:$PATH"`) {
		t.Errorf("installed with\n%s", out)
	}
	used(t, root)
	if out := dpkg("--install", deb); strings.Contains(out, "gosteady: ") {
		t.Errorf("updated with\n%s", out)
	}
	dpkg("--remove", "gosteady")
	dpkg("--purge", "gosteady")
	if got := outsideDpkg(t, root); got != before {
		t.Errorf("left\n%s\nwas\n%s", got, before)
	}
}

// outsideDpkg lists a root without dpkg's own data base: files, and directories too.
func outsideDpkg(t *testing.T, root string) string {
	t.Helper()
	out := run(t, nil, "find", root, "-path", root+"/var/lib/dpkg", "-prune", "-o", "-printf", "%P %y %l\n")
	return out
}

// used runs what a package has brought below root, as a person would who reads its line.
func used(t *testing.T, root string) {
	t.Helper()
	home := t.TempDir()
	p, dir := modtest.Flaky(t, "** each first=1 reset")
	env := append(modtest.Environ(home, modtest.GOCACHE()),
		"PATH="+root+"/"+shims+":"+filepath.Join(modtest.GOROOT(), "bin")+":/usr/bin:/bin", "HOME="+home,
		"GOPROXY="+p.URL(), "GOSUMDB=off", "GOSTEADY_STATE="+home+"/state", "GOSTEADY_RETRY_WAITS=20ms,50ms")
	if got := run(t, env, root+"/usr/bin/gosteady", "version"); got != "gosteady v"+version+"\n" {
		t.Errorf("gosteady version: %q", got)
	}
	if got := run(t, env, "/bin/sh", "-c", "command -v go && go steady which"); !strings.HasPrefix(got, root+"/"+shims+"/go\n"+filepath.Join(modtest.GOROOT(), "bin/go")+"\n") {
		t.Errorf("which:\n%s", got)
	}
	if got := run(t, env, "/bin/sh", "-c", "cd '"+dir+"' && go mod download"); !strings.HasPrefix(got, "gosteady: healed ") {
		t.Errorf("go mod download: %q", got)
	}
	if out := run(t, env, "/bin/bash", "-n", root+"/usr/share/bash-completion/completions/gosteady"); out != "" {
		t.Error(out)
	}
	policy := read(t, root+"/usr/share/doc/gosteady/examples/policy.yaml")
	if err := os.MkdirAll(home+"/config/gosteady", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(home+"/config/gosteady/policy.yaml", policy, 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, append(env, "XDG_CONFIG_HOME="+home+"/config"), "/bin/sh", "-c", "cd '"+home+"' && gosteady policy check --strict")
}

// The scripts of the other two do the same.
func TestScriptsOfPackages(t *testing.T) {
	script := string(read(t, "packaging/postinstall.sh"))
	for kind, file := range packages(t) {
		t.Run(kind, func(t *testing.T) {
			switch kind {
			case "deb":
				needs(t, "dpkg-deb")
				dir := t.TempDir()
				run(t, nil, "dpkg-deb", "-e", file, dir)
				for name, e := range tree(t, dir) {
					if name == "postinst" && e.text != script || name != "postinst" && name != "control" && name != "md5sums" {
						t.Errorf("%s:\n%s", name, e.text)
					}
				}
			case "rpm":
				needs(t, "rpm")
				if got := run(t, nil, "rpm", "-qp", "--nosignature", "--qf", "%{POSTIN}|%{PREIN}|%{PREUN}|%{POSTUN}|%{LICENSE}", file); got != script+"|(none)|(none)|(none)|BSD-3-Clause" {
					t.Errorf("its scripts are\n%s", got)
				}
			case "apk":
				for name, e := range untar(t, gunzip(t, read(t, file))) {
					if name == "post-install" && e.text != script || strings.HasPrefix(name, "pre-") || strings.HasPrefix(name, "post-") && name != "post-install" {
						t.Errorf("%s:\n%s", name, e.text)
					}
				}
			}
		})
	}
}

// postinstall.sh says its line at the first installation, and nothing after an update.
func TestPostinstall(t *testing.T) {
	for args, says := range map[string]bool{"configure": true, "configure 0.0.8": false, "1": true, "2": false, "0.0.9": true, "": true} {
		out := run(t, nil, "/bin/sh", append([]string{"packaging/postinstall.sh"}, strings.Fields(args)...)...)
		if args == "configure" {
			out = run(t, nil, "/bin/sh", "packaging/postinstall.sh", "configure", "")
		}
		if (out != "") != says || strings.Count(out, "\n") > 1 {
			t.Errorf("%s: %q", args, out)
		}
	}
}

// rpm installs into a root of its own and leaves nothing there.
func TestRPM(t *testing.T) {
	needs(t, "rpm")
	needsRoot(t)
	root := chroot(t)
	rpm := func(args ...string) string {
		return run(t, os.Environ(), "rpm", append([]string{"--root=" + root, "--dbpath=/var/lib/rpm", "--nosignature"}, args...)...)
	}
	rpm("--initdb")
	find := func() string {
		return run(t, nil, "find", root, "-path", root+"/var", "-prune", "-o", "-type", "f", "-printf", "%P\n", "-o", "-type", "l", "-printf", "%P\n")
	}
	before := find()
	if out := rpm("--install", "--nodeps", packages(t)["rpm"]); strings.Count(out, "gosteady: installed") != 1 {
		t.Errorf("installed with\n%s", out)
	}
	used(t, root)
	rpm("--erase", "gosteady")
	if got := find(); got != before {
		t.Errorf("left\n%s\nwas\n%s", got, before)
	}
}

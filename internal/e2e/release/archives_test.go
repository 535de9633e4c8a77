//go:build linux

package release

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
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

	"github.com/gosteady/gosteady/internal/modtest"
)

// What a release consists of, to the file.
func TestFiles(t *testing.T) {
	want := map[string]bool{"install.sh": true, "checksums.txt": true, "gosteady.rb": true, "gosteady.json": true,
		"gosteady.gosteady.yaml": true, "gosteady.gosteady.installer.yaml": true, "gosteady.gosteady.locale.en-US.yaml": true,
		"gosteady_" + version + "_image.oci.tar": true}
	for _, goos := range []string{"linux", "darwin", "windows", "freebsd"} {
		for _, arch := range []string{"amd64", "arm64"} {
			name, ending := fmt.Sprintf("gosteady_%s_%s_%s", version, goos, arch), ".tar.gz"
			if goos == "windows" {
				ending = ".zip"
			}
			want[name+ending], want[name+".cdx.json"] = true, true
		}
	}
	for _, name := range []string{"gosteady_VERSION_amd64.deb", "gosteady_VERSION_arm64.deb", "gosteady-VERSION-1.x86_64.rpm", "gosteady-VERSION-1.aarch64.rpm", "gosteady_VERSION_x86_64.apk", "gosteady_VERSION_aarch64.apk"} {
		want[strings.ReplaceAll(name, "VERSION", version)] = true
	}
	got := tree(t, dist(t, "one"))
	for name := range got {
		if !want[name] {
			t.Errorf("%s is not to be in a release", name)
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	list := strings.Fields(got["checksums.txt"].text)
	for i := 0; i+1 < len(list); i += 2 {
		if file := strings.TrimPrefix(list[i+1], "*"); list[i] != sum([]byte(got[file].text)) {
			t.Errorf("checksums.txt has %s for %s", list[i], file)
		}
	}
	if len(list) != 2*(len(got)-1) {
		t.Errorf("checksums.txt has %d words for %d files", len(list), len(got)-1)
	}
}

// Two builds in two directories are equal bit for bit.
func TestReproducible(t *testing.T) {
	one, two := tree(t, dist(t, "one")), tree(t, dist(t, "two"))
	if one, two := listed(one), listed(two); one != two {
		t.Errorf("the first build\n%s\nthe second\n%s", one, two)
	}
}

// With a build cache of its own, so that no object of the first build is taken.
func TestReproducibleFromNothing(t *testing.T) {
	program := archive(t, filepath.Join(dist(t, "one"), "gosteady_"+version+"_linux_amd64.tar.gz"))["gosteady"].text
	other := read(t, filepath.Join(dist(t, "two"), "..", "from-nothing"))
	if got, want := sum(other), sum([]byte(program)); got != want {
		t.Errorf("built with an empty cache it is %s, else %s", got, want)
	}
}

// Each archive has the program of its system, statically linked, of this version.
func TestArchives(t *testing.T) {
	name := regexp.MustCompile(`^gosteady_` + regexp.QuoteMeta(version) + `_(\w+)_(\w+)\.(tar\.gz|zip)$`)
	seen := 0
	for file := range tree(t, dist(t, "one")) {
		m := name.FindStringSubmatch(file)
		if m == nil {
			continue
		}
		seen++
		files := archive(t, filepath.Join(dist(t, "one"), file))
		program := "gosteady"
		if m[1] == "windows" {
			program = "gosteady.exe"
		}
		bi, err := buildinfo.Read(strings.NewReader(files[program].text))
		if err != nil {
			t.Fatal(file, err)
		}
		settings := map[string]string{}
		for _, s := range bi.Settings {
			settings[s.Key] = s.Value
		}
		want := map[string]string{"GOOS": m[1], "GOARCH": m[2], "CGO_ENABLED": "0", "-trimpath": "true", "vcs.modified": "false"}
		for key, value := range want {
			if settings[key] != value {
				t.Errorf("%s: %s=%s, want %s", file, key, settings[key], value)
			}
		}
		if bi.Main.Version != "v"+version {
			t.Errorf("%s is of %s", file, bi.Main.Version)
		}
		for _, other := range []string{"LICENSE", "README.md", "CHANGELOG.md", "man/gosteady.1.gz", "man/gosteady-policy.5.gz",
			"completions/gosteady.bash", "completions/_gosteady", "completions/gosteady.fish", "completions/gosteady.ps1",
			"gateway/gosteady-gateway.service", "gateway/gosteady-gateway.socket", "gateway/dev.gosteady.gateway.plist", "gateway/Containerfile"} {
			if files[other].text == "" || files[other].mode.Perm() != 0o644 {
				t.Errorf("%s: %s has %d bytes and mode %v", file, other, len(files[other].text), files[other].mode)
			}
			delete(files, other)
		}
		if files[program].mode.Perm() != 0o755 || len(files) != 1 {
			t.Errorf("%s has\n%s", file, listed(files))
		}
	}
	if seen != 8 {
		t.Errorf("%d archives", seen)
	}
}

// A bill of materials says what the linker says, and what the program itself says.
func TestBillOfMaterials(t *testing.T) {
	var bill struct {
		BOMFormat, SpecVersion string
		Metadata               struct {
			Component struct {
				Name, Version string
				Hashes        []struct{ Content string }
			}
		}
		Components []struct{ Name, Version, PURL string }
	}
	name := "gosteady_" + version + "_linux_" + runtime.GOARCH
	if err := json.Unmarshal(read(t, filepath.Join(dist(t, "one"), name+".cdx.json")), &bill); err != nil {
		t.Fatal(err)
	}
	program := unpacked(t, name+".tar.gz")
	c := bill.Metadata.Component
	if bill.BOMFormat != "CycloneDX" || bill.SpecVersion != "1.5" || c.Name != "github.com/gosteady/gosteady" || c.Version != "v"+version || c.Hashes[0].Content != sum(read(t, program)) {
		t.Errorf("it begins with %+v", bill)
	}
	var said struct {
		Version, Commit, Go string
		Modules             []struct{ Path, Version string }
	}
	if err := json.Unmarshal([]byte(run(t, nil, program, "version", "--json")), &said); err != nil {
		t.Fatal(err)
	}
	if said.Version != "v"+version || len(said.Commit) != 40 {
		t.Errorf("version --json: %+v", said)
	}
	want := "std " + said.Go + "\n"
	for _, m := range said.Modules {
		want += m.Path + " " + m.Version + "\n"
	}
	got := ""
	for _, c := range bill.Components {
		got += c.Name + " " + c.Version + "\n"
		if !strings.HasPrefix(c.PURL, "pkg:golang/"+c.Name+"@") {
			t.Errorf("%s has the address %s", c.Name, c.PURL)
		}
	}
	if got != want || len(said.Modules) < 8 {
		t.Errorf("it has\n%s\nthe program says\n%s", got, want)
	}
}

// unpacked is the program of an archive, as a file.
func unpacked(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "gosteady")
	if err := os.WriteFile(file, []byte(archive(t, filepath.Join(dist(t, "one"), name))["gosteady"].text), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

// install.sh of the release brings the release, with a right sum and not with a wrong one.
func TestInstallScript(t *testing.T) {
	dir := dist(t, "one")
	list := sum(read(t, filepath.Join(dir, "checksums.txt")))
	for name, tt := range map[string]struct {
		args   []string
		change string // in checksums.txt, all of it
		want   string
	}{
		"as it is":           {nil, "", "installed go and gosteady in "},
		"sum of the list":    {[]string{"--sha256", list}, "", "installed go and gosteady in "},
		"sum of another one": {[]string{"--sha256", strings.Repeat("1", 64)}, "", "nothing was installed"},
		"list of others":     {nil, "0", "nothing was installed"},
		"a changed list":     {[]string{"--sha256", list}, "0", "nothing was installed"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.StripPrefix("/v"+version, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				data, err := os.ReadFile(filepath.Join(dir, filepath.Base(r.URL.Path)))
				if err != nil {
					http.NotFound(w, r)
					return
				}
				if tt.change != "" && strings.HasSuffix(r.URL.Path, "checksums.txt") {
					data = regexp.MustCompile(`(?m)^\w{64}`).ReplaceAll(data, bytes.Repeat([]byte(tt.change), 64))
				}
				_, _ = w.Write(data) // the client tells
			})))
			defer server.Close()
			home := t.TempDir()
			env := []string{"HOME=" + home, "GOSTEADY_STATE=" + home + "/state", "GOSTEADY_DOWNLOAD_BASE=" + server.URL,
				"PATH=" + filepath.Join(modtest.GOROOT(), "bin") + ":/usr/bin:/bin", "GOTOOLCHAIN=local", "GOENV=off"}
			cmd := exec.Command("/bin/sh", append([]string{filepath.Join(dir, "install.sh"), "--version", "v" + version, "--no-demo"}, tt.args...)...)
			cmd.Env = env
			out, err := cmd.CombinedOutput()
			if ok := strings.HasPrefix(tt.want, "installed"); ok != (err == nil) || !strings.Contains(string(out), tt.want) {
				t.Fatalf("%v\n%s", err, out)
			}
			program := home + "/.local/share/gosteady/shims/gosteady"
			if err != nil {
				if _, err := os.Lstat(program); err == nil {
					t.Error("installed all the same")
				}
				return
			}
			if got, want := run(t, env, program, "version"), "gosteady v"+version+"\n"; got != want {
				t.Errorf("version: %q, want %q", got, want)
			}
			run(t, env, program, "uninstall")
		})
	}
}

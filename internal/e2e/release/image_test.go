//go:build linux

package release

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

type descriptor struct {
	MediaType, Digest string
	Size              int
	Platform          struct{ OS, Architecture string }
}

// blob is what a descriptor describes, which must be what it says.
func blob(t *testing.T, layout map[string]entry, d descriptor) []byte {
	t.Helper()
	algorithm, digest, _ := strings.Cut(d.Digest, ":")
	text := layout["blobs/"+algorithm+"/"+digest].text
	if algorithm != "sha256" || sum([]byte(text)) != digest || len(text) != d.Size {
		t.Fatalf("%s is %d bytes with sum %s", d.Digest, len(text), sum([]byte(text)))
	}
	return []byte(text)
}

func decode[T any](t *testing.T, data []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return v
}

// Other readers of tar want its end, too.
func TestImageIsWhole(t *testing.T) {
	needs(t, "tar")
	file := filepath.Join(dist(t, "one"), "gosteady_"+version+"_image.oci.tar")
	if out := run(t, nil, "tar", "-tf", file); strings.Count(out, "\n") != 9 {
		t.Errorf("it has\n%s", out)
	}
	if _, err := exec.LookPath("skopeo"); err == nil {
		run(t, os.Environ(), "skopeo", "inspect", "--raw", "oci-archive:"+file)
	}
}

// image writes the image's file system for this machine and returns its directory, and the
// variables that a container has.
func image(t *testing.T) (root string, env []string) {
	t.Helper()
	type index struct{ Manifests []descriptor }
	layout := untar(t, read(t, filepath.Join(dist(t, "one"), "gosteady_"+version+"_image.oci.tar")))
	if layout["oci-layout"].text != `{"imageLayoutVersion":"1.0.0"}` {
		t.Errorf("oci-layout: %s", layout["oci-layout"].text)
	}
	top := decode[index](t, []byte(layout["index.json"].text))
	if len(top.Manifests) != 1 {
		t.Fatalf("index.json: %+v", top)
	}
	all := decode[index](t, blob(t, layout, top.Manifests[0]))
	if len(all.Manifests) != 2 {
		t.Fatalf("the index: %+v", all)
	}
	for _, d := range all.Manifests {
		m := decode[struct {
			Config descriptor
			Layers []descriptor
		}](t, blob(t, layout, d))
		c := decode[struct {
			OS, Architecture string
			Config           struct{ Env, Entrypoint []string }
			RootFS           struct {
				DiffIDs []string `json:"diff_ids"`
			}
		}](t, blob(t, layout, m.Config))
		layer := gunzip(t, blob(t, layout, m.Layers[0]))
		if c.OS != d.Platform.OS || c.Architecture != d.Platform.Architecture || c.RootFS.DiffIDs[0] != "sha256:"+sum(layer) {
			t.Errorf("%+v is %+v", d, c)
		}
		if c.Architecture != runtime.GOARCH {
			continue
		}
		root, env = t.TempDir(), c.Config.Env
		for name, e := range untar(t, layer) {
			file := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			var err error
			if e.mode&fs.ModeSymlink != 0 {
				err = os.Symlink(e.text, file)
			} else {
				err = os.WriteFile(file, []byte(e.text), e.mode)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if root == "" {
		t.Skip("no image for ", runtime.GOARCH)
	}
	return root, env
}

// The image runs by itself, from scratch.
func TestImageRuns(t *testing.T) {
	root, env := image(t)
	needs(t, "chroot")
	needsRoot(t)
	for _, program := range []string{"/gosteady", "/usr/local/lib/gosteady/shims/gosteady"} {
		if got := run(t, env, "chroot", root, program, "version"); got != "gosteady v"+version+"\n" {
			t.Errorf("%s: %q", program, got)
		}
	}
}

// COPY --from=IMAGE /usr/local/lib/gosteady/shims, and ENV PATH: its go is first and finds
// the image's own.
func TestImageCopied(t *testing.T) {
	root, _ := image(t)
	home := t.TempDir()
	target := home + "/usr/local/lib/gosteady/shims"
	if err := os.CopyFS(target, os.DirFS(root+"/usr/local/lib/gosteady/shims")); err != nil {
		t.Fatal(err)
	}
	p, dir := modtest.Flaky(t, "** each first=1 reset")
	env := append(modtest.Environ(home, modtest.GOCACHE()), "PATH="+target+":"+filepath.Join(modtest.GOROOT(), "bin")+":/usr/bin:/bin",
		"GOPROXY="+p.URL(), "GOSUMDB=off", "GOSTEADY_STATE="+home+"/state", "GOSTEADY_RETRY_WAITS=20ms,50ms")
	if got := run(t, env, "/bin/sh", "-c", "cd '"+dir+"' && go mod download"); !strings.HasPrefix(got, "gosteady: healed ") {
		t.Errorf("go mod download: %q", got)
	}
}

// Image writes the release's container image as an OCI archive, without a daemon or a
// registry: one layer for each architecture, from scratch, for COPY --from and
// RUN --mount=from. The same programs make the same file.
//
//	go run ./packaging/image -version v0.1.0 -revision COMMIT -time 1700000000 -o FILE amd64=PROGRAM arm64=PROGRAM
//
// It is checked with: skopeo inspect --raw oci-archive:FILE, and copied to a registry with:
// skopeo copy --all oci-archive:FILE docker://…
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"
)

// shims is where gosteady stands in the image: under both of its names, one file.
const shims = "usr/local/lib/gosteady/shims"

// https://github.com/opencontainers/image-spec
const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    *platform         `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

type index struct {
	Schema      int               `json:"schemaVersion"`
	MediaType   string            `json:"mediaType"`
	Manifests   []descriptor      `json:"manifests"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type manifest struct {
	Schema    int          `json:"schemaVersion"`
	MediaType string       `json:"mediaType"`
	Config    descriptor   `json:"config"`
	Layers    []descriptor `json:"layers"`
}

type config struct {
	Created string `json:"created"`
	platform
	Config struct {
		Env        []string          `json:"Env"`
		Entrypoint []string          `json:"Entrypoint"`
		Labels     map[string]string `json:"Labels"`
	} `json:"config"`
	RootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
	History []history `json:"history"`
}

type history struct {
	Created   string `json:"created"`
	CreatedBy string `json:"created_by"`
}

// An archive collects blobs, and knows what the image says of itself.
type archive struct {
	version  string
	revision string
	time     time.Time
	blobs    []blob
}

type blob struct {
	name string
	data []byte
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	version := flags.String("version", "", "the release")
	revision := flags.String("revision", "", "its commit")
	seconds := flags.Int64("time", 0, "the time of the commit, in seconds since 1970")
	out := flags.String("o", "", "the file to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" || flags.NArg() == 0 {
		return fmt.Errorf("usage: image -version V -revision COMMIT -time SECONDS -o FILE ARCH=PROGRAM…")
	}
	a := &archive{version: *version, revision: *revision, time: time.Unix(*seconds, 0).UTC()}
	var images []descriptor
	for _, arg := range flags.Args() {
		arch, file, _ := strings.Cut(arg, "=")
		program, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		image, err := a.image(platform{arch, "linux"}, program)
		if err != nil {
			return err
		}
		images = append(images, image)
	}
	data, err := a.bytes(images)
	if err != nil {
		return err
	}
	return os.WriteFile(*out, data, 0o644)
}

// add keeps data as a blob and describes it.
func (a *archive) add(mediaType string, data []byte) descriptor {
	digest := fmt.Sprintf("%x", sha256.Sum256(data))
	a.blobs = append(a.blobs, blob{"blobs/sha256/" + digest, data})
	return descriptor{MediaType: mediaType, Digest: "sha256:" + digest, Size: len(data)}
}

func (a *archive) addJSON(mediaType string, v any) (descriptor, error) {
	data, err := json.Marshal(v)
	return a.add(mediaType, data), err
}

func (a *archive) about() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":    "gosteady",
		"org.opencontainers.image.source":   "https://github.com/gosteady/gosteady",
		"org.opencontainers.image.licenses": "BSD-3-Clause",
		"org.opencontainers.image.version":  strings.TrimPrefix(a.version, "v"),
		"org.opencontainers.image.revision": a.revision,
		"org.opencontainers.image.created":  a.time.Format(time.RFC3339),
	}
}

// image adds the image of one platform.
func (a *archive) image(p platform, program []byte) (descriptor, error) {
	layer, err := a.layer(program)
	if err != nil {
		return descriptor{}, err
	}
	var zipped bytes.Buffer
	zw, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return descriptor{}, err
	}
	if _, err := zw.Write(layer); err != nil {
		return descriptor{}, err
	}
	if err := zw.Close(); err != nil {
		return descriptor{}, err
	}
	created := a.time.Format(time.RFC3339)
	c := config{Created: created, platform: p, History: []history{{created, "packaging/image"}}}
	c.Config.Env = []string{"PATH=/" + shims}
	c.Config.Entrypoint = []string{"/" + shims + "/gosteady"}
	c.Config.Labels = a.about()
	c.RootFS.Type = "layers"
	c.RootFS.DiffIDs = []string{fmt.Sprintf("sha256:%x", sha256.Sum256(layer))}
	m := manifest{Schema: 2, MediaType: manifestType, Layers: []descriptor{a.add(layerType, zipped.Bytes())}}
	if m.Config, err = a.addJSON(configType, c); err != nil {
		return descriptor{}, err
	}
	d, err := a.addJSON(manifestType, m)
	d.Platform = &p
	return d, err
}

// layer is the file system: the program under its two names, and a short name at the root
// for RUN --mount.
func (a *archive) layer(program []byte) ([]byte, error) {
	var b bytes.Buffer
	tw := tar.NewWriter(&b)
	put := func(h tar.Header, data []byte) error {
		h.ModTime, h.Size, h.Format = a.time, int64(len(data)), tar.FormatUSTAR
		if err := tw.WriteHeader(&h); err != nil {
			return err
		}
		_, err := tw.Write(data)
		return err
	}
	var dirs []string
	for dir := shims; dir != "."; dir = path.Dir(dir) {
		dirs = append([]string{dir}, dirs...)
	}
	for _, dir := range dirs {
		if err := put(tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755}, nil); err != nil {
			return nil, err
		}
	}
	if err := put(tar.Header{Typeflag: tar.TypeReg, Name: shims + "/gosteady", Mode: 0o755}, program); err != nil {
		return nil, err
	}
	for _, link := range [][2]string{{shims + "/go", "gosteady"}, {"gosteady", shims + "/gosteady"}} {
		if err := put(tar.Header{Typeflag: tar.TypeSymlink, Name: link[0], Linkname: link[1], Mode: 0o777}, nil); err != nil {
			return nil, err
		}
	}
	err := tw.Close()
	return b.Bytes(), err
}

// bytes is the archive: a tar file of an OCI image layout.
func (a *archive) bytes(images []descriptor) ([]byte, error) {
	all, err := a.addJSON(indexType, index{Schema: 2, MediaType: indexType, Manifests: images, Annotations: a.about()})
	if err != nil {
		return nil, err
	}
	all.Annotations = map[string]string{"org.opencontainers.image.ref.name": strings.TrimPrefix(a.version, "v")}
	top, err := json.Marshal(index{Schema: 2, MediaType: indexType, Manifests: []descriptor{all}})
	if err != nil {
		return nil, err
	}
	files := append([]blob{{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)}, {"index.json", top}}, a.blobs...)
	var b bytes.Buffer
	tw := tar.NewWriter(&b)
	for _, f := range files {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: 0o644, Size: int64(len(f.data)), ModTime: a.time, Format: tar.FormatUSTAR}
		if err := tw.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := io.Copy(tw, bytes.NewReader(f.data)); err != nil {
			return nil, err
		}
	}
	err = tw.Close()
	return b.Bytes(), err
}

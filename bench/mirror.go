package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// A mirror answers from a directory, and asks the configured module proxy for what
// is not there yet. It is the honest proxy behind the failing one.
type mirror struct {
	dir      string
	upstream *url.URL
	client   *http.Client

	fetched atomic.Int64 // requests that went out
}

// notThere is what the file holds for a path that the proxy answered with 404 or
// 410.
const notThere = "gosteady-bench: not there\n"

func newMirror(dir string) (*mirror, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	upstream, err := configuredProxy()
	if err != nil {
		return nil, err
	}
	return &mirror{dir: dir, upstream: upstream, client: &http.Client{Timeout: 5 * time.Minute}}, nil
}

// configuredProxy is the first http entry of this machine's GOPROXY.
func configuredProxy() (*url.URL, error) {
	out, err := exec.Command("go", "env", "GOPROXY").Output()
	if err != nil {
		return nil, err
	}
	for _, entry := range strings.FieldsFunc(string(out), func(r rune) bool { return r == ',' || r == '|' }) {
		u, err := url.Parse(strings.TrimSpace(entry))
		if err == nil && strings.HasPrefix(u.Scheme, "http") {
			return u, nil
		}
	}
	return nil, errors.New("GOPROXY has no http entry to take real modules from")
}

func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file := filepath.Join(m.dir, filepath.FromSlash(r.URL.Path))
	if !filepath.IsLocal(strings.TrimPrefix(r.URL.Path, "/")) {
		http.NotFound(w, r)
		return
	}
	if err := m.ensure(r.URL.Path, file); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	f, err := os.Open(file)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer f.Close()
	fi, err := f.Stat()
	if err == nil && fi.Size() == int64(len(notThere)) {
		if text, _ := os.ReadFile(file); string(text) == notThere {
			http.Error(w, "not found", http.StatusNotFound)
			return
		}
	}
	w.Header().Set("Etag", fmt.Sprintf(`"%x-%x"`, fi.Size(), fi.ModTime().UnixNano()))
	w.Header().Set("Content-Type", mime(r.URL.Path))
	http.ServeContent(w, r, "", time.Time{}, f)
}

func mime(path string) string {
	switch filepath.Ext(path) {
	case ".zip":
		return "application/zip"
	case ".info":
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

// ensure makes sure that the file is there. The head of the checksum database's
// log, and what is never asked for twice, is fetched each time.
func (m *mirror) ensure(path, file string) error {
	if _, err := os.Stat(file); err == nil && !strings.HasSuffix(path, "/latest") {
		return nil
	}
	var err error
	for try := range 5 {
		time.Sleep(time.Duration(try) * time.Second)
		if err = m.fetch(path, file); err == nil {
			return nil
		}
	}
	return err
}

func (m *mirror) fetch(path, file string) error {
	m.fetched.Add(1)
	u := *m.upstream
	u.Path = strings.TrimSuffix(u.Path, "/") + path
	u.RawPath = ""
	resp, err := m.client.Get(u.String())
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var body io.Reader = resp.Body
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		body = strings.NewReader(notThere)
	default:
		return errors.New(resp.Status)
	}
	return store(file, body)
}

// store writes a file at once, or not at all.
func store(file string, body io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := io.Copy(tmp, body); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}

package faultproxy

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"
)

func TestStoreProtocol(t *testing.T) {
	s := testStore(t)
	s.Add("example.com/Upper", "v0.0.0-20240102030405-abcdefabcdef", nil)
	p, client := serve(t, Config{Content: s})
	tests := []struct {
		path, want string
		status     int
	}{
		{"/example.com/hello/@v/list", "v1.0.0\nv1.1.0\nv1.2.0-rc.1\n", 200},
		{"/example.com/hello/@latest", `{"Version":"v1.1.0","Time":"2024-01-02T03:04:05Z"}`, 200},
		{helloMod, "module example.com/hello\n\ngo 1.21\n", 200},
		{"/example.com/!upper/@v/list", "", 200},
		{"/example.com/!upper/@latest", `{"Version":"v0.0.0-20240102030405-abcdefabcdef","Time":"2024-01-02T03:04:05Z"}`, 200},
		{"/example.com/hello/@v/v9.0.0.info", "not found: /example.com/hello/@v/v9.0.0.info\n", 404},
		{"/example.com/none/@v/list", "not found: /example.com/none/@v/list\n", 404},
		{"/sumdb/sum.test/supported", "404 page not found\n", 404},
	}
	for _, test := range tests {
		resp, body, err := get(client, p.URL()+test.path)
		if err != nil || resp.StatusCode != test.status || body != test.want {
			t.Errorf("%s: %v %q, want %d %q", test.path, resp, body, test.status, test.want)
		}
	}
}

func TestStoreZip(t *testing.T) {
	s := testStore(t)
	file := filepath.Join(t.TempDir(), "m.zip")
	if err := os.WriteFile(file, s.Zip("example.com/hello", "v1.0.0"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := modzip.CheckZip(module.Version{Path: "example.com/hello", Version: "v1.0.0"}, file); err != nil {
		t.Error(err)
	}
	hash, err := dirhash.HashZip(file, dirhash.DefaultHash)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := s.Sum("example.com/hello", "v1.0.0")
	if err != nil || !strings.HasPrefix(sum, "example.com/hello v1.0.0 "+hash+"\n") {
		t.Errorf("Sum %q, %v, zip %s", sum, err, hash)
	}
	if _, err := s.Sum("example.com/hello", "v9.0.0"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestAddTree(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "example.com", "tree@v1.0.0", "sub")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, "a.go"), []byte("package sub\n"), 0o666)
	s := NewStore()
	if err := s.AddTree(root); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(s.Zip("example.com/tree", "v1.0.0"), []byte("example.com/tree@v1.0.0/sub/a.go")) {
		t.Error("the file is not in the zip")
	}
}

// logClient lets x/mod's own client, which cmd/go uses, read the database.
type logClient struct {
	t      *testing.T
	base   string
	client *http.Client
	key    string
	config map[string][]byte
	cache  map[string][]byte
}

func (c *logClient) ReadRemote(path string) ([]byte, error) {
	resp, body, err := get(c.client, c.base+path)
	if err == nil && resp.StatusCode != 200 {
		err = errors.New(resp.Status)
	}
	return []byte(body), err
}

func (c *logClient) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(c.key), nil
	}
	return c.config[file], nil
}

func (c *logClient) WriteConfig(file string, old, new []byte) error {
	c.config[file] = new
	return nil
}

func (c *logClient) ReadCache(file string) ([]byte, error) {
	if data, ok := c.cache[file]; ok {
		return data, nil
	}
	return nil, os.ErrNotExist
}

func (c *logClient) WriteCache(file string, data []byte) { c.cache[file] = data }
func (c *logClient) Log(msg string)                      { c.t.Log(msg) }

// SecurityError ends the operation, as cmd/go's does: the caller does not expect to
// come back.
func (c *logClient) SecurityError(msg string) { panic("SECURITY ERROR") }

func TestSumDB(t *testing.T) {
	s := testStore(t)
	db, err := s.SumDB("sum.test")
	if err != nil {
		t.Fatal(err)
	}
	db.Lie("example.com/hello", "v1.1.0")
	db.Miss("example.com/hello", "v1.2.0-rc.1", true)
	p, client := serve(t, Config{Content: s})
	base := p.URL() + "/sumdb/sum.test"
	config, cache := map[string][]byte{}, map[string][]byte{}
	lookup := func(version string) (lines []string, err error) {
		defer func() {
			if r := recover(); r != nil {
				err = errors.New("SECURITY ERROR")
			}
		}()
		c := sumdb.NewClient(&logClient{t, base, client, db.Key, config, cache})
		return c.Lookup("example.com/hello", version)
	}
	want, _ := s.Sum("example.com/hello", "v1.0.0")
	if lines, err := lookup("v1.0.0"); err != nil || lines[0] != strings.Split(want, "\n")[0] {
		t.Errorf("truth: %v %v", lines, err)
	}
	if lines, err := lookup("v1.1.0"); err != nil || !strings.Contains(lines[0], "h1:AAAA") {
		t.Errorf("lie: %v %v", lines, err)
	}
	if _, err := lookup("v1.2.0-rc.1"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("missing: %v", err)
	}
	db.Miss("example.com/hello", "v1.2.0-rc.1", false)
	db.Fork()
	if _, err := lookup("v1.2.0-rc.1"); err == nil || err.Error() != "SECURITY ERROR" {
		t.Errorf("fork: %v", err)
	}
	if resp, _, _ := get(client, base+"/supported"); resp.StatusCode != 200 {
		t.Error("not supported")
	}
}

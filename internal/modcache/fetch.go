package modcache

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/module"
)

// What names the files of a version that a Fetcher is asked for.
type What int

const (
	Meta What = iota // .info and .mod
	All              // and the zip
)

// Files are a version's files as they were fetched.
type Files struct {
	Info, Mod, Zip string // paths, to read only; "" if it was not brought
	SumDB          bool   // they were checked with the checksum database
}

// A Fetcher brings replacements from where the go command would download
// them, and verifies what the go command would verify. It is called
// concurrently.
type Fetcher interface {
	Fetch(ctx context.Context, m module.Version, what What) (Files, error)
}

// A GoFetcher fetches by running the real go with a module cache of its own,
// so that all of Go's verification applies, and GOPROXY, credentials and
// certificates mean what they always mean. Close removes what it brought.
type GoFetcher struct {
	Go   string   // the real go
	Env  []string // the environment: GOPROXY, credentials, …
	Temp string   // where the scratch cache is made; "": the system's place

	once    sync.Once
	scratch string
	err     error
}

// Fetch implements Fetcher.
func (g *GoFetcher) Fetch(ctx context.Context, m module.Version, what What) (Files, error) {
	args := []string{"mod", "download", "-json", m.String()}
	if what == Meta {
		args = []string{"list", "-m", "-json", m.String()}
	}
	_, runErr := g.run(ctx, args...)
	p, err := g.cache().place(m)
	if err != nil {
		return Files{}, err
	}
	// A file lies there only if go verified it, even where go then stopped for
	// another reason, such as a module that asks for a newer Go.
	files := Files{Info: existing(p.file(Info)), Mod: existing(p.file(Mod)), SumDB: g.confirmed(p)}
	if what == All {
		files.Zip = existing(p.file(Zip))
	}
	if files.Mod == "" && files.Zip == "" || what == All && files.Zip == "" {
		return Files{}, errors.Join(runErr, ctx.Err())
	}
	return files, nil
}

// confirmed reports whether go asked a checksum database: then its answer,
// which go has verified, lies in the scratch cache. Settings could tell as
// well, but this is proof.
func (g *GoFetcher) confirmed(p place) bool {
	rel, err := filepath.Rel(g.cache().Dir, p.dir)
	return err == nil && slices.ContainsFunc(g.cache().sumDBs(), func(dir string) bool {
		return existing(filepath.Join(dir, "lookup", rel)) != ""
	})
}

func existing(file string) string {
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// Close removes the scratch cache.
func (g *GoFetcher) Close() error {
	if g.scratch == "" {
		return nil
	}
	return removeAll(g.scratch)
}

func (g *GoFetcher) cache() *Cache { return &Cache{Dir: filepath.Join(g.scratch, "mod")} }

// start makes the scratch cache, and a module to stand in, so that no go.mod
// of a parent folder is met.
func (g *GoFetcher) start() error {
	g.once.Do(func() {
		if g.scratch, g.err = os.MkdirTemp(g.Temp, "gosteady-repair-"); g.err == nil {
			g.err = os.WriteFile(filepath.Join(g.scratch, "go.mod"), []byte("module gosteady.invalid/repair\n"), 0o666)
		}
	})
	return g.err
}

func (g *GoFetcher) run(ctx context.Context, args ...string) ([]byte, error) {
	if err := g.start(); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, g.Go, args...)
	cmd.Dir = g.scratch
	cmd.Env = append(slices.Clone(g.Env),
		"PWD="+g.scratch,
		"GOMODCACHE="+g.cache().Dir,
		"GOFLAGS=-modcacherw", // removable; and no -mod or -modfile of the user's
		"GO111MODULE=on",
		"GOWORK=off",
		"GOTOOLCHAIN=local", // a version that wants a newer Go must not bring a toolchain here
	)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return out, errors.New(reason(out, stderr.String(), err))
	}
	return out, nil
}

// reason is what go said, in one line: the Error of the JSON, else the last
// line of stderr.
func reason(out []byte, stderr string, err error) string {
	var result struct{ Error string }
	if json.Unmarshal(out, &result) == nil && result.Error != "" {
		return strings.Join(strings.Fields(result.Error), " ")
	}
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return last
	}
	return fmt.Sprintf("running go: %v", err)
}

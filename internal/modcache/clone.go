package modcache

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/lazyregexp"
	"github.com/gosteady/gosteady/internal/repofile"
)

// Clones lists the clones in cache/vcs.
func (c *Cache) Clones() []string {
	entries, _ := os.ReadDir(c.VCSDir()) // none: no clones
	var list []string
	for _, e := range entries {
		if e.IsDir() && len(e.Name()) == 64 && strings.Trim(e.Name(), "0123456789abcdef") == "" {
			list = append(list, filepath.Join(c.VCSDir(), e.Name()))
		}
	}
	return list
}

// CloneURL is what a clone is of, "" if unknown: the .info file beside it says
// "git3:https://…".
func CloneURL(dir string) string {
	data, err := repofile.Read(dir+".info", repofile.MaxMod)
	kind, url, ok := strings.Cut(strings.TrimSpace(string(data)), ":")
	if err != nil || !ok || !strings.HasPrefix(kind, "git") {
		return ""
	}
	return url
}

// fsckLimit bounds git fsck: a clone can be of gigabytes, and a person waits.
const fsckLimit = 2 * time.Minute

// CheckClone returns what is wrong with a git clone of the go command's, nil if
// nothing was found: first by the shape of its files, then, if git is not "",
// by git fsck. A clone of another system counts as right.
//
// It waits for the lock that cmd/go takes for a clone (codehost.WorkDir): one
// that is being filled looks damaged.
func CheckClone(ctx context.Context, git, dir string) error {
	unlock, err := lockFile(ctx, dir+".lock")
	if err != nil {
		return nil
	}
	defer unlock()
	return checkClone(ctx, git, dir)
}

func checkClone(ctx context.Context, git, dir string) error {
	if CloneURL(dir) == "" {
		return nil
	}
	if err := checkShape(dir); err != nil || git == "" {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, fsckLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, git, "--git-dir="+dir, "fsck", "--no-progress", "--no-dangling", "--connectivity-only")
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if ctx.Err() != nil || !errors.As(err, &exit) || classify.NotLookedAt(out) {
		return nil // it was right, took too long, or git did not look: nothing is proven
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return fmt.Errorf("git fsck: %s", line)
}

var head = lazyregexp.New(`^(ref: refs/\S+|[0-9a-f]{40}|[0-9a-f]{64})\n?$`)

// checkShape looks at the files that git needs for anything at all.
func checkShape(dir string) error {
	data, err := repofile.Read(filepath.Join(dir, "HEAD"), repofile.MaxMod)
	if err != nil {
		return unlessMissing(err, "HEAD is missing")
	}
	if !head().Match(data) {
		return errors.New("HEAD is damaged")
	}
	for _, name := range []string{"objects", "refs"} {
		if fi, err := os.Stat(filepath.Join(dir, name)); err != nil || !fi.IsDir() {
			return errors.New(name + " is missing")
		}
	}
	if fi, err := os.Stat(filepath.Join(dir, "config")); err != nil || fi.Size() == 0 {
		return errors.New("config is missing")
	}
	return errors.Join(checkLoose(dir), checkPacks(dir))
}

// unlessMissing keeps errors that say nothing about the clone from counting.
func unlessMissing(err error, what string) error {
	if isMissing(err) {
		return errors.New(what)
	}
	return nil
}

// checkLoose looks for empty objects, which a crash of the machine leaves
// behind.
func checkLoose(dir string) (found error) {
	objects := filepath.Join(dir, "objects")
	filepath.WalkDir(objects, func(path string, d fs.DirEntry, err error) error {
		if err != nil || found != nil || d.IsDir() {
			return nil
		}
		if len(filepath.Base(filepath.Dir(path))) != 2 { // objects/ab/cdef…
			return nil
		}
		if fi, err := d.Info(); err == nil && fi.Size() == 0 {
			found = fmt.Errorf("object %s is empty", filepath.Base(path))
		}
		return nil
	})
	return found
}

// checkPacks compares each pack with the checksum of it that its index ends in.
func checkPacks(dir string) error {
	entries, _ := os.ReadDir(filepath.Join(dir, "objects", "pack")) // none: no packs
	for _, e := range entries {
		base, ok := strings.CutSuffix(e.Name(), ".idx")
		if !ok {
			continue
		}
		if err := checkPack(filepath.Join(dir, "objects", "pack", base)); err != nil {
			return fmt.Errorf("%s: %w", base, err)
		}
	}
	return nil
}

func checkPack(base string) error {
	pack, err := ends(base + ".pack")
	if err != nil {
		return unlessMissing(err, "the pack is missing")
	}
	idx, err := ends(base + ".idx")
	if err != nil {
		return unlessMissing(err, "the index is missing")
	}
	if pack.size < 32 || pack.head != binary.BigEndian.Uint32([]byte("PACK")) || idx.size < 40 {
		return errors.New("truncated")
	}
	// The index ends in the pack's checksum and its own: of 20 bytes each, with
	// sha256 of 32.
	if string(idx.tail[24:44]) != string(pack.tail[44:]) && string(idx.tail[:32]) != string(pack.tail[32:]) {
		return errors.New("the pack is not the one of its index")
	}
	return nil
}

// fileEnds are the first 4 and the last 64 bytes of a file.
type fileEnds struct {
	size int64
	head uint32
	tail [64]byte
}

func ends(name string) (e fileEnds, err error) {
	f, err := os.Open(name)
	if err != nil {
		return e, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return e, err
	}
	e.size = fi.Size()
	var first [4]byte
	if _, err := f.ReadAt(first[:], 0); err != nil && err != io.EOF {
		return e, err
	}
	e.head = binary.BigEndian.Uint32(first[:])
	n := min(e.size, 64)
	if _, err := f.ReadAt(e.tail[64-n:], e.size-n); err != nil && err != io.EOF {
		return e, err
	}
	return e, nil
}

// QuarantineClone renames a clone that is damaged, so that the go command clones
// again, and returns nil for one in which nothing is found wrong. It is for the
// caller to Finish it when the command has run again.
func (c *Cache) QuarantineClone(ctx context.Context, git, dir string) (*Quarantine, error) {
	lock := dir + ".lock"
	unlock, err := lockFile(ctx, lock)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if checkClone(ctx, git, dir) == nil {
		return nil, nil
	}
	c.at("clone-aside")
	return quarantine(dir, lock, usableClone)
}

// usableClone reports whether something was cloned here, and looks right.
func usableClone(dir string) bool {
	if checkShape(dir) != nil {
		return false
	}
	objects, _ := os.ReadDir(filepath.Join(dir, "objects"))
	packs, _ := os.ReadDir(filepath.Join(dir, "objects", "pack"))
	return len(packs) > 0 || len(objects) > len([]string{"info", "pack"})
}

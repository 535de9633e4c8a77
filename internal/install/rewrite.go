package install

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// rewrite gives a file of the user's other content, all or nothing: a full disk must
// not cost anyone a start-up file. It is written beside the file and renamed over it;
// of a link (people link such files into a repository of dotfiles), beside what it
// leads to. The file keeps its mode, owner and other names.
func rewrite(name string, change func(old []byte) []byte) error {
	target, err := follow(name)
	if err != nil {
		return err
	}
	old, err := os.ReadFile(target)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text := change(old)
	if err == nil && bytes.Equal(old, text) {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return staged(target, func(stage string) error { return writeSynced(stage, 0o644, bytes.NewReader(text)) })
	}
	fi, err := os.Stat(target)
	if err != nil {
		return err
	}
	alike := true
	err = staged(target, func(stage string) error {
		if err := writeSynced(stage, fi.Mode().Perm(), bytes.NewReader(text)); err != nil {
			return err
		}
		giveTo(stage, fi)
		draft, err := os.Stat(stage)
		if err != nil {
			return err
		}
		if alike = sameOwner(draft, fi); !alike {
			return errNothing
		}
		return nil
	})
	if err == nil && alike {
		return nil
	}
	return overwrite(target, old, text, err)
}

// overwrite writes into a file that has another name or an owner that we cannot give,
// is mounted by itself, or whose directory cannot be written. Until that is done, what
// was in it is in a copy; with no room for one, nothing is written.
func overwrite(target string, old, text []byte, why error) error {
	before := fmt.Sprintf("%s.before-gosteady.%d", target, os.Getpid())
	if err := writeSynced(before, 0o600, bytes.NewReader(old)); err != nil {
		_ = os.Remove(before)
		if why == nil {
			why = err
		}
		return why
	}
	err := writeInto(target, text)
	if err != nil && writeInto(target, old) != nil {
		return fmt.Errorf("%w; its former content is in %s", err, before)
	}
	return errors.Join(err, os.Remove(before))
}

func writeInto(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// maxLinks is where links are taken to lead in a circle, as by the system.
const maxLinks = 40

// follow returns where the links of a path end, also where nothing is there yet.
func follow(name string) (string, error) {
	for range maxLinks {
		to, err := os.Readlink(name)
		if err != nil {
			return name, nil // no link
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(name), to)
		}
		name = to
	}
	return "", fmt.Errorf("%s: too many links", name)
}

package install

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// stagePrefix begins the name of a directory beside what is being put in place; a number
// follows, of os.MkdirTemp: in containers process ids come again, and would meet the
// stage of one that was killed. Nothing else of that form is ours.
const stagePrefix = ".gosteady-install."

// aDay is how old a stage must be to have been left by a run that was killed.
const aDay = 24 * time.Hour

// errNothing makes staged put nothing in place.
var errNothing = errors.New("nothing to put in place")

// staged has make write a file in a directory beside its place, and renames it there:
// whoever looks finds the old file or the new one, never a part.
func staged(place string, make func(stage string) error) error {
	dir, err := os.MkdirTemp(filepath.Dir(place), stagePrefix+"*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	stage := filepath.Join(dir, filepath.Base(place))
	if err := make(stage); err != nil {
		if err == errNothing {
			return nil
		}
		return err
	}
	if err := rename(stage, place); err != nil {
		return err
	}
	return syncDir(filepath.Dir(place))
}

// dropStages removes the stages of runs that were killed at least so long ago. In a
// directory that people chose lie things of theirs: only our own form of name is ours.
func dropStages(dir string, age time.Duration) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // there is no such directory, or nothing can be removed from it
	}
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), stagePrefix)
		if _, err := strconv.ParseUint(number, 10, 32); !ok || err != nil || !e.IsDir() {
			continue
		}
		if fi, err := e.Info(); err == nil && time.Since(fi.ModTime()) >= age {
			_ = os.RemoveAll(filepath.Join(dir, e.Name())) // the next run tries again
		}
	}
}

// putProgram puts a copy of a program in place.
func putProgram(from, place string) error {
	return told(place, staged(place, func(stage string) error { return copyFile(from, stage) }))
}

// putProgramLike gives a program in the same directory a second name.
func putProgramLike(program, place string) error {
	return told(place, staged(place, func(stage string) error { return linkOrCopy(program, stage) }))
}

func told(place string, err error) error {
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", place, err)
	}
	return nil
}

func putText(place, text string) error {
	return staged(place, func(stage string) error {
		return writeSynced(stage, 0o644, strings.NewReader(text))
	})
}

func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	return copyFile(from, to)
}

// copyFile copies a program and what it may do.
func copyFile(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return writeSynced(to, 0o755, f)
}

// writeSynced writes a new file, all of it on disk before it gets its place.
func writeSynced(name string, mode fs.FileMode, content io.Reader) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Chmod(name, mode)) // whatever the umask is
}

package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const systemEnvironment = `SYSTEM\CurrentControlSet\Control\Session Manager\Environment`

var userEnvironment = `Environment` // tests have one of their own

// environmentKey is where Windows keeps the variables of the user, or of all users.
func (s *shims) environmentKey() (root registry.Key, path, shown string) {
	if s.system {
		return registry.LOCAL_MACHINE, systemEnvironment, "the system's Path"
	}
	return registry.CURRENT_USER, userEnvironment, "the user's Path"
}

func (s *shims) pathPlace(*Installer) (string, error) {
	_, _, shown := s.environmentKey()
	return shown, nil
}

// addToPath puts the directory first in Path, for programs that start from now on.
func (s *shims) addToPath(in *Installer) error {
	_, _, shown := s.environmentKey()
	changed, err := s.changePath(func(list []string) []string {
		return append([]string{s.dir}, withoutEntry(list, s.dir)...)
	})
	if err != nil {
		return fmt.Errorf("cannot change %s (%w); put %s first in it yourself", shown, err, s.dir)
	}
	if changed {
		in.Say("put first in " + shown + ": " + s.dir + "; it holds in new terminals")
	} else {
		in.Say(shown + " has it first already")
	}
	return nil
}

// setBy names Path where the directory is in it.
func (s *shims) setBy(*Installer) []string {
	root, path, shown := s.environmentKey()
	key, err := registry.OpenKey(root, path, registry.QUERY_VALUE)
	if err != nil {
		return nil
	}
	defer key.Close()
	text, _, err := key.GetStringValue("Path")
	if list := strings.Split(text, ";"); err != nil || len(withoutEntry(slices.Clone(list), s.dir)) == len(list) {
		return nil
	}
	return []string{shown}
}

func (s *shims) removeFromPath(*Installer) (changed []string, errs []error) {
	_, _, shown := s.environmentKey()
	did, err := s.changePath(func(list []string) []string { return withoutEntry(list, s.dir) })
	if err != nil {
		return nil, []error{fmt.Errorf("cannot change %s (%w); remove %s from it yourself", shown, err, s.dir)}
	}
	if did {
		changed = []string{shown}
	}
	return changed, nil
}

// changePath rewrites Path in the registry; its type, which says whether %NAMES% in it
// are expanded, stays.
func (s *shims) changePath(change func([]string) []string) (changed bool, err error) {
	root, path, _ := s.environmentKey()
	key, _, err := registry.CreateKey(root, path, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		return false, err
	}
	defer key.Close()
	old, typ, err := key.GetStringValue("Path")
	if err != nil && !errors.Is(err, registry.ErrNotExist) {
		return false, err
	}
	var list []string
	if old != "" {
		list = strings.Split(old, ";")
	}
	text := strings.Join(change(slices.Clone(list)), ";")
	switch {
	case text == old:
		return false, nil
	case text == "":
		err = key.DeleteValue("Path") // there was none before us
	case typ == registry.SZ:
		err = key.SetStringValue("Path", text)
	default:
		err = key.SetExpandStringValue("Path", text)
	}
	if err == nil {
		broadcast()
	}
	return err == nil, err
}

func withoutEntry(list []string, dir string) []string {
	return slices.DeleteFunc(list, func(entry string) bool { return samePath(entry, dir) })
}

func samePath(a, b string) bool { return strings.EqualFold(filepath.Clean(a), filepath.Clean(b)) }

// broadcast tells running programs, such as the Explorer, that the environment has
// changed: what they start from now on sees it.
func broadcast() {
	const (
		hwndBroadcast   = 0xffff
		wmSettingChange = 0x1a
		abortIfHung     = 2
		patienceMillis  = 2000
	)
	send := windows.NewLazySystemDLL("user32.dll").NewProc("SendMessageTimeoutW")
	name, err := windows.UTF16PtrFromString("Environment")
	if err != nil || send.Find() != nil {
		return // new sessions see it all the same
	}
	_, _, _ = send.Call(hwndBroadcast, wmSettingChange, 0, uintptr(unsafe.Pointer(name)), abortIfHung, patienceMillis, 0)
}

// shadowed names a go of the system's Path, which Windows puts before the user's.
func (s *shims) shadowed() string {
	if s.system {
		return ""
	}
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, systemEnvironment, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer key.Close()
	text, _, err := key.GetStringValue("Path")
	if err != nil {
		return ""
	}
	if expanded, err := registry.ExpandString(text); err == nil {
		text = expanded
	}
	for _, dir := range filepath.SplitList(text) {
		file := filepath.Join(dir, "go.exe")
		if _, err := os.Stat(file); err == nil && !samePath(dir, s.dir) {
			return file
		}
	}
	return ""
}

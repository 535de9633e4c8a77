package front

import (
	"io/fs"
	"os"
	"os/signal"
)

// Exec runs path in our place: Windows has no execve, so we wait for the
// child and end with its status. It returns only if the child cannot start.
// Console control events reach the child by themselves; we outlive them. (To
// ignore them would not do: the runtime leaves what nobody wants to the system,
// which ends the process.)
func Exec(path string, args, env []string) error {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	release := EndWithUs()
	p, err := StartProcess(path, args, &os.ProcAttr{
		Env:   env,
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
	})
	if err != nil {
		return err
	}
	state, err := p.Wait()
	if err != nil {
		return err
	}
	release()
	os.Exit(state.ExitCode())
	return nil
}

func executable(_ string, fi fs.FileInfo) bool { return fi.Mode().IsRegular() }

func alive(pid int) bool {
	p, err := os.FindProcess(pid) // opens the process: an error means that it is gone
	if err != nil {
		return false
	}
	p.Release()
	return true
}

func restoreStderr(int) {} // descriptors beyond the standard three are not inherited

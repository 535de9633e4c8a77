//go:build unix

package front

import "os"

// StartProcess starts the program of a file with these arguments.
func StartProcess(path string, args []string, attr *os.ProcAttr) (*os.Process, error) {
	return os.StartProcess(path, append([]string{path}, args...), attr)
}

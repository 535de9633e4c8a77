package front

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gosteady/gosteady/internal/environ"
)

// StartProcess starts the program of a file with these arguments. A batch file, which
// some version managers have in the place of go.exe, is started by cmd.exe, with the
// arguments written as that reads them.
func StartProcess(path string, args []string, attr *os.ProcAttr) (*os.Process, error) {
	if !isBatch(path) {
		return os.StartProcess(path, append([]string{path}, args...), attr)
	}
	shell := filepath.Join(environ.Get(attr.Env, "SystemRoot"), "System32", "cmd.exe")
	if named := environ.Get(attr.Env, "ComSpec"); filepath.IsAbs(named) {
		shell = named
	}
	batch, sys := *attr, syscall.SysProcAttr{}
	if attr.Sys != nil {
		sys = *attr.Sys
	}
	sys.CmdLine = batchLine(path, args)
	batch.Sys = &sys
	return os.StartProcess(shell, []string{shell}, &batch)
}

// isBatch reports whether Windows runs a file by cmd.exe.
func isBatch(path string) bool {
	ext := filepath.Ext(path)
	return strings.EqualFold(ext, ".bat") || strings.EqualFold(ext, ".cmd")
}

//go:build unix

package repofile

import "syscall"

const (
	nonblock = syscall.O_NONBLOCK // wait for nobody at the other end of a FIFO
	noFollow = syscall.O_NOFOLLOW
)

//go:build unix

package relay

import "syscall"

// setUmask sets this process's umask and returns the one before.
func setUmask(mask int) int { return syscall.Umask(mask) }

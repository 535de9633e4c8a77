//go:build !windows

package serve

import (
	"os"
	"syscall"
)

// Stopping are the signals that end a gateway; Reloading those at which it reads its
// settings again.
var (
	Stopping  = []os.Signal{os.Interrupt, syscall.SIGTERM}
	Reloading = []os.Signal{syscall.SIGHUP}
)

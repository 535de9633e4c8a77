package serve

import (
	"os"
	"syscall"
)

// Stopping are the signals that end a gateway.
func Stopping() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// Reloading are those at which it reads its settings again: there are none.
func Reloading() []os.Signal { return nil }

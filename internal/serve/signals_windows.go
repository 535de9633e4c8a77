package serve

import (
	"os"
	"syscall"
)

// Stopping are the signals that end a gateway. None makes it read its settings again.
var (
	Stopping  = []os.Signal{os.Interrupt, syscall.SIGTERM}
	Reloading []os.Signal
)

package shim

import "os"

// keepStderr: a child inherits no further descriptors, so a program run by
// "go run m@v" writes its standard error through us.
func keepStderr(*os.File) (int, func()) { return 0, func() {} }

package repofile

import "os"

// open needs no more: named pipes have no names among files.
func open(name string) (*os.File, error) { return os.Open(name) }

package console

import (
	"os"

	"golang.org/x/sys/windows"
)

// Draws reports whether a terminal obeys control sequences, for colours and for lines
// that are drawn over. A console does since Windows 10, once it is told to.
func Draws(f *os.File) bool {
	h := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(h, &mode) != nil {
		return false
	}
	const drawing = windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING
	return mode&drawing == drawing || windows.SetConsoleMode(h, mode|drawing) == nil
}

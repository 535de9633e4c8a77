package steady

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf16"

	"github.com/gosteady/gosteady/internal/console"
	"golang.org/x/term"
)

// readLog reads a log that a person named, standard input for "-", as UTF-8.
func (app *App) readLog(name string) (string, error) {
	if name != "-" {
		data, err := os.ReadFile(app.Path(name))
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: no such file; name a log, or - to pipe one in", name)
		}
		return logText(data), err
	}
	if f, ok := app.Stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintln(app.Stderr, console.Prefix+"reading a log from the terminal; paste it and end with Ctrl-D")
	}
	data, err := io.ReadAll(app.Stdin)
	return logText(data), err
}

// logText returns a log as UTF-8, without a mark before it: what PowerShell redirects
// is UTF-16.
func logText(data []byte) string {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	case !bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		return strings.TrimPrefix(string(data), "\ufeff")
	}
	units := make([]uint16, 0, len(data)/2)
	for rest := data[2:]; len(rest) >= 2; rest = rest[2:] {
		units = append(units, order.Uint16(rest))
	}
	return string(utf16.Decode(units))
}

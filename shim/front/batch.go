package front

import "strings"

// batchLine is a command line for cmd.exe by which a batch file gets these arguments
// in %*, quoted as programs read them, with nothing expanded or executed on the way.
// A line break cannot be passed: cmd.exe ends there.
func batchLine(path string, args []string) string {
	var b strings.Builder
	b.WriteString(`cmd.exe /e:on /v:off /d /s /c ""` + path + `"`)
	for _, arg := range args {
		b.WriteByte(' ')
		writeBatchArg(&b, arg)
	}
	b.WriteByte('"')
	return b.String()
}

// plainInBatch are the characters that mean nothing to cmd.exe outside of quotes.
const plainInBatch = "#$*+-./:?@\\_"

func writeBatchArg(b *strings.Builder, arg string) {
	special := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(plainInBatch, r))
	}
	if arg != "" && arg[len(arg)-1] != '\\' && !strings.ContainsFunc(arg, special) {
		b.WriteString(arg)
		return
	}
	b.WriteByte('"')
	backslashes := 0
	for i := range len(arg) {
		switch c := arg[i]; c {
		case '\\':
			backslashes++
			b.WriteByte(c)
			continue
		case '"': // two of them are one for programs, and no end of the quotes for cmd.exe
			b.WriteString(strings.Repeat(`\`, backslashes) + `""`)
		case '%': // a part of no length of a variable stands between, so that no name is one
			b.WriteString(`%%cd:~,%`)
		default:
			b.WriteByte(c)
		}
		backslashes = 0
	}
	b.WriteString(strings.Repeat(`\`, backslashes) + `"`)
}

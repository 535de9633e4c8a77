package modcache

import (
	"encoding/binary"
	"errors"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An indexedFile is what an index says about a Go file that a damaged
// directory would have made it say wrongly.
type indexedFile struct {
	pkg     string
	broken  bool // it could not be parsed
	imports []string
}

// stale reports whether an index says what the directory does not say. A file
// that the index could not parse is always read again; the others only if the
// directory changed after the index was made.
func (x Index) stale(dir string, changed time.Time) bool {
	for _, file := range x.keys(dir) {
		made, output, ok := readEntry(file)
		if !ok {
			continue
		}
		data, err := os.ReadFile(filepath.Join(x.Dir, output[:2], output+"-d"))
		if err != nil {
			continue // then the go command makes a new one
		}
		files, err := decodeIndex(data)
		if err != nil { // of a Go version that we do not know
			return made.Before(changed)
		}
		if !sameNames(dir, files) || !sameContent(dir, files, made.Before(changed)) {
			return true
		}
	}
	return false
}

// sameNames compares the index with the Go files that lie in the directory.
func sameNames(dir string, files map[string]indexedFile) bool {
	found, same := 0, true
	err := walkFiles(dir, func(rel string) {
		if base := path.Base(rel); !strings.HasSuffix(base, ".go") || strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".") {
			return
		}
		found++
		if _, ok := files[rel]; !ok {
			same = false
		}
	}, func(time.Time) {})
	return err == nil && same && found == len(files)
}

func sameContent(dir string, files map[string]indexedFile, all bool) bool {
	for name, f := range files {
		if (all || f.broken) && !f.matches(filepath.Join(dir, filepath.FromSlash(name))) {
			return false
		}
	}
	return true
}

func (f indexedFile) matches(file string) bool {
	ast, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil || f.broken {
		return (err != nil) == f.broken
	}
	var imports []string
	for _, spec := range ast.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
		imports = append(imports, imported)
	}
	return ast.Name.Name == f.pkg && slices.Equal(imports, f.imports)
}

// readEntry reads an entry of the build cache: when it was made, and the name
// of its output. The line is "v1 <id> <output> <size> <unix nanoseconds>".
func readEntry(file string) (made time.Time, output string, ok bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		return time.Time{}, "", false
	}
	fields := strings.Fields(string(data))
	if len(fields) != 5 || len(fields[2]) != 64 {
		return time.Time{}, "", false
	}
	ns, err := strconv.ParseInt(fields[4], 10, 64)
	return time.Unix(0, ns), fields[2], err == nil
}

const indexHeader = "go index v2\n"

var errIndex = errors.New("not an index that is understood")

// decodeIndex reads the Go files out of a module index, by the paths below the
// module's root (cmd/go/internal/modindex/index_format.txt).
func decodeIndex(data []byte) (map[string]indexedFile, error) {
	if !strings.HasPrefix(string(data[:min(len(data), len(indexHeader))]), indexHeader) {
		return nil, errIndex
	}
	d := &indexDecoder{data: data, pos: len(indexHeader)}
	if d.table = d.int(); d.table > len(data) {
		return nil, errIndex
	}
	files := make(map[string]indexedFile)
	for n := d.int(); n > 0 && !d.bad; n-- {
		dir, at := d.string(), d.int()
		d.child(at).pkg(dir, files)
	}
	if d.bad {
		return nil, errIndex
	}
	return files, nil
}

// An indexDecoder reads numbers, and strings of a table that lies behind them.
// Whatever does not fit sets bad.
type indexDecoder struct {
	data   []byte
	table  int
	pos    int
	bad    bool
	parent *indexDecoder
}

// child reads elsewhere in the same index.
func (d *indexDecoder) child(at int) *indexDecoder {
	return &indexDecoder{data: d.data, table: d.table, pos: at, parent: d}
}

func (d *indexDecoder) fail() {
	for ; d != nil; d = d.parent {
		d.bad = true
	}
}

func (d *indexDecoder) int() int {
	if d.bad || d.pos < 0 || d.pos+4 > len(d.data) {
		d.fail()
		return 0
	}
	n := binary.LittleEndian.Uint32(d.data[d.pos:])
	d.pos += 4
	return int(n & 0x7fffffff)
}

func (d *indexDecoder) string() string {
	at := d.table + d.int()
	if d.bad || at >= len(d.data) {
		d.fail()
		return ""
	}
	length, n := binary.Uvarint(d.data[at:])
	if n <= 0 || length > uint64(len(d.data)-at-n) {
		d.fail()
		return ""
	}
	return string(d.data[at+n:][:length])
}

func (d *indexDecoder) pkg(dir string, files map[string]indexedFile) {
	d.string() // error
	d.string() // the directory again
	for n := d.int(); n > 0 && !d.bad; n-- {
		d.child(d.int()).file(filepath.ToSlash(dir), files)
	}
}

func (d *indexDecoder) file(dir string, files map[string]indexedFile) {
	readErr, parseErr := d.string(), d.string()
	d.string() // synopsis
	name, pkg := d.string(), d.string()
	d.int()    // ignored
	d.int()    // binary only
	d.string() // cgo
	d.string() // constraint
	for n := d.int(); n > 0 && !d.bad; n-- {
		d.string() // old-style constraint
	}
	f := indexedFile{pkg: pkg, broken: readErr != "" || parseErr != ""}
	for n := d.int(); n > 0 && !d.bad; n-- {
		f.imports = append(f.imports, d.string())
		d.string() // position: file, offset, line, column
		d.pos += 3 * 4
	}
	if strings.HasSuffix(name, ".go") {
		files[path.Join(dir, name)] = f
	}
}

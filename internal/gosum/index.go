package gosum

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
)

// maxLines bounds the lines of one file, which cost more than their bytes if they
// are short. The largest go.sum files have some 300,000.
const maxLines = 2 << 20

// An index finds lines of go.sum files by module and version. It copies none of
// them: a map of strings costs as much as all that go does with the file, and most
// commands look up a few modules of it.
type index struct {
	seed  maphash.Seed
	texts [][]byte
	lines []line
	slots []slot // of a hash table, a power of two
	keyed int    // slots that are taken
}

// A slot is the newest line of a key. The hash is here, since to look at the line is to
// wait for the memory.
type slot struct {
	hash uint32 // of the key
	line uint32 // its number + 1; 0: the slot is free
}

// A line is "path version hash" in one of the texts.
type line struct {
	text       uint32
	start, end uint32
	key        uint32 // bytes of "path version"
	older      uint32 // line of the same key, as in slots; 0: none
}

// add indexes the lines of a file.
func (x *index) add(file string, data []byte) error {
	if n := bytes.Count(data, []byte("\n")); n > maxLines {
		return fmt.Errorf("%s: more than %d lines", file, maxLines)
	}
	odd, err := x.scan(file, data)
	x.texts = append(x.texts, odd)
	for start := 0; start < len(odd); {
		l, _, _ := bytes.Cut(odd[start:], []byte("\n"))
		key := bytes.LastIndexByte(l, ' ')
		x.put(l, line{text: uint32(len(x.texts) - 1), start: uint32(start), end: uint32(start + len(l)), key: uint32(key)})
		start += len(l) + 1
	}
	return err
}

// scan indexes the lines of a text that are as go writes them, and returns the others
// in that shape.
func (x *index) scan(file string, data []byte) (odd []byte, first error) {
	x.grow(bytes.Count(data, []byte("\n")) + 1)
	x.texts = append(x.texts, data)
	for start, number := 0, 1; start < len(data); number++ {
		end := len(data)
		if i := bytes.IndexByte(data[start:], '\n'); i >= 0 {
			end = start + i
		}
		l := data[start:end]
		if key := split(l); key > 0 {
			x.put(l, line{text: uint32(len(x.texts) - 1), start: uint32(start), end: uint32(end), key: uint32(key)})
		} else if f := bytes.Fields(l); len(f) == 3 {
			odd = append(append(odd, bytes.Join(f, []byte(" "))...), '\n')
		} else if len(f) > 0 && first == nil {
			first = fmt.Errorf("malformed go.sum: %s:%d: wrong number of fields %d", file, number, len(f))
		}
		start = end + 1
	}
	return odd, first
}

// split finds the end of the first two of three words with one space between them;
// 0 if a line is not like that.
func split(l []byte) (key int) {
	path := 0
	for i, c := range l {
		switch {
		case c == ' ' && path == 0 && i > 0:
			path = i
		case c == ' ' && key == 0 && i > path+1:
			key = i
		case c <= ' ' || c >= 0x80: // other spaces are among these
			return 0
		}
	}
	if key == 0 || key+1 >= len(l) {
		return 0
	}
	return key
}

// put indexes one line.
func (x *index) put(l []byte, at line) {
	hash := l[at.key+1:]
	if !bytes.HasPrefix(hash, []byte("h1:")) || string(hash) == emptyGoMod {
		return
	}
	h := uint32(maphash.Bytes(x.seed, l[:at.key]))
	s := x.slot(l[:at.key], h)
	if s.line == 0 {
		x.keyed++
	}
	at.older = s.line
	x.lines = append(x.lines, at)
	*s = slot{h, uint32(len(x.lines))}
}

// slot is where the newest line of a key is, or is to be.
func (x *index) slot(key []byte, hash uint32) *slot {
	mask := uint32(len(x.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		if s := &x.slots[i]; s.line == 0 || s.hash == hash && bytes.Equal(x.keyOf(s.line), key) {
			return s
		}
	}
}

// grow makes room for further lines.
func (x *index) grow(lines int) {
	if len(x.lines) == 0 {
		x.seed = maphash.MakeSeed()
	}
	size := max(16, len(x.slots))
	for size < 2*(x.keyed+lines) {
		size *= 2
	}
	if size == len(x.slots) {
		return
	}
	old := x.slots
	x.slots = make([]slot, size)
	for _, s := range old {
		if s.line > 0 {
			*x.slot(x.keyOf(s.line), s.hash) = s
		}
	}
	x.lines = slices.Grow(x.lines, lines)
}

// keyOf is the key of a line, by its number + 1.
func (x *index) keyOf(n uint32) []byte {
	l := x.lines[n-1]
	return x.texts[l.text][l.start : l.start+l.key]
}

// find returns the hashes of a version, in the order of their lines, each once.
func (x *index) find(path, version string) []string {
	if len(x.lines) == 0 {
		return nil
	}
	key := append(append(append(make([]byte, 0, 128), path...), ' '), version...)
	var hashes []string
	for n := x.slot(key, uint32(maphash.Bytes(x.seed, key))).line; n > 0; n = x.lines[n-1].older {
		l := x.lines[n-1]
		hash := string(x.texts[l.text][l.start+l.key+1 : l.end])
		hashes = append(hashes, hash)
	}
	if len(hashes) < 2 {
		return hashes
	}
	slices.Reverse(hashes)
	seen := make(map[string]bool)
	return slices.DeleteFunc(hashes, func(hash string) bool {
		was := seen[hash]
		seen[hash] = true
		return was
	})
}

// keys yields each path and version once. What is yielded is not to be kept.
func (x *index) keys() iter.Seq2[[]byte, []byte] {
	return func(yield func(path, version []byte) bool) {
		for _, s := range x.slots {
			if s.line == 0 {
				continue
			}
			path, version, _ := bytes.Cut(x.keyOf(s.line), []byte(" "))
			if !yield(path, version) {
				return
			}
		}
	}
}

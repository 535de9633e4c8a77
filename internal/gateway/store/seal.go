package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/internal/repofile"
)

// sealSuffix is behind a file's name. The go command looks at no such file.
const sealSuffix = ".seal"

// maxSeal bounds what is read of a seal: a hash, a size, and a hundred upstreams.
const maxSeal = 8 << 10

var errSeal = errors.New("not a seal")

// A seal says what a file has to be.
type seal struct {
	hash string   // sha256 of the bytes, in hex
	size int64    //
	from []string // upstreams whose clients may have it; none: everyone
}

// A seal is a line with hash and size, and a line for each upstream.
func (l seal) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "sha256 %s %d\n", l.hash, l.size)
	for _, id := range l.from {
		fmt.Fprintf(&b, "from %s\n", id)
	}
	b.WriteString("end\n") // a file that lost its end names fewer upstreams, or none
	return b.String()
}

func parseSeal(data []byte) (l seal, err error) {
	text, ok := strings.CutSuffix(string(data), "end\n")
	if !ok {
		return seal{}, errSeal
	}
	head, rest, _ := strings.Cut(text, "\n")
	words := strings.Split(head, " ")
	if len(words) != 3 || words[0] != "sha256" || len(words[1]) != hex.EncodedLen(sha256.Size) {
		return seal{}, errSeal
	}
	l.hash = words[1]
	if l.size, err = strconv.ParseInt(words[2], 10, 64); err != nil || l.size < 0 {
		return seal{}, errSeal
	}
	for line := range strings.Lines(rest) {
		id, ok := strings.CutPrefix(line, "from ")
		if id = strings.TrimSuffix(id, "\n"); !ok || id == "" {
			return seal{}, errSeal
		}
		l.from = append(l.from, id)
	}
	if l.String() != string(data) {
		return seal{}, errSeal
	}
	return l, nil
}

func readSeal(file string) (seal, error) {
	data, err := repofile.Read(file+sealSuffix, maxSeal)
	if err != nil {
		return seal{}, err
	}
	return parseSeal(data)
}

// admits reports whether a client of an upstream may have the file.
func (l seal) admits(from string) bool { return len(l.from) == 0 || slices.Contains(l.from, from) }

// sealOf reads a body to its end.
func sealOf(r io.Reader) (seal, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return seal{hash: hex.EncodeToString(h.Sum(nil)), size: n}, err
}

// matches reads an open file and compares it with its seal.
func (l seal) matches(f *os.File) bool {
	got, err := sealOf(io.NewSectionReader(f, 0, l.size+1))
	return err == nil && got.hash == l.hash && got.size == l.size
}

package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/gosteady/gosteady/internal/repofile"
)

// An Answer is what an upstream said that may say something else later: a list, what
// "latest" is, a branch, the end of a checksum database.
type Answer struct {
	Path string    `json:"path"` // below the upstream's base: names are hashed
	Type string    `json:"type,omitempty"`
	Time time.Time `json:"time"`
	Hash string    `json:"sha256"` // of the body
	Body []byte    `json:"-"`
}

// MaxAnswer bounds an answer. The longest list of versions there is has some 100 KiB.
const MaxAnswer = 1 << 20

func (s *Store) answerFile(from, path string) string {
	sum := sha256.Sum256([]byte(path))
	return filepath.Join(s.dir, ownDir, "answers", from, hex.EncodeToString(sum[:16]))
}

// Answer returns what an upstream said last.
func (s *Store) Answer(from, path string) (Answer, error) {
	data, err := repofile.Read(s.answerFile(from, path), MaxAnswer+maxSeal)
	if err != nil {
		return Answer{}, err
	}
	a, err := parseAnswer(data)
	if err == nil && a.Path != path {
		err = fs.ErrNotExist
	}
	return a, err
}

// Keep stores what an upstream said.
func (s *Store) Keep(from string, a Answer) error {
	if len(a.Body) > MaxAnswer || len(a.Path)+len(a.Type) > maxSeal/2 {
		return nil // asked for each time
	}
	if s.trouble.pauses(s.now()) {
		return ErrPaused
	}
	file := s.answerFile(from, a.Path)
	before := sizeOf(file)
	text := a.format()
	err := makeDir(filepath.Dir(file))
	if err == nil {
		err = s.write(file, bytes.NewReader(text), forSome, false)
	}
	s.trouble.note(err, s.now(), s.logf)
	if err == nil {
		s.size.Add(int64(len(text)) - before)
		s.makeRoom()
	}
	return err
}

var errAnswer = errors.New("not an answer")

// format is a line of JSON and the body.
func (a Answer) format() []byte {
	sum := sha256.Sum256(a.Body)
	a.Hash = hex.EncodeToString(sum[:])
	head, err := json.Marshal(a)
	if err != nil {
		panic(err) // strings and a time
	}
	return append(append(head, '\n'), a.Body...)
}

func parseAnswer(data []byte) (a Answer, err error) {
	head, body, ok := bytes.Cut(data, []byte("\n"))
	if !ok {
		return Answer{}, errAnswer
	}
	if err := json.Unmarshal(head, &a); err != nil {
		return Answer{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != a.Hash {
		return Answer{}, errAnswer // its end is lost
	}
	a.Body = body
	return a, nil
}

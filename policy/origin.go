package policy

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gosteady/gosteady/internal/mask"
)

// A Layer is one of the places that a value can come from.
type Layer int

// The layers, each over the one before.
const (
	BuiltIn Layer = iota
	System
	User
	Repository
	Environment
)

var layerNames = [...]string{"built-in", "system", "user", "repository", "environment"}

func (l Layer) String() string { return layerNames[l] }

// MarshalText makes a Layer its name in JSON.
func (l Layer) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// An Origin is where a value stands. The zero Origin is the built-in table.
type Origin struct {
	Layer  Layer
	Name   string // the file, or the variable
	Line   int    // 1-based; 0 if it has none
	Column int
}

// String is "built-in", "GOSTEADY_HEDGE" or "file:line:column".
func (o Origin) String() string {
	switch {
	case o.Name == "":
		return o.Layer.String()
	case o.Line == 0:
		return mask.Quote(o.Name)
	}
	return fmt.Sprintf("%s:%d:%d", mask.Quote(o.Name), o.Line, o.Column)
}

// MarshalText makes an Origin one string in JSON.
func (o Origin) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// display names a file as a person in dir would: relative where it lies below.
func display(dir, file string) string {
	rel, err := filepath.Rel(dir, file)
	if dir == "" || err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return file
	}
	return rel
}

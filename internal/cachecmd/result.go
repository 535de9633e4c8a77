package cachecmd

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/tui"
)

// A Result is what a repair found and did.
type Result struct {
	Findings []Finding // what is, or was, not as it should be

	dryRun  bool
	dropped int // indexes that were older than their directories
	seen    int // versions of which the cache has anything
	took    time.Duration
}

// A Finding is what was wrong with a version, and what was done. A clone has its
// URL as the module.
type Finding struct {
	Module  string            `json:"module"`
	Version string            `json:"version,omitempty"`
	Status  string            `json:"status,omitempty"`
	Damage  []modcache.Damage `json:"damage,omitempty"`
	Done    []string          `json:"done,omitempty"`
	Kept    string            `json:"kept,omitempty"` // where changed files were copied to
	Error   string            `json:"error,omitempty"`

	text string
}

func (f *Finding) fail(err error) {
	if err != nil {
		f.Error = strings.ReplaceAll(errors.Join(err).Error(), "\n", "; ")
	}
}

func (f Finding) name() string {
	if f.Version == "" {
		return f.Module
	}
	return f.Module + "@" + f.Version
}

// Left counts what is still not as it should be.
func (r *Result) Left() (n int) {
	for _, f := range r.Findings {
		if f.Error != "" || r.dryRun {
			n++
		}
	}
	return n
}

// Text writes a paragraph for each, and a line for all.
func (r *Result) Text(w io.Writer) error {
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s: %s\n", f.name(), f.text)
		for _, done := range f.Done {
			fmt.Fprintf(w, "\t%s\n", done)
		}
		if f.Kept != "" {
			fmt.Fprintf(w, "\tchanged files kept in %s\n", f.Kept)
		}
		if f.Error != "" {
			fmt.Fprintf(w, "\tleft: %s\n", f.Error)
		}
	}
	_, err := fmt.Fprintf(w, console.Prefix+"%s\n", r.verdict())
	return err
}

// verdict is the last line.
func (r *Result) verdict() string {
	text := fmt.Sprintf("%s verified in %.1fs", tui.Count(r.seen, "module version"), r.took.Seconds())
	switch n, left := len(r.Findings), r.Left(); {
	case n == 0:
		return text + ", nothing is damaged" + r.indexes()
	case r.dryRun:
		return fmt.Sprintf("%s, %d damaged; repair with 'go steady repair'", text, n)
	case left == 0:
		return fmt.Sprintf("%s, %d damaged, all repaired%s", text, n, r.indexes())
	default:
		return fmt.Sprintf("%s, %d damaged, %d left as before", text, n, left)
	}
}

func (r *Result) indexes() string {
	if r.dropped == 0 {
		return ""
	}
	return ", dropped the index of " + tui.Count(r.dropped, "changed version")
}

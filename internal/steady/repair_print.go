package steady

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/wording"
)

// A repairReport is one line of the result: what was wrong with a version, and
// what was done. A clone has its URL as the module.
type repairReport struct {
	Module  string            `json:"module"`
	Version string            `json:"version,omitempty"`
	Status  string            `json:"status,omitempty"`
	Damage  []modcache.Damage `json:"damage,omitempty"`
	Done    []string          `json:"done,omitempty"`
	Kept    string            `json:"kept,omitempty"` // where changed files were copied to
	Error   string            `json:"error,omitempty"`

	text string
}

func (r *repairReport) fail(err error) {
	if err != nil {
		r.Error = strings.ReplaceAll(errors.Join(err).Error(), "\n", "; ")
	}
}

func (r repairReport) name() string {
	if r.Version == "" {
		return r.Module
	}
	return r.Module + "@" + r.Version
}

// left counts what is still not as it should be.
func (r *repair) left() (n int) {
	for _, rep := range r.reports {
		if rep.Error != "" || r.dryRun {
			n++
		}
	}
	return n
}

func (r *repair) print(app *App, took time.Duration) error {
	if r.json {
		return printJSONLines(app.Stdout, r.reports)
	}
	for _, rep := range r.reports {
		fmt.Fprintf(app.Stdout, "%s: %s\n", rep.name(), rep.text)
		for _, done := range rep.Done {
			fmt.Fprintf(app.Stdout, "\t%s\n", done)
		}
		if rep.Kept != "" {
			fmt.Fprintf(app.Stdout, "\tchanged files kept in %s\n", rep.Kept)
		}
		if rep.Error != "" {
			fmt.Fprintf(app.Stdout, "\tleft: %s\n", rep.Error)
		}
	}
	_, err := fmt.Fprintf(app.Stdout, "gosteady: %s\n", r.verdict(took))
	return err
}

// verdict is the last line.
func (r *repair) verdict(took time.Duration) string {
	done := "verified"
	if r.reset {
		done = "replaced"
	}
	text := fmt.Sprintf("%s %s in %.1fs", wording.Count(r.seen, "module version"), done, took.Seconds())
	switch n, left := len(r.reports), r.left(); {
	case r.reset && left == 0:
		return text
	case r.reset:
		return fmt.Sprintf("%s, %d left as before", text, left)
	case n == 0:
		return text + ", nothing is damaged"
	case r.dryRun:
		return fmt.Sprintf("%s, %d damaged; mend with 'go steady repair'", text, n)
	case left == 0:
		return fmt.Sprintf("%s, %d damaged, all mended", text, n)
	default:
		return fmt.Sprintf("%s, %d damaged, %d left as before", text, n, left)
	}
}

// A progress is a line on a terminal that is written over and over, and
// nothing elsewhere.
type progress struct {
	w     io.Writer // nil: no terminal
	what  string
	shown time.Time
}

func (app *App) progress(what string) *progress {
	p := &progress{what: what}
	if f, ok := app.Stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.w = f
	}
	return p
}

// show is called for one version after another, by one goroutine at a time.
func (p *progress) show(done, total int) {
	if now := time.Now(); p.w != nil && now.Sub(p.shown) > 100*time.Millisecond {
		p.shown = now
		fmt.Fprintf(p.w, "\r\x1b[Kgosteady: %s: %d of %d", p.what, done, total)
	}
}

func (p *progress) end() {
	if p.w != nil && !p.shown.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

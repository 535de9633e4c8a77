package steady

import (
	"fmt"
	"io"
	"time"
)

// A progress is a line on a terminal that is written over and over, and
// nothing elsewhere.
type progress struct {
	w     io.Writer // nil: no terminal
	what  string
	shown time.Time
}

func (app *App) progress(what string) *progress {
	p := &progress{what: what}
	if app.terminal != nil {
		p.w = app.terminal
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

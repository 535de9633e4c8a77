package steady

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/install"
	"github.com/gosteady/gosteady/shim/front"
)

// which is what "which --json" prints.
type which struct {
	Go      string `json:"go"`
	Why     string `json:"why"`
	GOROOT  string `json:"goroot,omitempty"` // "" for a wrapper
	Version string `json:"version,omitempty"`
	Shim    string `json:"shim"`
	Exposed string `json:"exposed,omitempty"` // what it believes that it should not

	// Whose own go is run by what starts it by its path.
	PassingBy []string `json:"passing_by,omitempty"`
}

func newWhichCommand(app *App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "which",
		Short: "print the real go and how it was found",
		Long: `Print the go command that gosteady forwards to, and why that one:
GOSTEADY_GO if set; else the go.real beside gosteady, where it stands in place in a
toolchain; else the first go in PATH after gosteady; else the one that the
installer recorded. Then the toolchains of this machine in which gosteady does not
stand: what starts their go by its path passes it by.`,
		Example: "  go steady which\n  go steady which --json | jq -r .goroot",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return app.which(asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (app *App) which(asJSON bool) error {
	real, err := app.RealGo()
	var missing *front.NotFoundError
	if errors.As(err, &missing) { // for the status that a shell would give
		fmt.Fprintf(app.Stderr, console.Prefix+"%v\n", err)
		return ExitError{Code: missing.Code}
	}
	w := which{Go: real.Path, Why: real.Why, GOROOT: real.GOROOT, Shim: here.Self()}
	if app.Toolchains != nil {
		w.PassingBy = install.PassingBy(app.Toolchains())
	}
	settings := goenv.Read(app.Env, real.GOROOT)
	w.Version = settings.LocalVersion()
	var fix string
	w.Exposed, fix = here.Exposed(settings)
	if asJSON {
		return json.NewEncoder(app.Stdout).Encode(w)
	}
	if w.Exposed != "" {
		fmt.Fprintf(app.Stderr, console.Prefix+"%s: %s\n", w.Exposed, fix)
	}
	text := fmt.Sprintf("%s\n\t%s\n", w.Go, w.Why)
	if len(w.PassingBy) > 0 {
		text += "\tstarted by their path without gosteady: " + strings.Join(w.PassingBy, ", ") + " (gosteady install --goroot DIR)\n"
	}
	_, werr := io.WriteString(app.Stdout, text)
	return werr
}

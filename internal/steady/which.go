package steady

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/shim/front"
	"github.com/spf13/cobra"
)

// which is what "which --json" prints.
type which struct {
	Go      string `json:"go"`
	Why     string `json:"why"`
	GOROOT  string `json:"goroot,omitempty"` // "" for a wrapper
	Version string `json:"version,omitempty"`
	Shim    string `json:"shim"`
}

func newWhichCommand(app *App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "which",
		Short: "print the real go and how it was found",
		Long: `Print the go command that gosteady forwards to, and why that one:
GOSTEADY_GO if set; else the first go in PATH after gosteady; else the one that
the installer recorded.`,
		Example: "  go steady which\n  go steady which --json | jq -r .goroot",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return app.which(asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (app *App) which(asJSON bool) error {
	self := app.self()
	real, err := app.realGo()
	if err != nil {
		fmt.Fprintf(app.Stderr, "gosteady: %v\n", err)
		return ExitError{Code: err.Code}
	}
	w := which{Go: real.Path, Why: real.Why, GOROOT: real.GOROOT, Shim: self}
	w.Version = goenv.Read(app.Env, real.GOROOT).LocalVersion()
	if asJSON {
		return json.NewEncoder(app.Stdout).Encode(w)
	}
	_, werr := fmt.Fprintf(app.Stdout, "%s\n\t%s\n", w.Go, w.Why)
	return werr
}

// self is our own executable, symlinks resolved.
func (app *App) self() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	if resolved, err := filepath.EvalSymlinks(self); err == nil {
		return resolved
	}
	return self
}

// realGo finds the real go as the shim beside us would.
func (app *App) realGo() (front.RealGo, *front.NotFoundError) {
	self := app.self()
	argv0 := filepath.Join(filepath.Dir(self), "go")
	if runtime.GOOS == "windows" {
		argv0 += ".exe"
	}
	real, err := front.Finder{Getenv: app.Getenv, Argv0: argv0, Self: self}.Find()
	if err == nil {
		return real, nil
	}
	return real, asNotFound(err)
}

func asNotFound(err error) *front.NotFoundError {
	if nf, ok := err.(*front.NotFoundError); ok {
		return nf
	}
	return &front.NotFoundError{Msg: err.Error(), Code: 1}
}

package steady

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/workspace"
	"github.com/gosteady/gosteady/policy"
	"github.com/gosteady/gosteady/shim/front"
)

func newPolicyCommand(app *App) *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "the policy file, and whom it is trusted by",
		Long: `The policy file ` + policy.FileName + ` stands at the root of the module, the workspace
or the repository. It says what gosteady may do about failures. A repository's
file is taken from a stranger: what could harm is ignored until this machine
trusts the value.`,
		Example: `  go steady policy init
  go steady policy check
  go steady policy show`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		newPolicyInitCommand(app),
		newPolicyCheckCommand(app),
		newPolicyShowCommand(app),
		newPolicyTrustCommand(app),
		newPolicyUntrustCommand(app),
		newPolicyTrustedCommand(app),
		newPolicyExplainCommand(app),
		newPolicyReplayCommand(app),
	)
	return c
}

// policyLoader reads the layers as a go command run here would.
func (app *App) policyLoader() policy.Loader {
	settings := goenv.Read(app.Env, app.goroot())
	l := policy.Loader{Getenv: app.Getenv, Settings: settings, Dir: app.Dir}
	w, _ := workspace.Find(app.Dir, settings, "") // usable along with an error
	if w != nil {
		l.ModuleRoot = w.ModRoot
		if w.WorkFile != "" {
			l.WorkspaceRoot = w.Root()
		}
	}
	return l
}

// goroot is that of the real go, "" if none is found: then its go.env says
// nothing.
func (app *App) goroot() string {
	self, _ := os.Executable()
	if resolved, err := filepath.EvalSymlinks(self); err == nil {
		self = resolved
	}
	real, err := front.Finder{Getenv: app.Getenv, Argv0: os.Args[0], Self: self}.Find()
	if err != nil {
		return ""
	}
	return real.GOROOT
}

// printJSON writes one indented JSON value to stdout.
func (app *App) printJSON(v any) error {
	enc := json.NewEncoder(app.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// orEmpty makes an empty list [] in JSON, not null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// shown is a file's name as a person here would write it.
func (app *App) shown(file string) string {
	if rel, err := filepath.Rel(app.Dir, file); app.Dir != "" && err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return file
}

// path resolves a name that a person gave, against the working directory.
func (app *App) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(app.Dir, name)
}

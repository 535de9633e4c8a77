package steady

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/release"
)

// built is what "version --json" prints.
type built struct {
	Version string           `json:"version"`
	Commit  string           `json:"commit,omitempty"`
	Go      string           `json:"go"` // that gosteady was built with
	OS      string           `json:"os"`
	Arch    string           `json:"arch"`
	Modules []release.Module `json:"modules"` // that gosteady consists of, besides its own
}

func newVersionCommand(app *App) *cobra.Command {
	var asJSON, modules bool
	c := &cobra.Command{
		Use:     "version",
		Short:   "print the version of gosteady",
		Example: "  go steady version\n  go steady version --modules\n  go steady version --json | jq -r .version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b := built{release.String(), release.Commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH, release.Modules()}
			switch {
			case asJSON:
				return app.printJSON(b)
			case modules:
				return printModules(app, b)
			}
			return printVersion(app)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&modules, "modules", false, "print also what it was built with and of: the toolchain and the modules")
	return c
}

func printModules(app *App, b built) error {
	var text strings.Builder
	fmt.Fprintf(&text, "gosteady %s\n%s %s/%s\n", b.Version, b.Go, b.OS, b.Arch)
	for _, m := range b.Modules {
		fmt.Fprintf(&text, "%s %s\n", m.Path, m.Version)
	}
	_, err := app.Stdout.Write([]byte(text.String()))
	return err
}

func printVersion(app *App) error {
	_, err := fmt.Fprintf(app.Stdout, "gosteady %s\n", release.String())
	return err
}

package steady

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/release"
)

// built is what "version --json" prints.
type built struct {
	Version string `json:"version"`
	Go      string `json:"go"` // that gosteady was built with
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func newVersionCommand(app *App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "version",
		Short:   "print the version of gosteady",
		Example: "  go steady version\n  go steady version --json | jq -r .version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return app.printJSON(built{release.String(), runtime.Version(), runtime.GOOS, runtime.GOARCH})
			}
			return printVersion(app)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func printVersion(app *App) error {
	_, err := fmt.Fprintf(app.Stdout, "gosteady %s\n", release.String())
	return err
}

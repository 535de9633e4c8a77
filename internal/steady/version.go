package steady

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/release"
)

func newVersionCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "print the version of gosteady",
		Example: "  go steady version",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return printVersion(app) },
	}
}

func printVersion(app *App) error {
	_, err := fmt.Fprintf(app.Stdout, "gosteady %s\n", release.String())
	return err
}

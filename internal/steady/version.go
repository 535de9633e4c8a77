package steady

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is set by release builds (-ldflags "-X …/internal/steady.Version=v0.2.0").
var Version = ""

func newVersionCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version of gosteady",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(app.Stdout, "gosteady %s\n", buildVersion())
			return err
		},
	}
}

// buildVersion is the release's version, else what the build information knows.
func buildVersion() string {
	if Version != "" {
		return Version
	}
	if bi, ok := debug.ReadBuildInfo(); ok && bi.Main.Version != "" && bi.Main.Version != "(devel)" {
		return bi.Main.Version
	}
	return "devel"
}

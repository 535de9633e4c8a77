package steady

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/demo"
	"github.com/gosteady/gosteady/internal/here"
)

func newDemoCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "show a failing module proxy, without gosteady and with it",
		Long: `Demo serves a few small modules from inside this program through a module proxy
that fails as proxies do in the field: it resets a connection in the middle of a
zip, answers 503, and sends an HTML page in place of JSON. It runs "go mod
download" against it with the real go, which fails, and then through gosteady.

It needs no network and leaves nothing behind. The exit status is 0 if gosteady
succeeded where go did not.`,
		Example: "  go steady demo",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			real, err := app.RealGo()
			if err != nil {
				return err
			}
			return app.demo(real.Path, here.Self())
		},
	}
}

// demo plays it with a real go, and with a gosteady.
func (app *App) demo(real, self string) error {
	// An interrupt ends the child, and then we tidy up.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	proved, err := demo.Play(ctx, app.Stdout, app.Env, real, self)
	if err == nil && !proved {
		err = ExitError{1}
	}
	return err
}

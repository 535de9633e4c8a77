package steady

import (
	"context"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/probe"
)

func newProbeCommand(app *App) *cobra.Command {
	q := probe.Question{Place: app.Place, HTTPProxy: http.ProxyFromEnvironment}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "probe MODULE[@VERSION]",
		Short: "ask every proxy and the checksum database for one module",
		Long: `Probe asks each entry of the effective GOPROXY, and the checksum database, for
a module version: its list, .info, .mod and .zip (headers only), once each and
without repeating anything. It shows what they answer, who is behind or
disagrees, and what to type.

It asks only whom the go command would ask: nobody for what GONOPROXY matches,
and no public proxy after a private one that has the module, unless --all says
so. The exit status is 1 if the go command would not get the module.`,
		Example: `  go steady probe golang.org/x/mod@v0.40.0
  go steady probe github.com/acme/new@v1.2.3 --direct
  go steady probe golang.org/x/mod --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return app.probe(q, args[0], asJSON) },
	}
	f := cmd.Flags()
	f.BoolVar(&asJSON, "json", false, "print JSON")
	f.BoolVar(&q.Direct, "direct", false, "ask the module's repository too")
	f.BoolVar(&q.All, "all", false, "ask every entry, also those that go would not reach")
	f.DurationVar(&q.Timeout, "timeout", 10*time.Second, "give up on each request after this long")
	return cmd
}

func (app *App) probe(q probe.Question, module string, asJSON bool) error {
	r, err := q.Ask(context.Background(), module)
	if err != nil {
		return err
	}
	if asJSON {
		if err := app.printJSON(r); err != nil {
			return err
		}
	} else {
		r.Text(app.Stdout, app.style)
	}
	if !r.Found {
		return ExitError{Code: 1}
	}
	return nil
}

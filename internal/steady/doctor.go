package steady

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/doctor"
)

func newDoctorCommand(app *App) *cobra.Command {
	c := doctor.Checkup{Place: app.Place, HTTPProxy: http.ProxyFromEnvironment}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "check this machine: PATH, settings, network, credentials, module cache",
		Long: `Doctor checks what go commands depend on, each in one line with a verdict and,
where something is wrong, what to type. It changes nothing.

  ok    as it should be
  note  worth knowing
  warn  will hurt some day
  fail  some go command will fail

The exit status is 1 if anything will fail. With --upstreams only the servers
are asked, which suits cron jobs and CI.`,
		Example: `  go steady doctor
  go steady doctor --json | jq '.[] | select(.verdict != "ok")'
  go steady doctor --upstreams --count 3 --max-latency 1s`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return app.doctor(c, asJSON) },
	}
	f := cmd.Flags()
	f.BoolVar(&asJSON, "json", false, "print JSON")
	f.BoolVar(&c.Upstreams, "upstreams", false, "only ask the module proxies and the checksum database")
	f.IntVar(&c.Count, "count", 1, "ask each server this often")
	f.DurationVar(&c.MaxLatency, "max-latency", 0, "slower answers count as failures (0: none do)")
	f.DurationVar(&c.Timeout, "timeout", 15*time.Second, "give up after this long in all")
	return cmd
}

func (app *App) doctor(c doctor.Checkup, asJSON bool) error {
	if c.Count < 1 {
		return fmt.Errorf("--count %d: ask at least once", c.Count)
	}
	if app.Toolchains != nil {
		c.Toolchains = app.Toolchains()
	}
	checks := c.Run()
	if asJSON {
		if err := app.printJSON(checks); err != nil {
			return err
		}
	} else {
		doctor.Text(app.Stdout, checks, app.style)
	}
	if doctor.Failed(checks) {
		return ExitError{Code: 1}
	}
	return nil
}

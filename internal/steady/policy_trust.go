package steady

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/policy"
)

const trustHelp = `A value is a kind and what it allows:

  proxy=URL        a further module proxy
  sumdb=URL        a mirror of the checksum database
  private=PATTERN  modules that are private, as in GOPRIVATE
  rotate           a rule may go past a comma of GOPROXY, to any upstream
  direct           a rule may fetch from a module's origin
  vendor           a rule may run again with -mod=vendor
  purge-all        a rule may empty the module cache`

func newPolicyTrustCommand(app *App) *cobra.Command {
	var system bool
	c := &cobra.Command{
		Use:   "trust [VALUE...]",
		Short: "let repositories on this machine use a value",
		Long: `Trust remembers values that a repository's policy may use. It is by value, not by
file: whatever else a repository asks for stays ignored. Without a value it
prints what the policy here asks for.

` + trustHelp,
		Example: "  go steady policy trust proxy=https://athens.corp.example rotate\n  go steady policy trust --system 'private=git.corp.example/*'",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return app.printWanted()
			}
			values, store, err := app.trustStore(args, system)
			if err != nil {
				return err
			}
			if err := store.Add(values...); err != nil {
				return err
			}
			return app.printEach("trusted", values, store)
		},
	}
	c.Flags().BoolVar(&system, "system", false, "for all users of this machine, such as in an image")
	return c
}

func newPolicyUntrustCommand(app *App) *cobra.Command {
	var system bool
	c := &cobra.Command{
		Use:     "untrust VALUE...",
		Short:   "take trust back",
		Long:    "Untrust removes values from the list that \"policy trust\" writes.\n\n" + trustHelp,
		Example: "  go steady policy untrust rotate",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			values, store, err := app.trustStore(args, system)
			if err != nil {
				return err
			}
			missing, err := store.Remove(values...)
			if err != nil {
				return err
			}
			if len(missing) > 0 {
				return fmt.Errorf("%s is not in %s; 'go steady policy trusted' shows where it comes from", missing[0], store.Path())
			}
			return app.printEach("no longer trusted", values, store)
		},
	}
	c.Flags().BoolVar(&system, "system", false, "for all users of this machine")
	return c
}

func newPolicyTrustedCommand(app *App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "trusted",
		Short:   "list what repositories may use on this machine",
		Long:    "Trusted lists the values that this machine trusts, and where each is set.",
		Example: "  go steady policy trusted",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p, _ := app.policyLoader().Load()
			values := p.TrustValues()
			if asJSON {
				return app.printJSON(values)
			}
			for _, v := range values {
				if _, err := fmt.Fprintf(app.Stdout, "%s\t%s\n", v.Value, v.Origin); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// trustStore is where values are trusted, and the values in the form that it has.
func (app *App) trustStore(args []string, system bool) ([]string, policy.TrustStore, error) {
	values := make([]string, len(args))
	for i, arg := range args {
		v, err := policy.ParseTrust(arg)
		if err != nil {
			return nil, policy.TrustStore{}, err
		}
		values[i] = v
	}
	store, err := app.policyLoader().TrustStore(system)
	return values, store, err
}

func (app *App) printEach(what string, values []string, store policy.TrustStore) error {
	for _, v := range values {
		if _, err := fmt.Fprintf(app.Stdout, "%s: %s (%s)\n", what, v, store.Path()); err != nil {
			return err
		}
	}
	return nil
}

// printWanted says what the policy here asks for and what to type for it.
func (app *App) printWanted() error {
	p, _ := app.policyLoader().Load()
	if len(p.Ignored) == 0 {
		_, err := fmt.Fprintln(app.Stdout, "nothing here needs trust")
		return err
	}
	for _, i := range p.Ignored {
		if _, err := fmt.Fprintf(app.Stdout, "%s: %s: %s\n", i.Origin, i.Trust, i.Reason); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(app.Stdout, "to trust all of it: %s\n", policy.TrustCommand(trustOf(p.Ignored)))
	return err
}

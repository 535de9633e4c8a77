package steady

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/gateway"
	"github.com/gosteady/gosteady/internal/gateway/store"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/serve"
	"github.com/gosteady/gosteady/internal/tui"
)

func newServeCommand(app *App) *cobra.Command {
	c := serveCommand{app: app}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "a standing module proxy: for what only knows a GOPROXY",
		Long: `Serve is a module proxy before those of GOPROXY: for Bazel, Nix, image builds, editors
with a Go of their own, and many jobs on one machine. It answers from a store, heals what
it fetches, compares it with the checksum database before anybody gets it, and goes on
while the proxies behind it are down. No file of a repository is read.

Each http(s) entry of the upstreams becomes an address of its own. With --env it prints
the variables for clients, one a line, as 'go env -w', $GITHUB_ENV and 'docker run
--env-file' take them.

SIGTERM and an interrupt let the requests finish that are being answered; SIGHUP reads
the settings again. The same settings are the section serve of the user's and the
system's policy.`,
		Example: `  gosteady serve
  env $(gosteady serve --env) bazel build //...
  gosteady serve --env --write
  gosteady serve purge example.com/hello@v1.2.3`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return c.run() },
	}
	c.define(cmd)
	cmd.AddCommand(newServePurgeCommand(app, &c.flags.Store))
	return cmd
}

type serveCommand struct {
	app   *App
	flags serve.Flags

	env, fallback, write, unset bool
	name                        string
}

func (c *serveCommand) define(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.flags.Listen, "listen", "", "the address to listen on (127.0.0.1:7878)")
	f.StringVar(&c.flags.Upstream, "upstream", "", "the proxies behind it, as GOPROXY has them (those of GOPROXY)")
	cmd.PersistentFlags().StringVar(&c.flags.Store, "store", "", "the directory of the store (in the user's cache directory)")
	f.StringVar(&c.flags.MaxSize, "max-size", "", "how large the store may become (20G)")
	f.StringVar(&c.flags.TokenFile, "token-file", "", "the file with the token that clients show")
	f.StringVar(&c.flags.Cert, "tls-cert", "", "the file with the certificate")
	f.StringVar(&c.flags.Key, "tls-key", "", "the file with the certificate's key")
	f.BoolVar(&c.flags.Insecure, "insecure", false, "no TLS, though other machines can connect")
	f.StringArrayVar(&c.flags.Hosts, "host", nil, "a further name by which clients call it")
	f.StringArrayVar(&c.flags.StoreUnverified, "store-unverified", nil, "store modules of this pattern though no checksum database vouches for them ('*': all)")
	f.StringVar(&c.flags.Log, "log", "", "text or json")
	f.BoolVar(&c.env, "env", false, "print the variables for clients, and serve nothing")
	f.StringVar(&c.name, "name", "", "with --env: what the gateway is called where the clients are")
	f.BoolVar(&c.fallback, "fallback", false, "with --env: the upstreams come behind it, for when it is down")
	f.BoolVar(&c.write, "write", false, "with --env: set GOPROXY by 'go env -w'")
	f.BoolVar(&c.unset, "unset", false, "with --env: restore what 'go env -w' had before --write")
}

func (c *serveCommand) run() error {
	if !c.env {
		if c.fallback || c.write || c.unset || c.name != "" {
			return errors.New("--fallback, --write, --unset and --name go with --env")
		}
		return c.serve()
	}
	if c.unset {
		before, err := serve.Unset(c.app.Place)
		if err == nil {
			_, err = fmt.Fprintf(c.app.Stdout, "GOPROXY is what it was: %s\n", mask.Proxies(before))
		}
		return err
	}
	return c.printEnv()
}

func (c *serveCommand) serve() error {
	ctx, stop := signal.NotifyContext(context.Background(), serve.Stopping()...)
	defer stop()
	reload := make(chan os.Signal, 1)
	if again := serve.Reloading(); len(again) > 0 {
		signal.Notify(reload, again...)
		defer signal.Stop(reload)
	}
	return serve.Run(ctx, c.app.Place, c.flags, reload, c.app.Stderr)
}

// printEnv prints what clients need, or has the go command keep it.
func (c *serveCommand) printEnv() error {
	s, err := serve.Read(c.app.Place, c.flags)
	if err != nil {
		return err
	}
	list, err := serve.ClientList(c.app.Place, c.flags, s, c.name)
	if err != nil {
		return err
	}
	if c.fallback {
		if list, err = gateway.WithFallback(list, s.List, s.Rules); err != nil {
			return err
		}
	}
	if !serve.Runs(c.app.Place, s) {
		fmt.Fprintf(c.app.Stderr, console.Prefix+"nothing listens on %s: start it with 'gosteady serve'\n", s.Listen)
	}
	if !c.write {
		_, err = fmt.Fprint(c.app.unmasked, serve.Env(list, s)) // the token is what it is for
		return err
	}
	if err := serve.Write(c.app.Place, list, s); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.app.Stdout, "go env -w GOPROXY=%s; undo it with 'gosteady serve --env --unset'\n", mask.Proxies(list))
	return err
}

func newServePurgeCommand(app *App, dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "purge module@version...",
		Short: "remove module versions from the gateway's store",
		Long: `Purge removes all files of module versions from the store, whether a gateway runs or
not. Who asks for them afterwards gets what the upstream has.`,
		Example: `  gosteady serve purge example.com/hello@v1.2.3`,
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return purge(app, *dir, args) },
	}
}

func purge(app *App, dir string, args []string) error {
	where, err := serve.StoreDir(app.Place, dir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(where); err != nil {
		return fmt.Errorf("there is no store in %s; name it with --store", where)
	}
	st, err := store.Open(store.Config{Dir: where})
	if err != nil {
		return err
	}
	defer st.Close()
	for _, arg := range args {
		path, version, ok := strings.Cut(arg, "@")
		if !ok {
			return fmt.Errorf("%s is no module version; purge takes example.com/hello@v1.2.3", mask.Quote(arg))
		}
		n, err := st.Purge(module.Version{Path: path, Version: version})
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("the store %s has nothing of %s", where, mask.Quote(arg))
		}
		fmt.Fprintf(app.Stdout, "removed %s of %s\n", tui.Count(n, "file"), mask.Line(arg))
	}
	return nil
}

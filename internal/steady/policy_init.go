package steady

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/policy"
)

func newPolicyInitCommand(app *App) *cobra.Command {
	var t policy.Template
	var force, stdout bool
	c := &cobra.Command{
		Use:   "init",
		Short: "write a commented " + policy.FileName,
		Long: `Init writes a commented policy file to the root of the workspace or module. What
it suggests comes from the flags, and from GOPROXY and GOPRIVATE as they are set
here. An existing file is left alone without --force.`,
		Example: "  go steady policy init\n  go steady policy init --proxy https://goproxy.cn --rotate",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			l := app.policyLoader()
			text, err := t.Render(l.Settings)
			if err != nil {
				return err
			}
			if stdout {
				_, err := fmt.Fprint(app.Stdout, text)
				return err
			}
			return app.writePolicy(l, text, force)
		},
	}
	c.Flags().StringSliceVar(&t.Proxies, "proxy", nil, "a further module proxy (may be repeated)")
	c.Flags().StringSliceVar(&t.Private, "private", nil, "a pattern of private modules (may be repeated)")
	c.Flags().BoolVar(&t.Rotate, "rotate", false, "add a rule that asks the next upstream when one is down")
	c.Flags().DurationVar(&t.WaitFor, "wait-for", 0, "add a rule that waits so long for a mirror that lags behind")
	c.Flags().BoolVar(&force, "force", false, "overwrite an existing file")
	c.Flags().BoolVar(&stdout, "stdout", false, "print it, write nothing")
	return c
}

func (app *App) writePolicy(l policy.Loader, text string, force bool) error {
	root := app.Dir
	for _, dir := range []string{l.ModuleRoot, l.WorkspaceRoot} {
		if dir != "" {
			root = dir
		}
	}
	if root == "" {
		return errors.New("the working directory is gone; use --stdout")
	}
	file := filepath.Join(root, policy.FileName)
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(file, flags, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already; edit it, or overwrite it with --force", app.Shown(file))
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		_, err = fmt.Fprintf(app.Stdout, "wrote %s; check it with: go steady policy check\n", app.Shown(file))
	}
	return err
}

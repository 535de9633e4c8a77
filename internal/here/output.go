package here

import (
	"context"
	"os/exec"
	"slices"
	"time"
)

// Output runs a program here and returns what it printed on stdout.
func (p Place) Output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Dir, cmd.WaitDelay = p.Env, p.Dir, time.Second
	out, err := cmd.Output()
	return string(out), err
}

// Unprompted is the place with the environment of a git that must not ask anybody
// for a password, whatever the user lets it do elsewhere: nobody expects a question
// of the commands that look at things.
func (p Place) Unprompted() Place {
	env := append(slices.Clone(p.Env), "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never")
	if p.Getenv("GIT_SSH") == "" && p.Getenv("GIT_SSH_COMMAND") == "" {
		env = append(env, "GIT_SSH_COMMAND=ssh -oControlMaster=no -oBatchMode=yes")
	}
	return Place{Env: env, Dir: p.Dir}
}

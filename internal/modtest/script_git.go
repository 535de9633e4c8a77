package modtest

import (
	"fmt"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// cmdGitServer serves the modules of the script's mods/ as git repositories over
// HTTP, with faults, and makes git take it for https://github.com and https://ex.test.
func cmdGitServer(ts *testscript.TestScript, _ bool, args []string) {
	git, err := exec.LookPath("git")
	ts.Check(err)
	root := filepath.Join(ts.Getenv("WORK"), ".env", "git")
	g := gitDir{ts: ts, git: git, root: root}
	for _, arg := range args[1:] {
		g.publish(arg)
	}
	out, err := exec.Command(git, "--exec-path").Output()
	ts.Check(err)
	config := faultproxy.Config{Content: &cgi.Handler{
		Path:   filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"),
		Root:   "/",
		Env:    append(gitEnviron(root), "GIT_PROJECT_ROOT="+root, "GIT_HTTP_EXPORT_ALL=1"),
		Stderr: os.Stderr,
	}}
	p, err := faultproxy.Start(config)
	ts.Check(err)
	ts.Defer(func() { p.Close() })
	theStage(ts).proxies[args[0]] = &scriptProxy{Proxy: p}
	ts.Setenv(args[0], p.URL())
	instead := ""
	for _, host := range []string{"github.com", "ex.test"} {
		instead += fmt.Sprintf("[url %q]\n\tinsteadOf = https://%s/\n", p.URL()+"/"+host+"/", host)
	}
	ts.Check(os.WriteFile(filepath.Join(ts.Getenv("HOME"), ".gitconfig"), []byte(instead), 0o666))
}

func gitEnviron(home string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_AUTHOR_DATE=2024-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2024-01-02T03:04:05Z",
	}
}

// gitDir is where the repositories lie.
type gitDir struct {
	ts        *testscript.TestScript
	git, root string
}

// publish commits and tags a version of a module. The versions of one module must
// come in their order.
func (g gitDir) publish(arg string) {
	m := modVersion(g.ts, arg)
	dir := filepath.Join(g.root, filepath.FromSlash(m.Path))
	if _, err := os.Stat(dir); err != nil {
		g.ts.Check(os.MkdirAll(dir, 0o777))
		g.run(dir, "init", "-q", "-b", "main")
	}
	g.ts.Check(os.CopyFS(filepath.Join(dir, "new"), os.DirFS(filepath.Join(g.ts.Getenv("WORK"), "mods", filepath.FromSlash(arg)))))
	g.run(dir, "rm", "-q", "-r", "--ignore-unmatch", ".")
	g.ts.Check(os.CopyFS(dir, os.DirFS(filepath.Join(dir, "new"))))
	g.ts.Check(os.RemoveAll(filepath.Join(dir, "new")))
	g.run(dir, "add", ".")
	g.run(dir, "commit", "-q", "-m", m.Version)
	g.run(dir, "tag", m.Version)
}

func (g gitDir) run(dir string, args ...string) {
	cmd := exec.Command(g.git, args...)
	cmd.Dir, cmd.Env = dir, gitEnviron(g.root)
	if out, err := cmd.CombinedOutput(); err != nil {
		g.ts.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// cmdBrokenGit puts a git before the real one of which the first n calls that reach
// out say something and fail.
func cmdBrokenGit(ts *testscript.TestScript, _ bool, args []string) {
	git, err := exec.LookPath("git")
	ts.Check(err)
	dir, err := os.MkdirTemp(filepath.Join(ts.Getenv("WORK"), ".env"), "git-*")
	ts.Check(err)
	// A directory can be made once, so that calls side by side count right.
	script := fmt.Sprintf(`#!/bin/sh
case " $* " in *" ls-remote "*|*" fetch "*)
	i=0
	while [ $i -lt %[1]s ]; do
		if mkdir '%[2]s/'$i 2>/dev/null; then echo '%[3]s' >&2; exit 128; fi
		i=$((i+1))
	done
esac
exec '%[4]s' "$@"
`, args[0], dir, args[1], git)
	ts.Check(os.WriteFile(filepath.Join(dir, "git"), []byte(script), 0o777))
	ts.Setenv("PATH", dir+string(filepath.ListSeparator)+ts.Getenv("PATH"))
}

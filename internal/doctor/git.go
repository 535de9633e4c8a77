package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/tui"
)

const (
	gitPatience = 8 * time.Second
	// maxPrivate is how many private repositories are tried: a few tell as
	// much as all.
	maxPrivate = 3
)

// checkGit looks for git, and whether it gets at the repositories that
// GOPRIVATE sends past the proxies.
func (d *doctor) checkGit(ctx context.Context) []Check {
	private := d.settings.Get("GONOPROXY")
	git := lookIn(d.Place.Getenv, "git")
	if git == "" {
		if private == "" && !strings.Contains(d.settings.Get("GOPROXY"), "direct") {
			return []Check{{Verdict: tui.Note, Text: "no git in PATH, and nothing needs it"}}
		}
		return []Check{{Verdict: tui.Warn, Text: "no git in PATH: what go fetches from repositories will fail", Fix: "install git"}}
	}
	version, err := d.Place.Output(ctx, git, "version")
	if err != nil {
		return []Check{{Verdict: tui.Fail, Text: git + " does not run: " + err.Error(), Fix: "install git anew"}}
	}
	checks := []Check{{Verdict: tui.OK, Text: fmt.Sprintf("%s (%s)", strings.TrimSpace(version), git)}}
	for _, repo := range d.privateRepositories() {
		checks = append(checks, d.checkRepository(ctx, git, repo))
	}
	return checks
}

// privateRepositories are those of private modules that go.mod requires, one
// for each host. Only where the path tells the repository: elsewhere go would
// have to ask the host for it first.
func (d *doctor) privateRepositories() []string {
	required, _ := d.workspace.Requirements()
	var repos, hosts []string
	for _, m := range required {
		repo, ok := repositoryOf(m)
		host, _, _ := strings.Cut(repo, "/")
		if ok && d.settings.NoProxy(m.Path) && !slices.Contains(hosts, host) && len(repos) < maxPrivate {
			repos, hosts = append(repos, repo), append(hosts, host)
		}
	}
	return repos
}

// repositoryOf returns the repository of a module on a host whose paths have
// two elements for it, as cmd/go knows them.
func repositoryOf(m module.Version) (string, bool) {
	parts := strings.Split(m.Path, "/")
	switch {
	case len(parts) < 3:
		return "", false
	case parts[0] == "github.com", parts[0] == "bitbucket.org":
		return strings.Join(parts[:3], "/"), true
	}
	for i, part := range parts {
		if strings.HasSuffix(part, ".git") {
			return strings.Join(parts[:i+1], "/"), true
		}
	}
	return "", false
}

// checkRepository asks the repository as the go command would, without a
// prompt.
func (d *doctor) checkRepository(ctx context.Context, git, repo string) Check {
	ctx, cancel := context.WithTimeout(ctx, gitPatience)
	defer cancel()
	if _, err := d.Place.Unprompted().Output(ctx, git, "ls-remote", "-q", "https://"+repo, "HEAD"); err != nil {
		host, _, _ := strings.Cut(repo, "/")
		return Check{Verdict: tui.Fail, Text: fmt.Sprintf("git cannot read %s, which GOPRIVATE sends there: %v", repo, err),
			Fix: fmt.Sprintf("git ls-remote https://%s; with ssh keys: git config --global url.\"git@%s:\".insteadOf https://%s/", repo, host, host)}
	}
	return Check{Verdict: tui.OK, Text: "git reads " + repo}
}

package journal

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/mask"
)

// A Teller tells people what an invocation met, where they look: one line on
// stderr, which CI systems that have a way for it show as an annotation, with
// a row in the summary of the job.
//
// Only documented ways are used. Where a system reads commands in the log
// (GitHub Actions, Azure Pipelines), the line takes that form, on stderr: both
// collect it with stdout, and stdout is not ours. GitLab and the rest have no
// such command and get the plain line.
type Teller struct {
	Getenv func(string) string
	Stderr io.Writer
	// Run starts a program with an input. Buildkite takes annotations from its
	// agent's command only; where Run is nil, nothing is started.
	Run func(input string, name string, args ...string) error
}

// Tell says what was healed; nothing if nothing was. In CI it also says what
// could not be healed, if the command failed.
func (t Teller) Tell(inv Invocation) {
	healed := mask.Line(HealedLine(inv.Events))
	failed := ""
	if inv.Exit != 0 {
		failed = mask.Line(UnhealedLine(inv.Events))
	}
	if healed == "" && failed == "" {
		return
	}
	switch {
	case t.Getenv("GITHUB_ACTIONS") == "true":
		t.github(healed, failed, inv)
	case t.Getenv("TF_BUILD") != "": // "True"
		t.azure(healed, failed, inv)
	case t.Getenv("BUILDKITE") == "true":
		t.plain(healed)
		t.buildkite(failed != "", inv)
	default:
		t.plain(healed)
	}
}

func (t Teller) plain(line string) {
	if line != "" {
		fmt.Fprintln(t.Stderr, line)
	}
}

// github writes workflow commands, and a row to the job's summary.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func (t Teller) github(healed, failed string, inv Invocation) {
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace
	if healed != "" {
		fmt.Fprintf(t.Stderr, "::warning title=gosteady::%s\n", escape(healed))
	}
	if failed != "" {
		fmt.Fprintf(t.Stderr, "::error title=gosteady::%s\n", escape(failed))
	}
	appendTo(t.Getenv("GITHUB_STEP_SUMMARY"), summary(inv))
}

// azure writes logging commands. The summary is a file that the agent uploads
// when it reads the command, so it must outlive us.
// https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
func (t Teller) azure(healed, failed string, inv Invocation) {
	escape := strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A").Replace
	if healed != "" {
		fmt.Fprintf(t.Stderr, "##vso[task.logissue type=warning]%s\n", escape(healed))
	}
	if failed != "" {
		fmt.Fprintf(t.Stderr, "##vso[task.logissue type=error]%s\n", escape(failed))
	}
	dir := t.Getenv("AGENT_TEMPDIRECTORY")
	if !filepath.IsAbs(dir) {
		return
	}
	f, err := os.CreateTemp(dir, "gosteady-*.md")
	if err != nil {
		return
	}
	_, err = io.WriteString(f, summary(inv))
	if f.Close() == nil && err == nil {
		fmt.Fprintf(t.Stderr, "##vso[task.uploadsummary]%s\n", f.Name())
	}
}

// buildkite asks the agent, which is in PATH of every job.
// https://buildkite.com/docs/agent/cli/reference/annotate
func (t Teller) buildkite(failed bool, inv Invocation) {
	if t.Run == nil {
		return
	}
	style := "warning"
	if failed {
		style = "error"
	}
	// It fails where the agent is too old or has no token: the line on stderr
	// has said it all the same.
	_ = t.Run(summary(inv), "buildkite-agent", "annotate", "--style", style, "--context", "gosteady", "--append")
}

// appendTo adds to a file that the CI system made; without it nothing is told.
func appendTo(name, text string) {
	if name == "" {
		return
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return
	}
	_, _ = io.WriteString(f, text)
	_ = f.Close()
}

// UnhealedLine says in one line what could not be healed, "" if all was. What
// no repetition can heal, such as an unknown revision, is not counted: go has
// said it, and the infrastructure is not to blame.
func UnhealedLine(events []Event) string {
	var failed []Event
	for _, e := range events {
		if e.Outcome == Unhealed && e.Class != classify.NotFetch && e.Class != classify.Configuration && e.Class != classify.NotFound {
			failed = append(failed, e)
		}
	}
	if len(failed) == 0 {
		return ""
	}
	return fmt.Sprintf("gosteady: could not heal %s (%s); see 'go steady last'",
		plural(len(failed), "fetch failure"), byUpstream(failed))
}

// summary is the invocation as Markdown: a heading and a row for each kind of
// event.
func summary(inv Invocation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### gosteady: `go %s`\n\n", inline(strings.Join(inv.Command, " ")))
	b.WriteString("| outcome | class | upstream | module | met by | times | time lost |\n|---|---|---|---|---|---|---|\n")
	for _, g := range Grouped(inv.Events) {
		if g.Outcome == Noted {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %d | %s |\n",
			g.Outcome, g.Class, inline(g.Upstream), inline(g.Subject()), g.Action, g.Count, Duration(g.Lost))
	}
	b.WriteString("\n")
	return b.String()
}

// inline keeps a text from ending its cell or its code span.
func inline(s string) string {
	return strings.NewReplacer("|", "¦", "`", "'", "<", "&lt;").Replace(mask.Line(s))
}

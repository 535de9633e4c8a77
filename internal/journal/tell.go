package journal

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

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

	Kept        bool // the invocation is in the journal, for "go steady last"
	Always      bool // tell of each failure, and where there was none
	Interrupted bool // a person has ended the command: what failed then is no news
}

// A system is a CI system that shows annotations.
type system int

const (
	noSystem system = iota
	gitHub
	azure
	buildkite
)

func (t Teller) system() system {
	switch {
	case t.Getenv("GITHUB_ACTIONS") == "true":
		return gitHub
	case t.Getenv("TF_BUILD") != "": // "True"
		return azure
	case t.Getenv("BUILDKITE") == "true":
		return buildkite
	}
	return noSystem
}

func (t Teller) annotates() bool { return t.system() != noSystem }

// Tell says what was healed and what was not, if there is anything to say.
func (t Teller) Tell(inv Invocation) {
	line, failed := t.closing(inv)
	if line = mask.Line(line); line == "" {
		return
	}
	annotates := t.system()
	if !inv.Met() {
		annotates = noSystem // nothing failed, and somebody wants to know that
	}
	switch annotates {
	case gitHub:
		t.github(line, failed, inv)
	case azure:
		t.azure(line, failed, inv)
	case buildkite:
		t.plain(line)
		t.buildkite(failed, inv)
	default:
		t.plain(line)
	}
}

func (t Teller) plain(line string) { fmt.Fprintln(t.Stderr, line) }

// github writes workflow commands, and a row to the job's summary.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func (t Teller) github(line string, failed bool, inv Invocation) {
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace
	fmt.Fprintf(t.Stderr, "::%s title=gosteady::%s\n", severity(failed), escape(line))
	appendTo(t.Getenv("GITHUB_STEP_SUMMARY"), summary(inv))
}

// azure writes logging commands. The summary is a file that the agent uploads
// when it reads the command, so it must outlive us.
// https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
func (t Teller) azure(line string, failed bool, inv Invocation) {
	escape := strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A").Replace
	fmt.Fprintf(t.Stderr, "##vso[task.logissue type=%s]%s\n", severity(failed), escape(line))
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
	// It fails where the agent is too old or has no token: the line on stderr
	// has said it all the same.
	_ = t.Run(summary(inv), "buildkite-agent", "annotate", "--style", severity(failed), "--context", "gosteady", "--append")
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

func severity(failed bool) string {
	if failed {
		return "error"
	}
	return "warning"
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

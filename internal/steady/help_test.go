package steady

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/docs"
	"github.com/gosteady/gosteady/internal/markdown"
)

// Every page of docs/ is a topic, and each topic is shown whole, within the width.
func TestTopics(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) != len(docs.Topics) {
		t.Errorf("docs has %d pages and %d topics (%v)", len(pages), len(docs.Topics), err)
	}
	for _, topic := range docs.Topics {
		out, err := printedHelp(t, topic.Name)
		if err != nil {
			t.Errorf("%s: %v", topic.Name, err)
		}
		for _, b := range markdown.Parse(docs.Guide(topic.Name)) {
			if b.Kind == markdown.Heading && b.Level <= 2 && !strings.Contains(out, strings.ToUpper(markdown.Plain(b.Text))) {
				t.Errorf("%s lacks the heading %q", topic.Name, b.Text)
			}
		}
		for line := range strings.Lines(out) {
			isCode := strings.HasPrefix(line, "      ")
			if !isCode && (strings.Contains(line, "](") || strings.Contains(line, "details>") || strings.Contains(line, "**")) {
				t.Errorf("%s shows a mark of Markdown's: %s", topic.Name, line)
			}
		}
	}
}

func TestHelpOfACommand(t *testing.T) {
	for _, args := range []string{"last", "policy check"} {
		out, err := printedHelp(t, strings.Fields(args)...)
		if err != nil || !strings.Contains(out, "gosteady "+args) || !strings.Contains(out, "--help") {
			t.Errorf("help %s: %v\n%s", args, err, out)
		}
	}
	if _, err := printedHelp(t, "nothing"); err == nil || !strings.Contains(err.Error(), "'gosteady help'") {
		t.Errorf("help nothing: %v", err)
	}
}

func printedHelp(t *testing.T, words ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	app := &App{Stdout: &out, Stderr: &out}
	root := app.root()
	root.SetArgs(append([]string{"help"}, words...))
	err := root.Execute()
	return out.String(), err
}

// An unknown word is taken for a near command, but a short one not for any.
func TestNearCommand(t *testing.T) {
	for word, want := range map[string]string{"polcy": "did you mean policy?", "lst": "did you mean last?", "expl": "did you mean explain?", "wat": ""} {
		var out strings.Builder
		root := (&App{Stdout: &out, Stderr: &out}).root()
		root.SetArgs([]string{word})
		err := root.Execute()
		if err == nil || strings.Contains(err.Error(), "did you mean") != (want != "") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", word, err, want)
		}
	}
}

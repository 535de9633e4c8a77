//go:build unix

package docs

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/shlex"
)

// scriptOf is the shell script that a block amounts to, "" for none.
func scriptOf(t *testing.T, b docBlock) string {
	t.Helper()
	switch b.lang {
	case "sh", "bat":
		return shellScript(b.page, b.text)
	case "console":
		return strings.TrimPrefix(strings.SplitN(b.text, "\n", 2)[0], "$ ") + "\n"
	case "dockerfile":
		return dockerScript(t, b)
	case "yaml":
		return workflowScript(t, b)
	case "json":
		var container struct{ PostCreateCommand string }
		if err := json.Unmarshal([]byte(b.text), &container); err != nil {
			t.Errorf("%s:%d: %v", b.page, b.line, err)
		}
		return shellScript(b.page, container.PostCreateCommand)
	}
	return ""
}

var assignment = regexp.MustCompile(`^[A-Z_]+=("[^"]*"|\S*)$`)

// shellScript leaves out what cannot be run, expects failures where the docs do,
// and tries settings for themselves.
func shellScript(page, text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		command := commandOf(line)
		switch {
		case isNotRun(page, line):
		case assignment.MatchString(command):
			lines = append(lines, "( export "+command+"; gosteady policy check )")
		default:
			lines = append(lines, expectFailure(page, strings.TrimSuffix(line, "\n")))
		}
	}
	if strings.TrimSpace(strings.Join(lines, "")) == "" {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// expectFailure turns a command that has to fail into one that succeeds if it does.
func expectFailure(page, line string) string {
	for _, e := range fails {
		if e.page == page && e.line == commandOf(line) {
			return fmt.Sprintf("if out=$(%s 2>&1); then echo 'was to fail'; exit 1; fi; echo \"$out\"; echo \"$out\" | grep -qE '%s'", commandOf(line), e.says)
		}
	}
	return line
}

// dockerScript does what a Dockerfile says, all stages on one machine.
func dockerScript(t *testing.T, b docBlock) string {
	t.Helper()
	var script []string
	for line := range strings.Lines(b.text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "", "#":
		case "FROM", "WORKDIR", "CMD":
			script = append(script, "cd \"$OLDWD\"")
		case "RUN":
			if !isNotRun(b.page, line) {
				script = append(script, "( "+rest+" )")
			}
		case "ENV":
			script = append(script, "export "+rest)
		case "COPY":
			script = append(script, dockerCopy(t, rest))
		default:
			t.Errorf("%s:%d: a Dockerfile with %s: teach this test", b.page, b.line, word)
		}
	}
	if !slices.ContainsFunc(script, func(s string) bool { return strings.HasPrefix(s, "(") }) {
		return ""
	}
	return "OLDWD=$PWD\n" + strings.Join(script, "\n") + "\n"
}

// dockerCopy copies into the machine, or finds that what comes from another stage
// is there.
func dockerCopy(t *testing.T, arguments string) string {
	t.Helper()
	words, err := shlex.Split(arguments)
	if err != nil || len(words) < 2 {
		t.Errorf("COPY %s: %v", arguments, err)
	}
	to := words[len(words)-1]
	switch from := words[:len(words)-1]; {
	case strings.HasPrefix(from[0], "--from="):
		return "test -d " + from[1] + "; test " + from[1] + " = " + to
	case strings.HasPrefix(to, "/"):
		return "cp -R " + strings.Join(from, " ") + " " + to
	default: // the module is where the script starts
		return "ls " + strings.Join(from, " ") + " >/dev/null"
	}
}

// workflowScript collects the commands of a workflow, of GitHub's or GitLab's. A
// policy is none; TestPoliciesInDocs loads it.
func workflowScript(t *testing.T, b docBlock) string {
	t.Helper()
	var doc any
	if err := yaml.Unmarshal([]byte(b.text), &doc); err != nil {
		t.Errorf("%s:%d: %v", b.page, b.line, err)
	}
	commands := strings.Join(commandsIn(doc), "\n")
	if commands == "" {
		return ""
	}
	return shellScript(b.page, commands)
}

// laterSteps is what a runner does between two steps.
const laterSteps = `while read -r dir; do case :$PATH: in *":$dir:"*) ;; *) PATH=$dir:$PATH ;; esac; done <"$GITHUB_PATH"`

// commandsIn are the values of run, before_script and script, in this order.
func commandsIn(doc any) []string {
	var list []string
	switch doc := doc.(type) {
	case []any:
		for _, item := range doc {
			list = append(list, commandsIn(item)...)
		}
	case map[string]any:
		for _, key := range []string{"env", "variables"} {
			if values, ok := doc[key].(map[string]any); ok {
				for name, value := range values {
					list = append(list, fmt.Sprintf("%s=%q", name, fmt.Sprint(value)))
				}
			}
		}
		if run, ok := doc["run"].(string); ok {
			list = append(list, laterSteps, run)
		}
		if with, ok := doc["with"].(map[string]any); ok && with["command"] != nil { // nick-fields/retry
			list = append(list, fmt.Sprintf("for i in $(seq %v); do %v && break; done", with["max_attempts"], with["command"]))
		}
		for _, key := range []string{"jobs", "test", "build", "before_script", "script", "steps"} {
			switch value := doc[key].(type) {
			case []any:
				for _, item := range value {
					if command, ok := item.(string); ok {
						list = append(list, command)
					}
				}
				list = append(list, commandsIn(value)...)
			case map[string]any:
				list = append(list, commandsIn(value)...)
			}
		}
	}
	return list
}

var differs = []struct{ re, as string }{
	{`127\.0\.0\.1:\d+`, "HOST"},
	{`\b\d+\.\d+ ?s\b`, "TIME"},
	{`at byte \d+`, "at byte N"},
	{`plain: \S+`, "plain: GO"},
	{`(?m)^ *gosteady: waiting for .*\n`, ""}, // only where a wait is long, as on a busy machine
}

// compareConsole compares what a page shows with what came. What go prints for
// modules side by side comes in any order.
func compareConsole(t *testing.T, b docBlock, out string) {
	t.Helper()
	_, shown, _ := strings.Cut(b.text, "\n")
	for _, d := range differs {
		re := regexp.MustCompile(d.re)
		shown, out = re.ReplaceAllString(shown, d.as), re.ReplaceAllString(out, d.as)
	}
	sorted := func(text string) string {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	if sorted(shown) != sorted(out) {
		t.Errorf("%s:%d shows\n%s\nand this came:\n%s", b.page, b.line, shown, out)
	}
}

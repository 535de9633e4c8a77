package docs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

var (
	markdownLink  = regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)
	codeSpan      = regexp.MustCompile("`([^`\n]+)`")
	steadyCommand = regexp.MustCompile(`(?:^|\| |run: )(?:gosteady|go steady)((?: [a-z]+)+)([^|>#]*)`)
	longFlag      = regexp.MustCompile(`--[a-z-]+`)
)

// shown are the lines of code in a page: blocks, fenced or indented, and spans.
func shown(page string) []string {
	var lines []string
	fenced := false
	for line := range strings.Lines(page) {
		switch code, indented := strings.CutPrefix(line, "    "); {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
		case fenced || indented:
			lines = append(lines, strings.TrimPrefix(strings.TrimSpace(code), "$ "))
		default:
			for _, m := range codeSpan.FindAllStringSubmatch(line, -1) {
				lines = append(lines, m[1])
			}
		}
	}
	return lines
}

func readPage(t *testing.T, page string) string {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

func TestLinksInDocs(t *testing.T) {
	for _, file := range modtest.Sources(t, ".md") {
		for _, m := range markdownLink.FindAllStringSubmatch(readPage(t, file), -1) {
			target := filepath.Join(filepath.Dir(file), filepath.FromSlash(m[1]))
			if m[1] == "" {
				target = file
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", file, m[1], err)
			} else if m[2] != "" && !slices.Contains(anchors(readPage(t, target)), m[2]) {
				t.Errorf("%s links to %s%s, and there is no such heading", file, m[1], m[2])
			}
		}
	}
}

var (
	heading     = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are what the headings of a page are linked by, as GitHub makes them.
func anchors(page string) []string {
	var list []string
	for _, m := range heading.FindAllStringSubmatch(page, -1) {
		list = append(list, "#"+strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return list
}

// What is read in half a minute, and what is read in an hour: words, generated ones too.
func TestLengthOfDocs(t *testing.T) {
	words := func(page string) int { return len(strings.Fields(readPage(t, page))) }
	if n := words("README.md"); n > 900 {
		t.Errorf("README.md has %d words: 900 at most", n)
	}
	pages, err := filepath.Glob(filepath.Join("docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, page := range pages {
		total += words(page)
	}
	if total > 12_000 {
		t.Errorf("docs/*.md have %d words: 12,000 at most", total)
	}
}

// Every command that the docs show is one that gosteady has.
func TestCommandsInDocs(t *testing.T) {
	binary := filepath.Join(bin, "gosteady")
	help := make(map[string]string)
	for _, file := range modtest.Sources(t, ".md") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range shown(string(data)) {
			m := steadyCommand.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			if _, asked := help[m[1]]; !asked {
				help[m[1]] = helpOf(binary, strings.Fields(m[1]))
			}
			if help[m[1]] == "" {
				t.Errorf("%s shows %q, and there is no such command", file, line)
			}
			for _, flag := range longFlag.FindAllString(m[2], -1) {
				if !strings.Contains(help[m[1]], " "+flag) {
					t.Errorf("%s shows %q, and there is no flag %s", file, line, flag)
				}
			}
		}
	}
}

var (
	testInDocs   = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`")
	scriptInDocs = regexp.MustCompile("`([a-z0-9_]+\\.txtar)`")
)

// Every test that the docs name as a proof is there.
func TestTestsInDocs(t *testing.T) {
	var code strings.Builder
	for _, file := range modtest.Sources(t, "_test.go") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(data)
	}
	for _, file := range modtest.Sources(t, ".md") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range testInDocs.FindAllSubmatch(data, -1) {
			if !strings.Contains(code.String(), "\nfunc "+string(m[1])+"(") {
				t.Errorf("%s names %s, and there is no such test", file, m[1])
			}
		}
		for _, m := range scriptInDocs.FindAllSubmatch(data, -1) {
			if _, err := os.Stat(filepath.Join("testdata", "script", string(m[1]))); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

var usageLine = regexp.MustCompile(`(?m)^ +gosteady((?: [a-z]+)+)(?: |$)`)

// helpOf returns the help of the command that the words begin with, "" if there is
// none: then cobra prints that of the group above it. What follows a command are its
// arguments.
func helpOf(binary string, words []string) string {
	out, err := exec.Command(binary, append(slices.Clone(words), "--help")...).CombinedOutput()
	usage := usageLine.FindSubmatch(out)
	if err != nil || usage == nil {
		return ""
	}
	command := strings.Fields(string(usage[1]))
	isGroup := bytes.Contains(out, []byte("Available Commands:"))
	if !slices.Equal(command, words[:min(len(command), len(words))]) || isGroup && len(words) > len(command) {
		return ""
	}
	return string(out)
}

//go:build unix

package docs

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// The pages whose commands, settings and paths are tried. A page says what a block
// is: sh and dockerfile are run, console is run and its output compared, yaml and
// json are loaded, and the commands in them run. text is no command.
func docPages(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(pages, "README.md", "CONTRIBUTING.md", "examples/README.md")
}

// A docBlock is a fenced block of a page.
type docBlock struct {
	page, lang, text string
	line             int // of its first line
}

var languages = []string{"sh", "console", "dockerfile", "yaml", "json", "text", "bat"}

// docBlocks are all blocks of all pages. An indented block does not say what it is,
// so there must be none.
func docBlocks(t *testing.T) []docBlock {
	t.Helper()
	var blocks []docBlock
	for _, page := range docPages(t) {
		before, open := "", false
		for i, line := range strings.Split(readPage(t, page), "\n") {
			fence, isFence := strings.CutPrefix(line, "```")
			switch {
			case isFence && !open:
				open = true
				blocks = append(blocks, docBlock{page: page, lang: fence, line: i + 2})
				if !slices.Contains(languages, fence) {
					t.Errorf("%s:%d: a block of %q; known are %s", page, i+1, fence, strings.Join(languages, ", "))
				}
			case isFence:
				open = false
			case open:
				blocks[len(blocks)-1].text += line + "\n"
			case before == "" && strings.HasPrefix(line, "    "):
				t.Errorf("%s:%d: an indented block: fence it, and say what it is", page, i+1)
			}
			before = line
		}
	}
	return blocks
}

// notRun are the lines of the docs that no test can run here, and why. One that is
// no longer in the docs must go from here as well.
var notRun = []struct{ page, line, why string }{
	{"README.md", "go test ./...", "is what runs this test"},
	{"README.md", "RUN git clone --depth 1 https://github.com/gosteady/gosteady /tmp/gosteady && /tmp/gosteady/install.sh --goroot /usr/local/go --no-demo", "changes the toolchain of the machine; internal/e2e/install does it to another"},
	{"examples/after/Dockerfile", "RUN git clone --depth 1 https://github.com/gosteady/gosteady /tmp/gosteady && /tmp/gosteady/install.sh --goroot /usr/local/go --no-demo", "changes the toolchain of the machine; internal/e2e/install does it to another"},
	{"CONTRIBUTING.md", "go test ./...", "is what runs this test"},
	{"CONTRIBUTING.md", "bash .ci/run", "runs this test; TestCIStepsInDocs looks for its steps"},
	{"CONTRIBUTING.md", "bash .ci/run format test", "runs this test; TestCIStepsInDocs looks for its steps"},
	{"CONTRIBUTING.md", "bash .ci/run release", "runs goreleaser; TestCIStepsInDocs looks for its steps"},
	{"CONTRIBUTING.md", "go test ./internal/scripttest -scripts all -timeout 3h", "takes hours; its own tests run a selection"},
	{"CONTRIBUTING.md", "go test ./internal/steady -run TestGolden -update", "rewrites files of this repository"},
	{"docs/start.md", `go build -trimpath -ldflags "-s -w" -o gosteady.exe .`, "is for cmd.exe: TestWindowsSection runs it"},
	{"docs/start.md", "gosteady.exe install --add-path", "is for cmd.exe: TestWindowsSection runs it"},
	{"docs/start.md", "gosteady install --goroot /usr/local/go", "changes the toolchain of the machine; internal/e2e/install does it to another"},
	{"docs/start.md", "gosteady install --all --dry-run", "looks at the machine; internal/e2e/install does it on another"},
	{"docs/gateway.md", "gosteady serve", "runs before each block of the page; internal/e2e/gateway tries it"},
	{"docs/policy.md", "go steady policy trust --system 'private=git.corp.example/*'", "writes to /etc/gosteady"},
	{"docs/policy.md", "RUN go steady policy trust --system proxy=https://athens.corp.example rotate", "writes to /etc/gosteady"},
}

// fails are the commands of the docs that have to fail, as the text around them
// says, and what they then say.
var fails = []struct{ page, line, says string }{
	{"docs/failures.md", "GOSTEADY=off go build ./...", "connection reset by peer"},
	{"README.md", "GOSTEADY=off go build ./...", "connection reset by peer"},
	{"README.md", "go steady explain < build.log", "passes|may well pass"},
	{"examples/README.md", "/tmp/flaky examples/before go get example.com/greet@v9.9.9", "no matching versions|404 Not Found"},
}

// commandOf is a line without its comment and the spaces around it.
func commandOf(line string) string {
	return strings.TrimSpace(trailingComment.ReplaceAllString(strings.TrimSpace(line), ""))
}

var trailingComment = regexp.MustCompile(`(^|\s)#\s.*$`)

func isNotRun(page, line string) bool {
	return slices.ContainsFunc(notRun, func(e struct{ page, line, why string }) bool {
		return e.page == page && e.line == commandOf(line)
	})
}

// The tables above name lines that are in the docs.
func TestDocTablesAreOfTheDocs(t *testing.T) {
	has := func(page, want string) bool {
		lines := strings.Split(readPage(t, page), "\n")
		if strings.HasSuffix(page, ".md") {
			lines = shown(readPage(t, page))
		}
		for _, line := range lines {
			if commandOf(line) == want {
				return true
			}
		}
		return false
	}
	for _, e := range notRun {
		if !has(e.page, e.line) {
			t.Errorf("%s no longer has %q: take it out of the table notRun", e.page, e.line)
		}
	}
	for _, e := range fails {
		if !has(e.page, e.line) {
			t.Errorf("%s no longer has %q: take it out of the table fails", e.page, e.line)
		}
	}
	for page, commands := range afterwards {
		for first := range commands {
			if !has(page, first) {
				t.Errorf("%s no longer has %q: take it out of the table afterwards", page, first)
			}
		}
	}
}

// TestDocs runs what the docs tell people to type, each block on a machine of its
// own without a network, where a module proxy fails now and then.
func TestDocs(t *testing.T) {
	src := checkoutCopy(t)
	for _, b := range docBlocks(t) {
		script := scriptOf(t, b)
		if script == "" {
			continue
		}
		t.Run(nameOf(b), func(t *testing.T) {
			t.Parallel()
			if builds(script) {
				modtest.Slow(t, "builds gosteady")
			}
			m := newDocMachine(t, src, b.page, script)
			out, code := m.sh(beforehand[b.page][""] + beforehand[b.page][firstCommand(b.text)] + script + afterwards[b.page][firstCommand(b.text)])
			if strings.Contains(out, "keeps no access times") {
				t.Skip(out)
			}
			if code != 0 {
				t.Errorf("%s:%d: exit status %d of\n%s\n%s", b.page, b.line, code, script, out)
			}
			if b.lang == "console" {
				compareConsole(t, b, out)
			}
		})
	}
	for page, commands := range commandSpans(t) {
		t.Run(pageName(page)+"/spans", func(t *testing.T) {
			t.Parallel()
			m := newDocMachine(t, src, page, "")
			for _, command := range commands {
				if out, code := m.sh(expectFailure(page, command)); code != 0 {
					t.Errorf("%s: `%s`: exit status %d\n%s", page, command, code, out)
				}
			}
		})
	}
}

// nameOf names a block by its page and its first words.
func nameOf(b docBlock) string {
	words := strings.Fields(firstCommand(b.text))
	plain := strings.NewReplacer("/", "|", "$", "", "(", "", ")", "") // it becomes part of a path in the block
	return pageName(b.page) + "/" + plain.Replace(strings.Join(words[:min(4, len(words))], "_"))
}

func pageName(page string) string {
	return strings.ReplaceAll(strings.TrimSuffix(page, ".md"), "/", "_")
}

// firstCommand is the first line that is more than a comment.
func firstCommand(text string) string {
	for line := range strings.Lines(text) {
		if command := commandOf(strings.TrimPrefix(line, "#!/bin/sh")); command != "" {
			return command
		}
	}
	return ""
}

// beforehand is what was done on the machine before a block, by its page and its first
// command; "" is for all blocks of the page.
var beforehand = map[string]map[string]string{
	"docs/failures.md": {
		"go steady repair --dry-run":                  "go mod download\n",
		"go steady prune --unused-for 720h --dry-run": "go mod download\n",
	},
	"docs/gateway.md":    {"": gatewayRuns},
	"examples/README.md": {"": "go build -o /tmp/flaky ./examples/flaky\n"},
}

// gatewayRuns starts a gateway on a free port, and ends it with the block.
const gatewayRuns = `GITHUB_ENV=$ROOT/github_env
GOSTEADY_SERVE_LISTEN=127.0.0.1:0 gosteady serve >serve.log 2>&1 &
trap "kill $!; cat serve.log" EXIT
until grep -q serving serve.log; do /bin/sleep 0.05; done
`

// afterwards are commands that show that a block did what the text says, by page
// and by the block's first command.
var afterwards = map[string]map[string]string{
	"README.md": {
		"./install.sh": `test -x "$HOME/.local/share/gosteady/shims/go"`,
	},
	"docs/start.md": {
		"./install.sh --add-path": `. "$HOME/.profile"; test "$(command -v go)" = "$HOME/.local/share/gosteady/shims/go"; go version; cd "$HOME/src/app"; go mod verify`,
		"command -v go":           `test "$(command -v go)" = "$BIN/go"`,
		"git clone https://github.com/gosteady/gosteady && cd gosteady": `test "$(/usr/local/lib/gosteady/shims/gosteady version)" != devel`,
		"FROM golang:1.26 AS gosteady": `test "$(command -v go)" = "$ROOT/usr/local/lib/gosteady/shims/go"
go version; test -s "$ROOT/usr/local/lib/gosteady/shims/real-go"`,
		"{": `test -x "$ROOT/usr/local/lib/gosteady/shims/go"`,
		"gosteady completion bash > /etc/bash_completion.d/gosteady": `bash -n "$ROOT/etc/bash_completion.d/gosteady"`,
	},
	"docs/gateway.md": {
		"gosteady serve --env":         `grep -q '^GOPROXY=http://127.0.0.1:' "$GITHUB_ENV"`,
		"gosteady serve --env --write": `! go env GOPROXY | grep -q 127.0.0.1:.*/0`,
		// What is served is stored a moment later.
		"env $(gosteady serve --env) go mod download": `zip="$ROOT/srv/modules/example.com/hello/@v/v1.0.0.zip"
for i in $(seq 50); do test -s "$zip" && break; /bin/sleep 0.1; cp -R "$HOME/.cache/gosteady/gateway/"* "$ROOT/srv/modules"; done
test -s "$zip"`,
	},
	"docs/ci.md": {
		"- uses: actions/checkout@v6": `test "$(command -v go)" = "$HOME/.local/share/gosteady/shims/go"`,
		"test:":                       `test "$(command -v go)" = "$ROOT/usr/local/lib/gosteady/shims/go"`,
	},
	"docs/operations.md": {
		"gosteady stats --format prometheus > /var/lib/node_exporter/gosteady.prom": `grep -q ^gosteady_commands_total "$ROOT/var/lib/node_exporter/gosteady.prom"`,
		"out=/var/lib/node_exporter/module_proxies.prom":                            `cat "$out"; grep -qx 'module_proxies_up 1' "$out"; grep -q ^module_proxies_fast "$out"`,
	},
	"docs/policy.md": {
		"GOMODCACHE=/tmp/modcache go mod download": `GOPROXY="file://$ROOT/srv/goproxy,off" GOSUMDB= go build ./...; GOPROXY="file://$ROOT/srv/goproxy,off" go steady repair`,
	},
	"examples/README.md": {
		"go build -o /tmp/flaky ./examples/flaky": `PATH=$REALBIN:$PATH
/tmp/flaky examples/before ./build.sh
if /tmp/flaky examples/after ./build.sh; then exit 1; fi`,
	},
}

var commandSpan = regexp.MustCompile(`^(GOSTEADY\w*=\S+ go|gosteady|go steady) [a-z]`)

// placeholders are what the docs write for what a person fills in.
var placeholders = strings.NewReplacer("CLASS [MODULE]", "server-error example.com/hello", "replay LOG", "replay build.log")

// commandSpans are the commands in the text of each page, besides those that
// cannot be run.
func commandSpans(t *testing.T) map[string][]string {
	spans := map[string][]string{}
	for _, page := range docPages(t) {
		inBlock := false
		for line := range strings.Lines(readPage(t, page)) {
			if strings.HasPrefix(line, "```") {
				inBlock = !inBlock
			}
			for _, m := range codeSpan.FindAllStringSubmatch(line, -1) {
				command := placeholders.Replace(m[1])
				known := slices.Contains(spans[page], command) || partial[command] || isNotRun(page, command)
				if !inBlock && commandSpan.MatchString(command) && !known {
					spans[page] = append(spans[page], command)
				}
			}
		}
	}
	return spans
}

// partial are names of commands, not commands to type.
var partial = map[string]bool{
	"gosteady completion":      true, // of a shell
	"gosteady demo":            true, // README.md shows what it prints, which is compared
	"gosteady install":         true, // internal/e2e/install runs them, on machines of its own
	"gosteady serve":           true, // runs until it is ended: internal/e2e/gateway
	"gosteady serve purge M@V": true, // TestPurge of internal/e2e/gateway
	"gosteady uninstall":       true,
}

//go:build unix

package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// A meeting brings about a message that docs/failures.md explains.
type meeting struct {
	message string // as the page has it; … is what differs
	code    int
	env     func(dir string) []string
}

var meetings = []meeting{
	{"gosteady: healed 3 fetch failures in 1.4s (…)", 0, func(string) []string { return nil }},
	{"gosteady: not healed: …", 1, func(string) []string {
		return []string{"GOPROXY=http://127.0.0.1:1", "GOSTEADY_RETRY_OFFLINE=0s", "GOSTEADY_NOTIFY=always"}
	}},
	{"gosteady: no go toolchain found in PATH after gosteady …", 127, func(dir string) []string {
		return []string{"PATH=" + dir}
	}},
	{"gosteady: GOSTEADY_GO names …, which cannot be run", 126, func(dir string) []string {
		return []string{"GOSTEADY_GO=" + filepath.Join(dir, "go.mod")}
	}},
	{"gosteady: … calls gosteady again and again", 126, func(dir string) []string {
		wrapper := filepath.Join(dir, "go")
		os.WriteFile(wrapper, []byte(fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\"\n", steadyGo())), 0o755)
		return []string{"GOSTEADY_GO=" + wrapper}
	}},
}

// TestMessagesInDocs meets each message that the page on troubles has, with the exit
// status that it says.
func TestMessagesInDocs(t *testing.T) {
	page := readPage(t, "docs/failures.md")
	shown := regexp.MustCompile("\\*\\*`(gosteady: [^`]*)`\\*\\*(?: \\(exit (\\d+)\\))?").FindAllStringSubmatch(page, -1)
	if len(shown) != len(meetings) {
		t.Errorf("the page has %d messages, and the table %d", len(shown), len(meetings))
	}
	for _, m := range shown {
		var found *meeting
		for i := range meetings {
			if meetings[i].message == m[1] {
				found = &meetings[i]
			}
		}
		if found == nil {
			t.Errorf("the page explains %q, which the table here has not", m[1])
			continue
		}
		if m[2] != "" && m[2] != fmt.Sprint(found.code) {
			t.Errorf("%q: the page says exit %s, the table %d", m[1], m[2], found.code)
		}
		found.meet(t)
	}
}

func (m *meeting) meet(t *testing.T) {
	t.Helper()
	p, dir := modtest.Flaky(t, "/example.com/m0/@v/v1.0.0.* each first=1 reset")
	env := append(modtest.Env(t, "GOPROXY="+p.URL()), m.env(dir)...)
	got := modtest.Run(t, dir, env, steadyGo(), "mod", "download")
	pattern := regexp.QuoteMeta(m.message)
	for _, differs := range []string{"…", "3", `1\.4`} {
		pattern = strings.ReplaceAll(pattern, differs, ".+")
	}
	if got.Code != m.code || !regexp.MustCompile(pattern).MatchString(got.Stderr) {
		t.Errorf("%s: exit status %d, want %d, and\n%s", m.message, got.Code, m.code, got.Stderr)
	}
}

var goCommand = regexp.MustCompile(`^(?:GO\w+=\S* )*go ([a-z]+)(?: ([a-z]+))?`)

// Each command of go's that the docs name is one that it has.
func TestGoCommandsInDocs(t *testing.T) {
	asked := map[string]bool{"steady": true}
	for _, page := range docPages(t) {
		for _, line := range shown(readPage(t, page)) {
			m := goCommand.FindStringSubmatch(line)
			if m == nil || asked[m[1]] {
				continue
			}
			words := []string{"help", m[1]}
			if m[1] == "mod" || m[1] == "work" {
				words = append(words, m[2])
			} else {
				asked[m[1]] = true
			}
			if got := modtest.Run(t, ".", modtest.Env(t), realGo(), words...); got.Code != 0 {
				t.Errorf("%s has %q: %s", page, line, got.Stderr)
			}
		}
	}
}

package goauth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/goenv"
)

// addCommand runs a command of the user's own. It gets the URL as its last
// argument and the answer's head on its standard input, where there are any.
func (s *Source) addCommand(ctx context.Context, command, url string, res *http.Response) error {
	// GOAUTH is quoted as GOFLAGS is.
	words, err := goenv.SplitFlags(command)
	if err != nil {
		return err
	}
	if url != "" {
		words = append(words, url)
	}
	cmd := s.command(ctx, words...)
	if res != nil {
		cmd.Stdin = strings.NewReader(responseHead(res))
	}
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	found, err := parseCommand(string(out))
	if err != nil {
		return err
	}
	for prefix, header := range found {
		s.store(prefix, header)
	}
	return nil
}

func (s *Source) command(ctx context.Context, words ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = s.Dir
	cmd.Env = s.unprompted()
	return cmd
}

// unprompted is the environment in which go runs such commands (modload.Init):
// git asks nobody for a password, unless the user has said that it shall.
func (s *Source) unprompted() []string {
	environ := slices.Clone(s.Environ)
	for _, quiet := range []string{"GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never"} {
		if name, _, _ := strings.Cut(quiet, "="); s.getenv(name) == "" {
			environ = append(environ, quiet)
		}
	}
	return environ
}

func responseHead(res *http.Response) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", res.Proto, res.Status)
	for name, values := range res.Header {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(values, ", "))
	}
	b.WriteString("\n")
	return b.String()
}

var errTruncated = errors.New("a block of URLs or headers does not end in an empty line")

// parseCommand reads blocks of URLs, an empty line, headers, an empty line.
func parseCommand(data string) (map[string]http.Header, error) {
	found := make(map[string]http.Header)
	for data != "" {
		urls, rest, ok := cutBlock(data)
		if !ok {
			return nil, errTruncated
		}
		lines, rest, ok := cutBlock(rest)
		if !ok {
			return nil, errTruncated
		}
		header, err := parseHeader(lines)
		if err != nil {
			return nil, err
		}
		block := make(map[string]http.Header)
		for _, line := range urls {
			u, err := url.ParseRequestURI(line)
			if err != nil {
				return nil, errors.New("a line of the first block is not a URL")
			}
			block[strings.TrimPrefix(u.String(), "https://")] = header.Clone()
		}
		maps.Copy(found, block)
		data = rest
	}
	return found, nil
}

// cutBlock returns the lines up to an empty one, and what follows that.
func cutBlock(data string) (lines []string, rest string, ok bool) {
	for {
		line, after, found := strings.Cut(data, "\n")
		if !found {
			return nil, "", false
		}
		if line == "" {
			return lines, after, true
		}
		lines = append(lines, line)
		data = after
	}
}

func parseHeader(lines []string) (http.Header, error) {
	header := make(http.Header)
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ": ")
		value = strings.TrimSpace(value)
		if !ok || !validName(name) || !validValue(value) {
			return nil, errors.New("a line of the second block is not a header")
		}
		header.Add(name, value)
	}
	return header, nil
}

// validName reports whether name is a token in the sense of RFC 9110.
func validName(name string) bool {
	for i := range len(name) {
		c := name[i]
		alnum := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !alnum && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return name != ""
}

func validValue(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool {
		return r < ' ' && r != '\t' || r == 0x7f
	})
}

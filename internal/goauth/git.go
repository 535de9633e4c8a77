package goauth

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// gitTries is how often the credentials that git offered are tried before
// git's helper is left without an answer; cmd/go's number.
const gitTries = 3

// addGit asks "git credential fill" for a URL. dir keeps a repository's own
// configuration out of it, see golang.org/issue/29230.
func (s *Source) addGit(ctx context.Context, dir, target string) error {
	cmd := s.command(ctx, "git", "credential", "fill")
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader("url=" + target + "\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return err
	}
	prefix, user, password := parseGit(string(out))
	if prefix == "" {
		return errors.New("git credential fill names no URL")
	}
	if !strings.HasPrefix(target, prefix) {
		return errors.New("git credential fill answered for another URL")
	}
	header := basic(user, password)
	if s.Client != nil {
		// The question may be answered before git is told: that must not cut it off.
		go s.confirmGit(context.WithoutCancel(ctx), prefix, header, out)
	}
	s.store(prefix, header)
	return nil
}

// parseGit reads the answer of "git credential fill". A broken url line is
// passed over: protocol, host and path may say the same.
func parseGit(data string) (prefix, user, password string) {
	u := new(url.URL)
	for line := range strings.SplitSeq(data, "\n") {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok {
			continue
		}
		switch key {
		case "protocol":
			u.Scheme = value
		case "host":
			u.Host = value
		case "path":
			u.Path = value
		case "username":
			user = value
		case "password":
			password = value
		case "url":
			if parsed, err := url.ParseRequestURI(value); err == nil {
				u = parsed
			}
		}
	}
	return u.String(), user, password
}

// confirmGit tells git's helper whether what it offered is right.
func (s *Source) confirmGit(ctx context.Context, prefix string, header http.Header, offered []byte) {
	for range gitTries {
		req, err := http.NewRequestWithContext(ctx, http.MethodHead, prefix, nil)
		if err != nil {
			return
		}
		req.Header = header.Clone()
		res, err := s.Client.Do(req)
		if err != nil {
			continue
		}
		res.Body.Close()
		switch res.StatusCode {
		case http.StatusOK:
			s.tellGit(ctx, "approve", offered)
			return
		case http.StatusUnauthorized:
			s.tellGit(ctx, "reject", offered)
			return
		}
	}
}

func (s *Source) tellGit(ctx context.Context, verdict string, offered []byte) {
	cmd := s.command(ctx, "git", "credential", verdict)
	cmd.Stdin = bytes.NewReader(offered)
	_ = cmd.Run() // as cmd/go: the helper's cache is a convenience
}

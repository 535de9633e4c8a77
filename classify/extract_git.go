package classify

import "strings"

// gitHost returns the host that git (or its kin) could not use.
func (s *statement) gitHost(at int) string {
	low := strings.ToLower(s.text) // as long as the text, since hosts are ASCII; else nothing is found
	if len(low) != len(s.text) {
		return ""
	}
	for _, sign := range []string{"could not resolve host: ", "could not resolve hostname ", "failed to connect to ", "unable to connect to ", "connect to host ", "connection closed by ", "repository '", "git@"} {
		if i := strings.Index(low, sign); i >= 0 && (sign != "git@" || i == 0 || !word(low[i-1])) {
			if h := hostWord(s.text[i+len(sign):]); h != "" {
				return h
			}
		}
	}
	for _, sign := range []string{"unable to access '", "username for '", "password for '", "failed for '", "origin -- ", "git ls-remote -q "} {
		if i := strings.Index(low, sign); i >= 0 {
			if a, ok := (&statement{text: firstWord(s.text[i+len(sign):])}).addressBefore(1 << 20); ok {
				return hostOf(a.url)
			}
		}
	}
	if a, ok := s.addressBefore(len(s.text)); ok {
		return hostOf(a.url)
	}
	if m, ok := s.moduleBefore(at); ok {
		host, _, _ := strings.Cut(m.path, "/")
		return host
	}
	return ""
}

// gitModule guesses the module from the repository that git was asked for.
func (s *statement) gitModule() (mod, bool) {
	a, ok := s.addressBefore(len(s.text))
	if !ok || !s.has(signVCS, len(s.text)) {
		return mod{}, false
	}
	path := a.url.Host + strings.TrimSuffix(strings.TrimSuffix(a.url.Path, "/"), ".git")
	if !pathLike(path) || !strings.Contains(path, "/") {
		return mod{}, false
	}
	return mod{path: path}, true
}

func firstWord(s string) string {
	if i := strings.IndexAny(s, " \t\n'"); i >= 0 {
		return s[:i]
	}
	return s
}

// hostWord reads a host name, with the port that follows as ":22" or " port 22".
func hostWord(s string) string {
	n := 0
	for n < len(s) && word(s[n]) && s[n] != '/' {
		n++
	}
	name := strings.TrimRight(s[:n], ".")
	if !strings.Contains(name, ".") {
		return ""
	}
	return name
}

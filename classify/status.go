package classify

import "strings"

// An answer is an HTTP status that go printed after an address.
type answer struct {
	code  int
	at    int // where the number stands
	where address
}

// status returns the innermost HTTP status of the statement, the server's own
// words apart: "reading URL: 404 Not Found", "unexpected status (URL): 404 …".
func (s *statement) status() (answer, bool) {
	end := s.bodyAt()
	for at := end; at > 0; {
		i := strings.LastIndex(s.text[:at], "://")
		if i < 0 {
			break
		}
		at = i
		stop := strings.IndexAny(s.text[i:end], " \n\"")
		if stop < 0 {
			continue
		}
		rest := strings.TrimLeft(s.text[i+stop:end], " \n")
		code, ok := statusCode(rest)
		if strings.HasSuffix(s.text[:i], " file") {
			code, ok = fileStatus(rest)
		}
		if last := s.text[i+stop-1]; !ok || last != ':' || !asked(s.text[:i]) || s.quoted(i) {
			continue
		}
		a, _ := s.addressBefore(i + 1)
		return answer{code, len(s.text[:end]) - len(rest), a}, true
	}
	return answer{}, false
}

// asked reports whether a scheme ends a text in which go asks for an address:
// "reading https", "unexpected status (https". Proxies and their tests log
// addresses and numbers, too.
func asked(before string) bool {
	before = strings.TrimRight(strings.TrimRight(before, "abcdefghijklmnopqrstuvwxyz"), " \n\"(")
	for _, word := range []string{"reading", "status", "get", "Get", "fetching"} {
		if strings.HasSuffix(before, word) {
			return true
		}
	}
	return before == ""
}

// fileStatus reads the words that stand for the status of a file:// address:
// those of HTTP, or since go1.20 those of the system.
func fileStatus(s string) (int, bool) {
	for _, word := range []string{"Not Found", "no such file or directory", "The system cannot find the "} {
		if strings.HasPrefix(s, word) {
			return 404, true
		}
	}
	for _, word := range []string{"Forbidden", "permission denied", "Access is denied"} {
		if strings.HasPrefix(s, word) {
			return 403, true
		}
	}
	return 0, false
}

// statusCode reads "404 Not Found".
func statusCode(s string) (int, bool) {
	if digits(s) != 3 || s[0] < '2' || s[0] > '5' || len(s) > 3 && s[3] != ' ' && s[3] != '\n' && s[3] != ')' && (s[3] < 'A' || s[3] > 'Z') {
		return 0, false
	}
	return int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0'), true
}

// bodyAt returns where the server's own words begin.
func (s *statement) bodyAt() int {
	if at := s.signs[signBody]; at > 0 {
		return at - 1
	}
	return len(s.text)
}

// answered says what an HTTP status means that go printed.
func (s *statement) answered(ans answer) reading {
	sumdb := s.has(signSumDB, ans.at)
	r := reading{Failure: statusFailure(ans.code, serverSays(s.text[s.bodyAt():]), sumdb)}
	s.toolchain(&r.Failure, ans.at)
	s.name(&r, ans.at)
	r.Evidence = s.evidence(ans.at)
	r.rank = s.rank(nil, r.Failure)
	return r
}

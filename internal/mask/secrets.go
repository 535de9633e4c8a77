package mask

import (
	"regexp"
	"strings"
	"sync"
)

// A pattern finds what may hold a credential, and says what stands in its place.
type pattern struct {
	needs   []string // it is looked for where one of these is, in lower case
	re      *regexp.Regexp
	replace string
	spare   func(value string) bool // of the last group: it is no credential; nil for never
}

// patterns are compiled on first use: most texts need none.
var patterns = sync.OnceValue(func() []pattern {
	return []pattern{
		{
			needs: []string{"?"}, // of a relative redirect
			re:    regexp.MustCompile(`(\?)([^\s"'?=]*=[^\s"']*|[A-Za-z0-9%_.~+/-]{20,})`), replace: "${1}" + Hidden,
			spare: func(query string) bool { return query == goGet },
		},
		{
			needs: []string{"invalid port"}, // of a password that net/url took for one
			re:    regexp.MustCompile(`(` + Hidden + `@[^"\n]*": invalid port )"[^"]*"`), replace: `${1}"` + Hidden + `"`,
		},
		{
			needs: []string{"auth", "cookie", "token", "key", "secret", "signature"},
			re:    regexp.MustCompile(`(?i)\b((?:proxy-)?authorization|(?:www|proxy)-authenticate|cookie2?|(?:x|private|job|deploy)-[a-z0-9-]*(?:auth|token|key|secret|signature)[a-z0-9-]*)(["']?\s*[:=]\s*["']?).+`), replace: "${1}${2}" + Hidden,
		},
		{
			needs: []string{"malformed mime header"}, // which net/textproto quotes
			re:    regexp.MustCompile(`(malformed MIME header[^:\n]*: ).+`), replace: "${1}" + Hidden,
		},
		{
			needs: []string{"header field value"},
			re:    regexp.MustCompile(`(invalid (?:HTTP )?header field value )"[^"]*"`), replace: `${1}"` + Hidden + `"`,
		},
		{
			needs: []string{"bearer", "basic"},
			re:    regexp.MustCompile(`(?i)\b((?:bearer|basic)\s+)([a-z0-9+/._~=-]{8,})`), replace: "${1}" + Hidden,
			spare: isWord,
		},
		{
			needs: []string{"token", "passw", "secret", "key", "credential"},
			re:    regexp.MustCompile(`(?i)([a-z0-9_-]*(?:token|passw(?:or)?d|secret|api[_-]?key|credential)[a-z0-9_-]*["']?\s*[=:]\s*["']?)[^\s"',;&]+`), replace: "${1}" + Hidden,
		},
		{
			needs: []string{"token", "password", "secret", "credential"},
			re:    regexp.MustCompile(`(?i)((?:^|\s)--?[a-z-]*(?:token|password|secret|credential)[a-z-]*\s+)[^\s-]\S*`), replace: "${1}" + Hidden,
		},
		{
			needs: []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "gl", "xox", "npm_", "akia", "asia"},
			re:    regexp.MustCompile(`\b(?:gh[pousr]_|github_pat_|gl[a-z]{2,5}-|xox[a-z]-|npm_|AKIA|ASIA)[A-Za-z0-9_-]{8,}`), replace: Hidden,
		},
		{
			needs: []string{"eyj"},
			re:    regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`), replace: Hidden,
		},
	}
})

// Secrets removes credentials from a text.
func Secrets(text string) string {
	text = bareUserinfo(addresses(text))
	lower := strings.ToLower(text)
	for _, p := range patterns() {
		if p.needed(lower) {
			text = p.apply(text)
		}
	}
	return text
}

func (p pattern) needed(lower string) bool {
	for _, word := range p.needs {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

func (p pattern) apply(text string) string {
	if p.spare == nil {
		return p.re.ReplaceAllString(text, p.replace)
	}
	return p.re.ReplaceAllStringFunc(text, func(found string) string {
		groups := p.re.FindStringSubmatch(found)
		value := strings.TrimRight(groups[len(groups)-1], ":,;.)") // what ends there stands after it
		if value == "" || p.spare(value) {
			return found
		}
		return p.re.ReplaceAllString(found, p.replace) + groups[len(groups)-1][len(value):]
	})
}

// isWord reports whether a value is a word of a sentence, as in "basic authentication".
func isWord(value string) bool {
	return strings.Trim(value, "abcdefghijklmnopqrstuvwxyz") == ""
}

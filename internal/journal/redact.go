package journal

import (
	"regexp"
	"strings"
	"sync"
)

// hidden stands for what must not be kept. It is what net/url prints for a
// password.
const hidden = "xxxxx"

// secrets are what may carry a credential in an error or an argument: the
// userinfo of a URL, its query (signed addresses of object stores), a header,
// and tokens whose makers gave them a recognisable form.
//
// Compiled on first use: most invocations record nothing.
var secrets = sync.OnceValue(func() []rewrite {
	return []rewrite{
		{regexp.MustCompile(`(://)[^/\s"']*@`), "${1}" + hidden + "@"},
		{regexp.MustCompile(`(://[^\s"'?]*\?)(?:[^g\s"']|g[^o\s"'])[^\s"']*`), "${1}" + hidden}, // but go-get=1
		{regexp.MustCompile(`(?i)\b((?:proxy-)?authorization|private-token|cookie)(["']?\s*[:=]\s*["']?).+`), "${1}${2}" + hidden},
		{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[a-z0-9+/._~=-]{8,}`), "${1} " + hidden},
		{regexp.MustCompile(`(?i)([a-z0-9_-]*(?:token|passw(?:or)?d|secret|api_?key|credential)[a-z0-9_-]*["']?\s*[=:]\s*["']?)[^\s"',;&]+`), "${1}" + hidden},
		{regexp.MustCompile(`\b(?:gh[pousr]_|github_pat_|gl[a-z]{2,5}-|xox[a-z]-|npm_|AKIA|ASIA)[A-Za-z0-9_-]{8,}`), hidden},
		{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`), hidden},
	}
})

type rewrite struct {
	re *regexp.Regexp
	to string
}

// Redact removes credentials from a text.
func Redact(text string) string {
	if text == "" {
		return ""
	}
	for _, r := range secrets() {
		text = r.re.ReplaceAllString(text, r.to)
	}
	return text
}

// clip bounds a text without cutting a character.
func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

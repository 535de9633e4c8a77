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

// shown are the flags whose values are kept: they say what was loaded, and
// cannot hold anything of the user's.
var shown = map[string]bool{
	"C": true, "mod": true, "modfile": true, "p": true, "tags": true, "o": true,
	"go": true, "compat": true, "reuse": true, "json": true, "x": true, "v": true,
	"run": true, "buildvcs": true, "buildmode": true,
}

// takesValue are the other flags that take the next argument if written
// without "=".
var takesValue = map[string]bool{
	"asmflags": true, "gccgoflags": true, "gcflags": true, "ldflags": true,
	"exec": true, "toolexec": true, "overlay": true, "pkgdir": true, "f": true, "vettool": true,
}

// redactArgs keeps what says which modules a command loads: its words, its
// packages, and the values of a few flags. The arguments of the user's own
// program are not kept at all.
func redactArgs(args []string) []string {
	kept := make([]string, 0, len(args))
	var sub string // the subcommand
	for i := 0; i < len(args); i++ {
		arg := args[i]
		name, _, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch isFlag := strings.HasPrefix(arg, "-"); {
		case isFlag && (name == "args" || arg == "--"):
			return elide(append(kept, arg), args[i+1:])
		case isFlag && hasValue && !shown[name]:
			kept = append(kept, arg[:strings.Index(arg, "=")+1]+hidden)
		case isFlag && takesValue[name]:
			kept = append(kept, arg, hidden)
			i++
		case isFlag && shown[name] && !hasValue && name == "C" && i+1 < len(args):
			kept = append(kept, arg, Redact(args[i+1]))
			i++
		case isFlag:
			kept = append(kept, Redact(arg))
		case sub == "":
			sub = arg
			kept = append(kept, arg)
		default:
			kept = append(kept, Redact(arg))
			if sub == "tool" || sub == "run" && !strings.HasSuffix(arg, ".go") {
				return elide(kept, args[i+1:])
			}
		}
	}
	return kept
}

// elide marks that arguments were left out.
func elide(kept, rest []string) []string {
	if len(rest) == 0 {
		return kept
	}
	return append(kept, "…")
}

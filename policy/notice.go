package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/wholefile"
)

// A Notice is one line for stderr: lower-case, beginning with "gosteady:",
// with what is wrong and what to type.
type Notice struct {
	Text string
	// Key is set where the line is said once a day only; see Due.
	Key string
}

// notices are the lines about what was not used. Errors are said each time,
// in one line for each file; what only lacks trust or a newer gosteady, once a
// day.
func (p *Policy) notices() []Notice {
	var out []Notice
	for _, f := range p.Files {
		if f.Skipped != "" {
			text := fmt.Sprintf(console.Prefix+"%s is not used: %s", mask.Quote(display(p.whereFrom.Dir, f.Path)), f.Skipped)
			out = append(out, p.daily(text))
		}
	}
	out = append(out, p.errorNotices()...)
	if len(p.Ignored) > 0 && p.Notify != NotifyNever {
		out = append(out, p.daily(p.ignoredLine()))
	}
	return out
}

func (p *Policy) errorNotices() []Notice {
	var out []Notice
	count := map[string]int{}
	for _, pr := range p.Problems {
		if !pr.Warning {
			count[pr.File]++
		}
	}
	said := map[string]bool{}
	for _, pr := range p.Problems {
		switch {
		case pr.Warning && pr.Key == "requires":
			out = append(out, p.daily(console.Prefix+pr.Error()))
		case pr.Warning || said[pr.File]:
		default:
			said[pr.File] = true
			out = append(out, Notice{Text: errorLine(pr, count[pr.File]-1)})
		}
	}
	return out
}

func errorLine(pr Problem, more int) string {
	rest := "; the file is not used"
	if pr.Layer == Environment {
		rest = "; it is not used"
	}
	if more > 0 {
		rest += fmt.Sprintf(" (%d more)", more)
	}
	return console.Prefix + pr.Error() + rest + ": see 'go steady policy check'"
}

// ignoredLine says what was ignored and how to trust all of it. The values have no
// sign that a shell would take for anything else, once quoted. Too many for a line are
// listed, and can be trusted at once, elsewhere.
func (p *Policy) ignoredLine() string {
	const most = 6
	file := p.Ignored[0].Origin.file()
	if n := len(p.Ignored); n > most {
		return fmt.Sprintf(console.Prefix+"%s asks for %d values that this machine does not trust, ignored; to see and trust them: go steady policy trust", file, n)
	}
	var values []string
	for _, i := range p.Ignored {
		values = append(values, i.Trust)
	}
	return fmt.Sprintf(console.Prefix+"%s asks for what this machine does not trust, ignored; to trust it: %s", file, TrustCommand(values))
}

func (o Origin) file() string {
	o.Line = 0
	return o.String()
}

// TrustCommand is what to type to trust values, safe to paste.
func TrustCommand(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = shellQuote(v)
	}
	return "go steady policy trust " + strings.Join(quoted, " ")
}

// shellQuote quotes an argument where its shell would read more than letters.
func shellQuote(s string) string {
	plain := func(c rune) bool {
		return c > 0x7f || !isAlnum(byte(c)) && !strings.ContainsRune("-._+/:=,@", c)
	}
	switch {
	case !strings.ContainsFunc(s, plain):
		return s
	case runtime.GOOS == "windows":
		return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// daily makes a line that is said once a day in one repository.
func (p *Policy) daily(text string) Notice {
	l := p.whereFrom
	root := l.Dir
	if l.WorkspaceRoot != "" {
		root = l.WorkspaceRoot
	} else if l.ModuleRoot != "" {
		root = l.ModuleRoot
	}
	sum := sha256.Sum256([]byte(root + "\x00" + text))
	return Notice{Text: text, Key: hex.EncodeToString(sum[:8])}
}

// Due reports whether the notice is to be said now: once a day for those with
// a key. What was said is remembered in a directory; without one ("") it is
// said each time. Two invocations at the same moment may both say it.
func (n Notice) Due(stateDir string, now time.Time) bool {
	if n.Key == "" || stateDir == "" {
		return true
	}
	file := filepath.Join(stateDir, "notices")
	line := now.UTC().Format(time.DateOnly) + " " + n.Key
	data, _ := os.ReadFile(file) // none yet: nothing was said
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if slices.Contains(lines, line) {
		return false
	}
	today := slices.DeleteFunc(lines, func(l string) bool { return !strings.HasPrefix(l, line[:len(time.DateOnly)]) })
	// Not written: it is said again, no harm.
	_ = wholefile.WriteString(file, strings.Join(append(today, line), "\n")+"\n")
	return true
}

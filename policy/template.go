package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/mask"
)

// A Template is what "policy init" is asked to write. The zero Template has
// everything as comments.
type Template struct {
	Proxies []string
	Private []string
	Rotate  bool
	WaitFor time.Duration
}

// Render returns the text of a policy file. Settings are looked at for what
// to suggest; nil for nothing.
func (t Template) Render(settings *goenv.Settings) (string, error) {
	var b strings.Builder
	b.WriteString("# yaml-language-server: $schema=" + SchemaURL + "\n")
	b.WriteString("# What gosteady may do when modules cannot be fetched: see 'gosteady help policy',\n")
	b.WriteString("# and 'go steady policy check' for mistakes. Without this file the defaults apply.\n")
	b.WriteString("version: 1\n")
	t.proxies(&b, settings)
	t.private(&b, settings)
	b.WriteString("\n# How often and how long a failed request is tried again.\n")
	b.WriteString("# retry: {attempts: 5, waits: [200ms, 1s, 4s, 10s], budget: 2m}\n")
	t.rules(&b)
	text := b.String()
	return text, checkText(text)
}

// checkText reports what is wrong with a text that flags went into.
func checkText(text string) error {
	r := &reader{layer: Repository, file: FileName}
	r.read([]byte(text))
	for _, p := range r.problems {
		if !p.Warning {
			return fmt.Errorf("%s: %s", p.Key, p.Text)
		}
	}
	return nil
}

func (t Template) proxies(b *strings.Builder, settings *goenv.Settings) {
	b.WriteString("\n# Further entries of GOPROXY, before a final direct or off.\n")
	if settings != nil && settings.Get("GOPROXY") != "" {
		words := strings.FieldsFunc(settings.Get("GOPROXY"), func(c rune) bool { return c < ' ' })
		for i := range words { // a credential must not end up in a committed file
			words[i] = mask.Proxies(words[i])
		}
		fmt.Fprintf(b, "# GOPROXY is now %s\n", strings.Join(words, " "))
	}
	if len(t.Proxies) > 0 {
		writeList(b, "", "proxies", t.Proxies)
		return
	}
	b.WriteString("# proxies: [https://goproxy.cn]\n")
}

func (t Template) private(b *strings.Builder, settings *goenv.Settings) {
	b.WriteString("\n# Private modules, added to GOPRIVATE where a machine trusts it.\n")
	if len(t.Private) > 0 {
		writeList(b, "", "private", t.Private)
		return
	}
	suggested := []string{"git.corp.example/*"}
	if settings != nil {
		var own []string
		for _, pattern := range strings.Split(settings.Get("GOPRIVATE"), ",") {
			if validPattern(pattern) {
				own = append(own, pattern)
			}
		}
		if len(own) > 0 {
			suggested = own
		}
	}
	writeList(b, "# ", "private", suggested)
}

// writeList quotes each item: a pattern may begin with a sign of YAML's.
func writeList(b *strings.Builder, prefix, key string, items []string) {
	fmt.Fprintf(b, "%s%s:\n", prefix, key)
	for _, it := range items {
		fmt.Fprintf(b, "%s  - %q\n", prefix, it)
	}
}

func (t Template) rules(b *strings.Builder) {
	b.WriteString("\n# What to do about a failure; the first rule that matches decides.\n")
	prefix := "# "
	if t.Rotate || t.WaitFor > 0 {
		prefix = ""
	}
	b.WriteString(prefix + "rules:\n")
	wait := t.WaitFor
	if wait == 0 && !t.Rotate {
		wait = 10 * time.Minute
	}
	if wait > 0 {
		fmt.Fprintf(b, "%s  - on: [gone, not-found] # our mirror lags behind a new tag\n%s    do: [retry]\n%s    wait-for: %s\n", prefix, prefix, prefix, shortDuration(wait))
	}
	if t.Rotate || t.WaitFor == 0 {
		fmt.Fprintf(b, "%s  - on: [transient, integrity] # an upstream is down: ask the next one\n%s    do: [retry, rotate]\n", prefix, prefix)
	}
}

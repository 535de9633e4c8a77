package policy

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/shlex"
	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/mask"
)

// allowed says in a few words what a key takes.
func (k *key) allowed() string {
	switch k.kind {
	case kindInt:
		return fmt.Sprintf("a whole number from %v to %v", k.min, k.max)
	case kindDuration:
		return "a duration such as " + strings.Trim(k.example, `"`)
	case kindOrOff:
		return "off, or a duration such as " + k.example
	case kindDurations:
		return "a list of durations such as " + k.example
	case kindWord:
		return oneOf(k.words)
	case kindSwitch:
		return "auto or off"
	case kindProxies, kindSumDBs:
		return "a list of https addresses such as " + k.example
	case kindPatterns:
		return "a list of module patterns such as " + k.example
	case kindCommand:
		return "a command line"
	case kindTrust:
		return "a list of " + trustForms
	case kindRequires:
		return "a version such as >=" + Release
	case kindVersion:
		return "1"
	case kindClasses:
		return "a list of classes and groups: " + strings.Join(ruleWords(), ", ")
	case kindActions:
		return "a list of " + oneOf(actionNames())
	case kindText:
		return "a text such as " + k.example
	case kindSize:
		return "a size such as " + k.example
	case kindGOPROXY:
		return "a list as GOPROXY has it, such as " + k.example
	case kindGlobs:
		return "a list of module patterns such as " + k.example
	case kindHosts:
		return "a list of host names such as " + k.example
	}
	return "a list of rules such as " + k.example
}

func (k *key) isList() bool {
	switch k.kind {
	case kindDurations, kindProxies, kindSumDBs, kindPatterns, kindTrust, kindClasses, kindActions, kindGlobs, kindHosts:
		return true
	}
	return false
}

// parse reads a key's value; what it reports is complete.
func (r *reader) parse(k *key, v value) (any, bool) {
	if v.list && !k.isList() {
		r.bad(v.pos, k.name, "takes one value; allowed: %s", k.allowed())
		return nil, false
	}
	if k.isList() {
		return r.parseList(k, v)
	}
	return r.parseOne(k, v.items[0])
}

func (r *reader) parseOne(k *key, it item) (any, bool) {
	switch k.kind {
	case kindInt:
		return r.parseInt(k, it)
	case kindDuration:
		return r.parseDuration(k, it)
	case kindOrOff:
		if it.text == "off" {
			return time.Duration(0), true
		}
		return r.parseDuration(k, it)
	case kindWord:
		return it.text, r.word(k, it, k.words)
	case kindSwitch:
		return it.text == "auto", r.word(k, it, []string{"auto", "off"})
	case kindCommand:
		return r.parseCommand(k, it)
	case kindVersion:
		if it.text != "1" {
			r.bad(it.pos, k.name, "%q is a format that this gosteady does not know; allowed: 1", it.text)
		}
		return it.text, it.text == "1"
	case kindText:
		return r.parseText(k, it)
	case kindSize:
		return r.parseSize(k, it)
	case kindGOPROXY:
		return r.parseGOPROXY(k, it)
	}
	return it.text, true // requires: read before all others
}

func (r *reader) word(k *key, it item, words []string) bool {
	if slices.Contains(words, it.text) {
		return true
	}
	r.unknown(it.pos, k.name, "%s", UnknownWord(it.text, words))
	return false
}

func (r *reader) parseInt(k *key, it item) (any, bool) {
	n, err := strconv.Atoi(it.text)
	if err != nil || n < k.min.(int) {
		r.bad(it.pos, k.name, "%q is not %s", it.text, k.allowed())
		return nil, false
	}
	if most := k.max.(int); n > most {
		r.warn(it.pos, k.name, "%d is above the ceiling; %d is used", n, most)
		n = most
	}
	return n, true
}

func (r *reader) parseDuration(k *key, it item) (time.Duration, bool) {
	d, err := time.ParseDuration(it.text)
	if least := k.min.(time.Duration); err == nil && d < least {
		r.bad(it.pos, k.name, "%q is too short; allowed: %s, at least %s", it.text, k.allowedItem(), shortDuration(least))
		return 0, false
	}
	if err != nil {
		hint := ""
		if _, err := strconv.Atoi(it.text); err == nil {
			hint = ": write the unit, as in " + it.text + "s"
		}
		r.bad(it.pos, k.name, "%q is not %s%s", it.text, k.allowedItem(), hint)
		return 0, false
	}
	return r.clamp(k, it, d), true
}

// clamp keeps a duration below the ceiling and, where a repository says it,
// above the floor.
func (r *reader) clamp(k *key, it item, d time.Duration) time.Duration {
	if most := k.max.(time.Duration); d > most {
		r.warn(it.pos, k.name, "%s is above the ceiling; %s is used", shortDuration(d), shortDuration(most))
		return most
	}
	if least, ok := k.floor.(time.Duration); ok && r.layer == Repository && d < least {
		r.warn(it.pos, k.name, "%s is below what a repository may set; %s is used", shortDuration(d), shortDuration(least))
		return least
	}
	return d
}

func (r *reader) parseCommand(k *key, it item) (any, bool) {
	argv, err := shlex.Split(it.text)
	if err != nil {
		r.bad(it.pos, k.name, "%q is not a command line: %v", it.text, err)
		return nil, false
	}
	if len(argv) == 0 {
		argv = nil
	}
	return argv, true
}

// allowedItem is what one item of a list may be.
func (k *key) allowedItem() string {
	if k.kind == kindDurations {
		return "a duration such as 5s"
	}
	return k.allowed()
}

func (r *reader) parseList(k *key, v value) (any, bool) {
	if len(v.items) == 0 && k.rule != nil {
		r.bad(v.pos, k.name, "is empty; allowed: %s", k.allowed())
		return nil, false
	}
	if k.kind == kindDurations {
		return r.durations(k, v)
	}
	if len(v.items) > maxItems {
		r.bad(v.pos, k.name, "has %d items; allowed: %d", len(v.items), maxItems)
		return nil, false
	}
	var out []string
	ok := true
	for i := range v.items {
		text, good := r.listItem(k, v.items[i])
		v.items[i].text = text
		out, ok = append(out, text), ok && good
	}
	if k.kind == kindActions {
		return toActions(out), ok
	}
	return out, ok
}

func (r *reader) listItem(k *key, it item) (string, bool) {
	switch k.kind {
	case kindProxies, kindSumDBs:
		text, err := r.address(it.text)
		if err != nil {
			r.bad(it.pos, k.name, "%q: %v", mask.Secrets(it.text), err)
		}
		return text, err == nil
	case kindPatterns, kindGlobs:
		if !validPattern(it.text) {
			r.bad(it.pos, k.name, "%q is not a module pattern; allowed: letters, digits and -._~+!/ with the signs * ? [ ] as in GOPRIVATE", it.text)
			return "", false
		}
		return strings.TrimSuffix(it.text, "/"), true
	case kindHosts:
		return r.parseHost(k, it)
	case kindTrust:
		text, err := ParseTrust(it.text)
		if err != nil {
			r.bad(it.pos, k.name, "%v", err)
		}
		return text, err == nil
	case kindClasses:
		return it.text, r.class(k, it)
	}
	return it.text, r.word(k, it, actionNames())
}

func (r *reader) class(k *key, it item) bool {
	switch classify.Class(it.text) {
	case classify.NotFetch, classify.Configuration:
		r.bad(it.pos, k.name, "%q is never acted on; no rule can name it", it.text)
		return false
	}
	return r.word(k, it, ruleWords())
}

// ruleWords are the classes and groups that a rule can name.
func ruleWords() []string {
	return slices.DeleteFunc(slices.Clone(classify.Words()), func(w string) bool {
		return w == string(classify.NotFetch) || w == string(classify.Configuration)
	})
}

func toActions(words []string) []Action {
	out := make([]Action, len(words))
	for i, w := range words {
		out[i] = Action(w)
	}
	return out
}

func (r *reader) durations(k *key, v value) (any, bool) {
	const most = 9 // one less than the ceiling of attempts
	if len(v.items) == 0 || len(v.items) > most {
		r.bad(v.pos, k.name, "has %d items; allowed: 1 to %d durations such as %s", len(v.items), most, k.example)
		return nil, false
	}
	out, ok := make([]time.Duration, len(v.items)), true
	for i, it := range v.items {
		d, good := r.parseDuration(k, it)
		out[i], ok = d, ok && good
	}
	return out, ok
}

// validPattern accepts what can be part of a module path, and the glob signs:
// nothing that a shell, a terminal or a GOPRIVATE list would read otherwise.
func validPattern(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("-._~+!/*?[]^", c) && (c > 'z' || !isAlnum(byte(c))) {
			return false
		}
	}
	_, err := path.Match(s, "")
	return s != "" && !strings.ContainsRune("-!/", rune(s[0])) && !strings.Contains(s, "//") && err == nil
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// shortDuration writes 10m for 10m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

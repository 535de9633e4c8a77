package policy

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzRead: whatever a repository's file is, reading it ends, is the same
// twice, and what it yields keeps the promises that the rest relies on.
func FuzzRead(f *testing.F) {
	archive, err := txtar.ParseFile(goldenErrors)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		if strings.HasSuffix(file.Name, ".yaml") {
			f.Add(file.Data)
		}
	}
	f.Add([]byte("version: 1\nproxies: [https://goproxy.cn]\nrules:\n  - on: [gone]\n    modules: [a.example/*]\n    do: [retry]\n    wait-for: 10m\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		read := func() *reader {
			r := &reader{layer: Repository, file: FileName}
			r.read(data)
			return r
		}
		r := read()
		if again := read(); !reflect.DeepEqual(r.problems, again.problems) || len(r.settings) != len(again.settings) {
			t.Error("reading twice gives two results")
		}
		for _, p := range r.problems {
			checkMessage(t, p)
		}
		for _, s := range r.settings {
			checkSetting(t, s)
		}
		for _, rule := range r.rules {
			checkRoundTrip(t, rule)
		}
	})
}

func checkMessage(t *testing.T, p Problem) {
	text := p.Error()
	if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f || 0x80 <= c && c < 0xa0 }) {
		t.Errorf("control characters in a message: %q", text)
	}
	if p.Line < 1 || p.Column < 1 {
		t.Errorf("no position: %q", text)
	}
}

func checkSetting(t *testing.T, s setting) {
	if s.key.trust == Never {
		t.Errorf("a repository set %s", s.key.name)
	}
	switch v := s.val.(type) {
	case time.Duration:
		if v > s.key.max.(time.Duration) || v < s.key.min.(time.Duration) && s.key.kind != kindOrOff {
			t.Errorf("%s is %v", s.key.name, v)
		}
	case int:
		if v > s.key.max.(int) || v < s.key.min.(int) {
			t.Errorf("%s is %v", s.key.name, v)
		}
	}
	for _, it := range s.items {
		switch s.key.kind {
		case kindProxies, kindSumDBs:
			if again, err := strangersAddress(it.text); err != nil || again != it.text {
				t.Errorf("%s: %q is read again as %q, %v", s.key.name, it.text, again, err)
			}
		case kindPatterns:
			if !validPattern(it.text) {
				t.Errorf("%s: %q", s.key.name, it.text)
			}
		}
	}
}

// checkRoundTrip writes a rule as a file has it and reads it again.
func checkRoundTrip(t *testing.T, rule Rule) {
	text := "rules:\n  - " + rule.String() + "\n"
	if strings.ContainsAny(strings.Join(rule.Modules, ""), "*[]!?") {
		return // shown without the quotes that YAML may need
	}
	again := &reader{layer: Repository, file: FileName}
	if again.read([]byte(text)); len(again.rules) != 1 || again.rules[0].String() != rule.String() {
		t.Errorf("%s becomes %v, %v", text, again.rules, again.problems)
	}
}

// FuzzParseTrust: what is accepted has one spelling, and is safe to paste.
func FuzzParseTrust(f *testing.F) {
	for _, seed := range []string{"rotate", "proxy=https://a.example/x/", "private=*.a.example/[ab]?", "sumdb=https://A.example:443", "proxy=https://a.example/%27;x", "private=/", "private=a//", "proxy=https://a.example/&x", "proxy=https://a.example/^"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := ParseTrust(text)
		if err != nil {
			return
		}
		if again, err := ParseTrust(value); err != nil || again != value {
			t.Errorf("%q is read again as %q, %v", value, again, err)
		}
		if strings.ContainsAny(value, "'\"`$\\ \n;&|<>()") {
			t.Errorf("%q is not safe to paste", value)
		}
	})
}

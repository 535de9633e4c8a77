package classify

import (
	"reflect"
	"testing"
)

func TestCacheHints(t *testing.T) {
	for text, want := range map[string]Hints{
		"": {},
		"main.go:3:8: no required module provides package example.com/a/b; to add it:\n":       {Packages: []string{"example.com/a/b"}, Source: true},
		"doc: no such package: example.com/a/b\n":                                              {Packages: []string{"example.com/a/b"}, Source: true},
		"cannot find module providing package example.com/a/b: x\n":                            {Packages: []string{"example.com/a/b"}, Source: true},
		"x.go:1:2: package fmtx is not in std\n":                                               {Source: true},
		"x.go:7:9: undefined: dep.Name\n":                                                      {Undefined: []string{"dep"}, Source: true},
		"go: no such tool \"compile\"\n":                                                       {Tools: []string{"compile"}},
		"said: go: no such tool \"compile\"\n":                                                 {},
		"go: example.com/a@v1.0.0: invalid version: unknown revision v1.0.0\n":                 {Revisions: []string{"go: example.com/a@v1.0.0: invalid version: unknown revision v1.0.0\n"}},
		"main.go:3:8: zip: not a valid zip file\n":                                             {Zip: true},
		"go: unexpected EOF\r\n":                                                               {Zip: true},
		"x.go:9:1: syntax error: unexpected EOF\n":                                             {Source: true},
		"go: example.com/a imports\n\texample.com/b: no Go files in /m/example.com/b@v1.0.0\n": {Source: true},
		"go: m@v1: verifying go.mod: x: malformed record data\n":                               {SumDB: true},
	} {
		if got := CacheHints(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestHintsAtCache(t *testing.T) {
	for line, want := range map[string]bool{
		"-> unzip /x.zip: truncated\n":                                  true,
		"git -C /m/cache/vcs/ab fetch: exit status 128\n":               true,
		"go: no such tool \"compile\"\n":                                true,
		"x.go:3:8: no required module provides package example.com/a\n": true,
		"doc: no such package: example.com/a/b\n":                       true,
		"go: example.com/a imports\n":                                   true,
		"go: example.com/a tested by\n":                                 true,
		"example.com/a imports\n":                                       false,
		"# example.com/a: cannot find package\n":                        false,
		"go: downloading example.com/a v1.0.0\n":                        false,
		"\n":                                                            false,
		"":                                                              false,
	} {
		if got := HintsAtCache([]byte(line)); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

func TestInExtracted(t *testing.T) {
	for line, want := range map[string]bool{
		"/m/text@v0.30.0/language/tags.go:7:1: x\n": true,
		"found packages in /m/text@v0.30.0\n":       true,
		"go: downloading text@v0.30.0 now\n":        false,
		"text@vendor/x\n":                           false,
		"":                                          false,
	} {
		if got := InExtracted([]byte(line)); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

func TestProgress(t *testing.T) {
	for line, want := range map[string][2]bool{
		"go: downloading example.com/a v1.0.0\n":                               {true, false},
		"go: extracting example.com/a v1.0.0\n":                                {true, false},
		"go: downloading example.com/a":                                        {false, false},
		"go: module ./b1 requires go >= 1.22.0; switching to go1.22.9\n":       {false, true},
		"go: module ./b1 requires go >= 1.22.0; switching to go1.22.9":         {false, false},
		"go: module ./b1 requires go >= 1.22.0 (running go 1.21.0)\n":          {false, false},
		"go: updating go.mod requires go >= 1.99.1; switching to go1.99.1\r\n": {false, true},
		"": {false, false},
	} {
		if got := [2]bool{IsProgress([]byte(line)), IsSwitching([]byte(line))}; got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

package goenv

import (
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSplitFlags(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
		err  string
	}{
		{"", nil, ""},
		{" \t\n\r", nil, ""},
		{"-mod=mod -x", []string{"-mod=mod", "-x"}, ""},
		{`'-ldflags=-s -w' -v`, []string{"-ldflags=-s -w", "-v"}, ""},
		{`"-tags=a b"-x`, []string{"-tags=a b", "-x"}, ""},
		{`-tags='a b'`, []string{"-tags='a", "b'"}, ""},
		{`-x\ y`, []string{`-x\`, "y"}, ""},
		{`"it's"`, []string{"it's"}, ""},
		{"''", []string{""}, ""},
		{"-a\u00a0b\v-c", []string{"-a\u00a0b\v-c"}, ""},
		{`'-x`, nil, "unterminated ' string"},
		{`-x "`, nil, `unterminated " string`},
	} {
		got, err := SplitFlags(tt.in)
		if msg := message(err); msg != tt.err || !reflect.DeepEqual(got, tt.want) && err == nil {
			t.Errorf("SplitFlags(%q) = %q, %q; want %q, %q", tt.in, got, msg, tt.want, tt.err)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestSplitFlagsAgainstGo lets the real go name the first element of a list,
// which it does if that is no flag, or the error in it.
func TestSplitFlagsAgainstGo(t *testing.T) {
	goCmd, _ := goCommand(t)
	home := t.TempDir()
	base := []string{"HOME=" + home, "GOENV=off", "GOTOOLCHAIN=local", "PATH=" + os.Getenv("PATH")}
	quiet(t, base, home)
	for _, flags := range []string{
		"word", "'two words' -x", `"it's one" 'x`, `"closed" 'open'`, "\t tab", "a\u00a0b", "''", `"" -x`, `a"b c"`, `'x`, `\"x y`,
	} {
		cmd := exec.Command(goCmd, "list")
		cmd.Env, cmd.Dir = append(base, "GOFLAGS="+flags), home
		out, _ := cmd.CombinedOutput()
		got, err := SplitFlags(flags)
		want := "go: parsing $GOFLAGS: "
		if err != nil {
			want += err.Error()
		} else {
			want += "non-flag " + strconv.Quote(got[0])
		}
		if strings.TrimSpace(string(out)) != want {
			t.Errorf("%q: expected %s, go says %s", flags, want, out)
		}
	}
}

// FuzzSplitFlags: elements that were quoted as "go help environment" describes
// it come back as they were.
func FuzzSplitFlags(f *testing.F) {
	f.Add("-mod=mod", "-ldflags=-s -w", "it's")
	f.Add("", "\"", "'")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		var quoted []string
		for _, s := range []string{a, b, c} {
			q, ok := quoteFlag(s)
			if !ok {
				return
			}
			quoted = append(quoted, q)
		}
		got, err := SplitFlags(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(got, []string{a, b, c}) {
			t.Errorf("%q = %q, %v; want %q", quoted, got, err, []string{a, b, c})
		}
	})
}

// quoteFlag quotes one element; none can hold both kinds of quotes.
func quoteFlag(s string) (string, bool) {
	switch {
	case !strings.Contains(s, `"`):
		return `"` + s + `"`, true
	case !strings.Contains(s, "'"):
		return "'" + s + "'", true
	}
	return "", false
}

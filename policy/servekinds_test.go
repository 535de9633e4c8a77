package policy

import (
	"strings"
	"testing"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "1": 1, "20G": 20 << 30, "20g": 20 << 30, "3KiB": 3 << 10, "5MB": 5 << 20, "1T": 1 << 40} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "G", "-1", "1.5G", "1E", "9999999999G", "20 G", "B", "i"} {
		if got, err := ParseSize(bad); err == nil {
			t.Errorf("%q: %d", bad, got)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	f.Add("20G")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseSize(text)
		if err != nil {
			return
		}
		if again, err := ParseSize(formatSize(n)); err != nil || again != n {
			t.Fatalf("%q is %d, written %s, read %d, %v", text, n, formatSize(n), again, err)
		}
	})
}

func TestServeProblems(t *testing.T) {
	for value, want := range map[string]string{
		"serve.upstreams: nonsense":         "unknown key",
		"serve: {upstreams: 'ftp://x'}":     "scheme",
		"serve: {hosts: 'a:80'}":            "not a host name",
		"serve: {hosts: ['a/b']}":           "not a host name",
		"serve: {max-size: lots}":           "not a size",
		"serve: {listen: ''}":               "not a text",
		"serve: {lisen: 'x'}":               "did you mean listen?",
		"serve: {insecure: perhaps}":        "allowed: off or on",
		"serve: {store-unverified: ['/x']}": "not a module pattern",
	} {
		m := newMachine(t, "")
		m.write("user/policy.yaml", value+"\n")
		p, _ := m.load()
		if len(p.Problems) != 1 || !strings.Contains(p.Problems[0].Text, want) {
			t.Errorf("%s: %v, want %s", value, problems(p), want)
		}
	}
}

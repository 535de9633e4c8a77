package shim

import "testing"

func TestWithDirect(t *testing.T) {
	for _, test := range []struct {
		list, separator, want string
		changes               bool
	}{
		{"https://a", ",", "https://a,direct", true},
		{"https://a", "|", "https://a|direct", true},
		{"https://a,https://b", "|", "https://a,https://b|direct", true},
		{"https://a,direct", "|", "https://a|direct", true},
		{"https://a,direct", ",", "https://a,direct", false},
		{"https://a|direct", "|", "https://a|direct", false},
		{"https://direct.offices.example", "|", "https://direct.offices.example|direct", true},
		{"https://a,off", "|", "https://a,off", false},
		{"direct", "|", "direct", false},
		{"", ",", "", false},
	} {
		got, changes := withDirect(test.list, test.separator)
		if got != test.want || changes != test.changes {
			t.Errorf("withDirect(%q, %q) = %q, %v", test.list, test.separator, got, changes)
		}
	}
}

// Without a relay nothing is known, and then what is damaged is set aside.
func TestOnlineWithoutRelay(t *testing.T) {
	if !new(session).online() {
		t.Error("offline without a reason")
	}
}

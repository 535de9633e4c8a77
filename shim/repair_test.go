package shim

import "testing"

// Without a relay nothing is known, and then what is damaged is set aside.
func TestOnlineWithoutRelay(t *testing.T) {
	if !new(session).online() {
		t.Error("offline without a reason")
	}
}

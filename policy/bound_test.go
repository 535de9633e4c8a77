package policy

import (
	"testing"
	"time"
)

func TestBoundSpend(t *testing.T) {
	at := func(n int) time.Time { return time.Unix(1700000000, 0).Add(time.Duration(n) * time.Second) }
	var none *Bound
	if !none.Spend(at(0), at(1000)) {
		t.Error("a command without a repository's file is bounded")
	}
	b := newBound(nil)
	for _, tt := range []struct {
		begin, end int
		want       bool
	}{
		{0, 40, true},
		{10, 40, true},  // side by side
		{30, 50, true},  // ten seconds more
		{50, 61, false}, // too much, and not accounted for
		{60, 70, true},
		{70, 70, true}, // what costs nothing
		{70, 71, false},
	} {
		if got := b.Spend(at(tt.begin), at(tt.end)); got != tt.want {
			t.Errorf("from %d to %d: %v, want %v", tt.begin, tt.end, got, tt.want)
		}
	}
}

// TestBoundWaits: single values of a repository's file are at most a minute beyond what
// they would be without it.
func TestBoundWaits(t *testing.T) {
	m := newMachine(t, "retry: {budget: 10m, offline: 1m}\ntimeouts: {first-byte: 30m, stall: 5m}\n")
	p, bound := loadBounded(m)
	if p.Retry.Budget != 3*time.Minute || p.Timeouts.FirstByte != 11*time.Minute || p.Timeouts.Stall != 90*time.Second || p.Retry.Offline != time.Minute {
		t.Errorf("retry %+v, timeouts %+v", p.Retry, p.Timeouts)
	}
	if bound == nil {
		t.Error("there is no bound")
	}
	m = newMachine(t, "")
	m.write("user/policy.yaml", "retry: {budget: 10m}\n")
	if p, bound := loadBounded(m); p.Retry.Budget != 10*time.Minute || bound != nil {
		t.Errorf("a user's own budget is %v", p.Retry.Budget)
	}
	m = newMachine(t, "retry: {budget: 10m}\n")
	m.env["GOSTEADY_RETRY_BUDGET"] = "9m"
	if p, _ := loadBounded(m); p.Retry.Budget != 9*time.Minute {
		t.Errorf("a variable's budget is %v", p.Retry.Budget)
	}
}

func loadBounded(m *machine) (*Policy, *Bound) {
	p, _ := m.load()
	return p.Bounded()
}

package shim

import (
	"maps"
	"testing"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/policy"
)

func allowed(actions ...policy.Action) policy.Decision { return policy.Decision{Actions: actions} }

func TestDecide(t *testing.T) {
	retry := policy.Retry{Attempts: 3, Waits: []time.Duration{time.Second, 4 * time.Second}, Budget: 10 * time.Second}
	git := classify.Failure{Class: classify.VCSNetwork, Transient: true}
	away := finding{Failure: classify.Failure{Class: classify.Connect, Transient: true}, witness: cacheLacks, decision: allowed(policy.ActRetry)}
	gone := classify.Failure{Class: classify.Gone}
	database := classify.Failure{Class: classify.SumDBUnreachable, Module: "m", Transient: true}
	corrupt := classify.Failure{Class: classify.CacheCorrupt}
	mismatch := classify.Failure{Class: classify.Checksum}
	purge := finding{Failure: corrupt, decision: allowed(policy.ActPurge, policy.ActRetry)}
	suspects := modcache.Suspects{Versions: []module.Version{{Path: "m", Version: "v1.0.0"}}}
	clone := modcache.Suspects{Clones: []string{"clone"}}
	tests := []struct {
		name    string
		past    []step // each of them led to another run that failed
		patient time.Duration
		ev      evidence
		vain    []step // what was tried after the last run
		want    action
		wait    time.Duration
	}{
		{name: "nothing met"},
		{name: "first wait", ev: evidence{met: []finding{{Failure: git, witness: gitRan, decision: allowed(policy.ActRetry)}}}, want: actWait, wait: time.Second},
		{name: "second wait", past: waited(1, time.Second), ev: evidence{met: []finding{{Failure: git, witness: gitRan, decision: allowed(policy.ActRetry)}}}, want: actWait, wait: 4 * time.Second},
		{name: "attempts are used up", past: waited(2, 0), ev: evidence{met: []finding{{Failure: git, witness: gitRan, decision: allowed(policy.ActRetry)}}}},
		{name: "budget is used up", past: waited(1, 10*time.Second), ev: evidence{met: []finding{{Failure: git, witness: gitRan, decision: allowed(policy.ActRetry)}}}},
		{name: "unreachable", past: waited(1, time.Second), ev: evidence{met: []finding{away}}, want: actWait, wait: 4 * time.Second},
		{name: "not even a loopback", ev: evidence{noLoopback: true, met: []finding{away}}},
		{name: "not transient", ev: evidence{met: []finding{{Failure: gone, witness: relayMet, decision: allowed(policy.ActRetry)}}}},
		{name: "the relay has done it", ev: evidence{met: []finding{{Failure: git, witness: relayMet, relayed: true, decision: allowed(policy.ActRetry)}}}},
		{name: "the rule says fail", ev: evidence{met: []finding{{Failure: git, witness: gitRan, decision: allowed(policy.ActFail, policy.ActRetry)}}}},
		{name: "the rule's own attempts", past: waited(3, 0), ev: evidence{met: []finding{{Failure: git, witness: gitRan, decision: policy.Decision{
			Actions: []policy.Action{policy.ActRetry}, Retry: &policy.Retry{Attempts: 5, Budget: time.Minute}}}}}, want: actWait},
		{name: "a rule's wait-for, beyond attempts and budget", patient: time.Minute, past: waited(9, time.Hour), ev: evidence{met: []finding{{Failure: git, witness: gitRan, decision: policy.Decision{
			Actions: []policy.Action{policy.ActRetry}, WaitFor: 2 * time.Minute}}}}, want: actWait, wait: 15 * time.Second},
		{name: "the end of a rule's wait-for", patient: 119 * time.Second, ev: evidence{met: []finding{{Failure: classify.Failure{Class: classify.NotFound}, witness: gitRan, decision: policy.Decision{
			Actions: []policy.Action{policy.ActRetry}, WaitFor: 2 * time.Minute}}}}, want: actWait, wait: time.Second},
		{name: "after a rule's wait-for", patient: 2 * time.Minute, ev: evidence{met: []finding{{Failure: git, witness: gitRan, decision: policy.Decision{
			Actions: []policy.Action{policy.ActRetry}, WaitFor: 2 * time.Minute}}}}},
		{name: "nothing to verify", ev: evidence{met: []finding{{Failure: corrupt, decision: allowed(policy.ActPurge)}}}},
		{name: "a suspect", ev: evidence{suspects: suspects, met: []finding{purge}}, want: actRepair},
		{name: "a suspect in a compile error", ev: evidence{suspects: suspects}, want: actRepair},
		{name: "repaired twice", past: tried(actRepair, 2), ev: evidence{suspects: suspects, met: []finding{purge}}},
		{name: "a rule that only fails keeps the cache", ev: evidence{suspects: suspects, met: []finding{{Failure: corrupt, decision: allowed(policy.ActFail)}}}},
		{name: "a revision that a damaged clone hides", ev: evidence{suspects: clone, met: []finding{{Failure: classify.Failure{Class: classify.NotFound}, decision: allowed(policy.ActRetry)}}}, want: actRepair},
		{name: "a revision that a proxy does not know", ev: evidence{suspects: suspects, met: []finding{{Failure: classify.Failure{Class: classify.NotFound}, decision: allowed(policy.ActRetry)}}}},
		{name: "a checksum that came through the relay", ev: evidence{relay: true, met: []finding{{Failure: mismatch, witness: relayMet, relayed: true, decision: allowed(policy.ActRetry)}}}, want: actRecheck},
		{name: "verified in full, and still wrong", past: tried(actRecheck, 1), ev: evidence{relay: true, met: []finding{{Failure: mismatch, witness: relayMet, relayed: true, decision: allowed(policy.ActRetry)}}}},
		{name: "verified in full already, and large", ev: evidence{relay: true, met: []finding{{Failure: mismatch, witness: relayMet, relayed: true, costly: true, decision: allowed(policy.ActRetry)}}}},
		{name: "a checksum of nothing that came through the relay", ev: evidence{relay: true, met: []finding{{Failure: mismatch, witness: cacheLacks, decision: allowed(policy.ActRetry)}}}},
		{name: "nothing but a text", ev: evidence{relay: true, met: []finding{{Failure: git, decision: allowed(policy.ActRetry, policy.ActDirect, policy.ActVendor, policy.ActPurgeAll)}}}},
		{name: "no words for what go did not accept", ev: evidence{relay: true, rejected: &mismatch}, want: actRecheck},
		{name: "what go did not accept, once", past: tried(actRecheck, 1), ev: evidence{relay: true, rejected: &mismatch}},
		{name: "what was lacking has come", ev: evidence{relay: true, came: true, met: []finding{{Failure: gone, relayed: true}}}, want: actTake},
		{name: "what was lacking has come, once", past: tried(actTake, 1), ev: evidence{relay: true, came: true, met: []finding{{Failure: gone, relayed: true}}}},
		{name: "a checksum of a direct fetch", ev: evidence{met: []finding{{Failure: mismatch, decision: allowed(policy.ActRetry)}}}},
		{name: "given up early", ev: evidence{relay: true, gaveUpEarly: true, met: []finding{{Failure: gone, relayed: true}}}, want: actWaitLonger},
		{name: "given up early, once", past: tried(actWaitLonger, 1), ev: evidence{relay: true, gaveUpEarly: true, met: []finding{{Failure: gone, relayed: true}}}},
		{name: "given up early, and another error", ev: evidence{relay: true, gaveUpEarly: true}},
		{name: "the database is out of reach, and a proxy denied it", ev: evidence{denied: true, met: []finding{{Failure: database, witness: cacheLacks, decision: allowed(policy.ActRetry)}}}, want: actCarry},
		{name: "the same, once", past: tried(actCarry, 1), ev: evidence{denied: true, met: []finding{{Failure: database, witness: cacheLacks, decision: allowed(policy.ActRetry)}}}, want: actWait, wait: time.Second},
		{name: "the same, and a policy says fail", ev: evidence{denied: true, met: []finding{{Failure: database, witness: cacheLacks, decision: allowed(policy.ActFail)}}}},
		{name: "direct", ev: evidence{met: []finding{{Failure: gone, witness: relayMet, decision: allowed(policy.ActRetry, policy.ActDirect)}}}, want: actDirect},
		{name: "direct once", past: tried(actDirect, 1), ev: evidence{met: []finding{{Failure: gone, witness: relayMet, decision: allowed(policy.ActDirect, policy.ActVendor)}}}, want: actVendor},
		{name: "direct and vendor once each", ev: evidence{met: []finding{{Failure: gone, witness: relayMet, decision: allowed(policy.ActDirect, policy.ActVendor)}}}, past: append(tried(actDirect, 1), tried(actVendor, 1)...)},
		{name: "a repair in vain", ev: evidence{suspects: suspects, met: []finding{purge}}, vain: []step{{action: actRepair}}},
		{name: "a repair in vain, and a wait", vain: []step{{action: actRepair}}, ev: evidence{suspects: suspects, met: []finding{{Failure: git, witness: gitRan, decision: allowed(policy.ActPurge, policy.ActRetry)}}}, want: actWait, wait: time.Second},
		{name: "purge-all once", past: tried(actPurgeAll, 1), ev: evidence{met: []finding{{Failure: corrupt, witness: fileWrong, decision: allowed(policy.ActPurgeAll)}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.ev.goproxy, tt.ev.vendored = "https://p.test", true
			got := decide(after(tt.past, outcome{evidence: tt.ev, steps: tt.vain, ended: start.Add(tt.patient)}), retry)
			if got.action != tt.want || got.wait != tt.wait {
				t.Errorf("decide = %s after %v, want %s after %v", got.action, got.wait, tt.want, tt.wait)
			}
		})
	}
}

var start = time.Unix(1700000000, 0)

// after is the history of a command that failed at first, after each of some steps, and now.
func after(past []step, last outcome) history {
	h := history{{ended: start}}
	for _, st := range past {
		h = append(h, outcome{ended: start, steps: []step{st}})
	}
	return append(h, last)
}

// tried is an action n times.
func tried(a action, n int) (all []step) {
	for range n {
		all = append(all, step{action: a, done: true})
	}
	return all
}

// waited is n waits that took so long together.
func waited(n int, sum time.Duration) []step {
	all := tried(actWait, n)
	all[0].wait = sum
	return all
}

// TestBounds: whatever fails, and however often, each reason to run a command again has
// its bound.
func TestBounds(t *testing.T) {
	all := evidence{
		relay: true, came: true, gaveUpEarly: true, denied: true, goproxy: "https://p.test", vendored: true,
		suspects: modcache.Suspects{Clones: []string{"clone"}},
		rejected: &classify.Failure{Class: classify.BadContent},
	}
	for class, words := range witnesses {
		f := classify.Failure{Class: class, Transient: true, Module: "m"}
		all.met = append(all.met, finding{Failure: f, witness: words, decision: allowed(policy.ActPurge, policy.ActRetry, policy.ActDirect, policy.ActVendor, policy.ActPurgeAll)})
	}
	want := map[action]int{
		actRepair: 2, actRecheck: 1, actTake: 1, actWaitLonger: 1, actCarry: 1, actWait: 4, actDirect: 1, actVendor: 1, actPurgeAll: 1,
	}
	for _, helps := range []bool{true, false} { // until the next failure, or not at all
		h, got := history{{evidence: all}}, make(map[action]int)
		for range 100 {
			st := decide(h, policy.Retry{Attempts: 5, Budget: time.Hour})
			if st.action == actNone {
				break
			}
			got[st.action]++
			st.done = helps || st.action != actRepair
			if h.last().steps = append(h.last().steps, st); st.done {
				h = append(h, outcome{run: st.next, evidence: all})
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("repairs help: %t: %v, want %v", helps, got, want)
		}
		last := h.last().run
		if !last.verify || !last.patient || last.env.direct == "" || !last.env.vendor {
			t.Errorf("the last run is %+v", last)
		}
	}
}

// TestDirectAfter: the origin is asked behind a separator that gets around nobody's
// refusal.
func TestDirectAfter(t *testing.T) {
	for _, tt := range []struct {
		goproxy string
		class   classify.Class
		refused bool
		want    proxylist.Separator
		ok      bool
	}{
		{"https://p.test", classify.ServerError, false, proxylist.OnError, true},
		{"https://p.test", classify.ServerError, true, proxylist.OnMissing, true},
		{"https://p.test", classify.NotFound, false, proxylist.OnMissing, true},
		{"https://p.test,direct", classify.NotFound, false, proxylist.OnMissing, false},
		{"direct", classify.ServerError, false, proxylist.OnError, false},
	} {
		ev := evidence{goproxy: tt.goproxy, refused: tt.refused}
		if got, ok := ev.directAfter(classify.Failure{Class: tt.class}); got != tt.want || ok != tt.ok {
			t.Errorf("%+v: %q, %t", tt, got, ok)
		}
	}
}

// TestDecideExtra: what of a wait is for the repository's policy alone.
func TestDecideExtra(t *testing.T) {
	usual := policy.Retry{Attempts: 2, Waits: []time.Duration{time.Second}, Budget: time.Minute}
	own := policy.Retry{Attempts: 9, Waits: []time.Duration{30 * time.Second}, Budget: time.Hour}
	f := finding{
		Failure: classify.Failure{Class: classify.VCSNetwork, Transient: true}, witness: gitRan,
		decision: allowed(policy.ActRetry), without: &without{allowed(policy.ActRetry), usual},
	}
	for _, tt := range []struct {
		name  string
		waits int
		edit  func(*finding)
		want  time.Duration
	}{
		{name: "longer waits", want: 29 * time.Second},
		{name: "more attempts", waits: 1, want: 30*time.Second + 3*time.Second},
		{name: "no repository's file", edit: func(f *finding) { f.without = nil }},
		{name: "a rule's wait-for", edit: func(f *finding) { f.decision.WaitFor = time.Hour }},
		{name: "a failure that would not be waited for", edit: func(f *finding) { f.without.decision = allowed(policy.ActFail) }, want: 30*time.Second + 3*time.Second},
	} {
		met := f
		met.without = &without{f.without.decision, f.without.retry}
		if tt.edit != nil {
			tt.edit(&met)
		}
		last := outcome{evidence: evidence{met: []finding{met}}, begun: start, ended: start.Add(3 * time.Second)}
		got := decide(after(tried(actWait, tt.waits), last), own)
		if got.action != actWait || got.extra != tt.want {
			t.Errorf("%s: %s, extra %v, want %v", tt.name, got.action, got.extra, tt.want)
		}
	}
}

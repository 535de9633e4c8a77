package shim

import (
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/policy"
)

func allowed(actions ...policy.Action) policy.Decision { return policy.Decision{Actions: actions} }

func TestDecide(t *testing.T) {
	retry := policy.Retry{Attempts: 3, Waits: []time.Duration{time.Second, 4 * time.Second}, Budget: 10 * time.Second}
	git := classify.Failure{Class: classify.VCSNetwork, Transient: true}
	away := found{Failure: classify.Failure{Class: classify.Connect, Transient: true}, witness: cacheLacks, decision: allowed(policy.ActRetry)}
	gone := classify.Failure{Class: classify.Gone}
	database := classify.Failure{Class: classify.SumDBUnreachable, Module: "m", Transient: true}
	corrupt := classify.Failure{Class: classify.CacheCorrupt}
	mismatch := classify.Failure{Class: classify.Checksum}
	purge := found{Failure: corrupt, decision: allowed(policy.ActPurge, policy.ActRetry)}
	tests := []struct {
		name string
		ev   evidence
		want deed
		wait time.Duration
	}{
		{name: "nothing met"},
		{name: "first wait", ev: evidence{met: []found{{Failure: git, witness: gitRan, decision: allowed(policy.ActRetry)}}}, want: doWait, wait: time.Second},
		{name: "second wait", ev: evidence{waits: 1, waited: time.Second, met: []found{{Failure: git, witness: gitRan, decision: allowed(policy.ActRetry)}}}, want: doWait, wait: 4 * time.Second},
		{name: "attempts are used up", ev: evidence{waits: 2, met: []found{{Failure: git, witness: gitRan, decision: allowed(policy.ActRetry)}}}},
		{name: "budget is used up", ev: evidence{waited: 10 * time.Second, met: []found{{Failure: git, witness: gitRan, decision: allowed(policy.ActRetry)}}}},
		{name: "unreachable", ev: evidence{waits: 1, waited: time.Second, met: []found{away}}, want: doWait, wait: 4 * time.Second},
		{name: "not even a loopback", ev: evidence{isolated: true, met: []found{away}}},
		{name: "not transient", ev: evidence{met: []found{{Failure: gone, witness: relayMet, decision: allowed(policy.ActRetry)}}}},
		{name: "the relay has done it", ev: evidence{met: []found{{Failure: git, witness: relayMet, relayed: true, decision: allowed(policy.ActRetry)}}}},
		{name: "the rule says fail", ev: evidence{met: []found{{Failure: git, witness: gitRan, decision: allowed(policy.ActFail, policy.ActRetry)}}}},
		{name: "the rule's own attempts", ev: evidence{waits: 3, met: []found{{Failure: git, witness: gitRan, decision: policy.Decision{
			Actions: []policy.Action{policy.ActRetry}, Retry: &policy.Retry{Attempts: 5, Budget: time.Minute}}}}}, want: doWait},
		{name: "a rule's wait-for, beyond attempts and budget", ev: evidence{waits: 9, waited: time.Hour, patient: time.Minute, met: []found{{Failure: git, witness: gitRan, decision: policy.Decision{
			Actions: []policy.Action{policy.ActRetry}, WaitFor: 2 * time.Minute}}}}, want: doWait, wait: 15 * time.Second},
		{name: "the end of a rule's wait-for", ev: evidence{patient: 119 * time.Second, met: []found{{Failure: classify.Failure{Class: classify.NotFound}, witness: gitRan, decision: policy.Decision{
			Actions: []policy.Action{policy.ActRetry}, WaitFor: 2 * time.Minute}}}}, want: doWait, wait: time.Second},
		{name: "after a rule's wait-for", ev: evidence{patient: 2 * time.Minute, met: []found{{Failure: git, witness: gitRan, decision: policy.Decision{
			Actions: []policy.Action{policy.ActRetry}, WaitFor: 2 * time.Minute}}}}},
		{name: "nothing to verify", ev: evidence{met: []found{{Failure: corrupt, decision: allowed(policy.ActPurge)}}}},
		{name: "a suspect", ev: evidence{suspects: true, met: []found{purge}}, want: doRepair},
		{name: "a suspect in a compile error", ev: evidence{suspects: true}, want: doRepair},
		{name: "repaired twice", ev: evidence{suspects: true, repairs: 2, met: []found{purge}}},
		{name: "a rule that only fails keeps the cache", ev: evidence{suspects: true, met: []found{{Failure: corrupt, decision: allowed(policy.ActFail)}}}},
		{name: "a revision that a damaged clone hides", ev: evidence{suspects: true, clones: true, met: []found{{Failure: classify.Failure{Class: classify.NotFound}, decision: allowed(policy.ActRetry)}}}, want: doRepair},
		{name: "a revision that a proxy does not know", ev: evidence{suspects: true, met: []found{{Failure: classify.Failure{Class: classify.NotFound}, decision: allowed(policy.ActRetry)}}}},
		{name: "a checksum that came through the relay", ev: evidence{relay: true, met: []found{{Failure: mismatch, witness: relayMet, relayed: true, decision: allowed(policy.ActRetry)}}}, want: doRecheck},
		{name: "verified in full, and still wrong", ev: evidence{relay: true, tried: map[deed]bool{doRecheck: true}, met: []found{{Failure: mismatch, witness: relayMet, relayed: true, decision: allowed(policy.ActRetry)}}}},
		{name: "verified in full already, and large", ev: evidence{relay: true, met: []found{{Failure: mismatch, witness: relayMet, relayed: true, costly: true, decision: allowed(policy.ActRetry)}}}},
		{name: "a checksum of nothing that came through the relay", ev: evidence{relay: true, met: []found{{Failure: mismatch, witness: cacheLacks, decision: allowed(policy.ActRetry)}}}},
		{name: "nothing but a text", ev: evidence{relay: true, met: []found{{Failure: git, decision: allowed(policy.ActRetry, policy.ActDirect, policy.ActVendor, policy.ActPurgeAll)}}}},
		{name: "no words for what go did not accept", ev: evidence{relay: true, rejected: &mismatch}, want: doRecheck},
		{name: "what go did not accept, once", ev: evidence{relay: true, rejected: &mismatch, tried: map[deed]bool{doRecheck: true}}},
		{name: "what was lacking has come", ev: evidence{relay: true, came: true, met: []found{{Failure: gone, relayed: true}}}, want: doTake},
		{name: "what was lacking has come, once", ev: evidence{relay: true, came: true, tried: map[deed]bool{doTake: true}, met: []found{{Failure: gone, relayed: true}}}},
		{name: "a checksum of a direct fetch", ev: evidence{met: []found{{Failure: mismatch, decision: allowed(policy.ActRetry)}}}},
		{name: "given up early", ev: evidence{relay: true, hurried: true, met: []found{{Failure: gone, relayed: true}}}, want: doWaitLonger},
		{name: "given up early, once", ev: evidence{relay: true, hurried: true, tried: map[deed]bool{doWaitLonger: true}, met: []found{{Failure: gone, relayed: true}}}},
		{name: "given up early, and another error", ev: evidence{relay: true, hurried: true}},
		{name: "the database is out of reach, and a proxy denied it", ev: evidence{denied: true, met: []found{{Failure: database, witness: cacheLacks, decision: allowed(policy.ActRetry)}}}, want: doCarry},
		{name: "the same, once", ev: evidence{denied: true, tried: map[deed]bool{doCarry: true}, met: []found{{Failure: database, witness: cacheLacks, decision: allowed(policy.ActRetry)}}}, want: doWait, wait: time.Second},
		{name: "the same, and a policy says fail", ev: evidence{denied: true, met: []found{{Failure: database, witness: cacheLacks, decision: allowed(policy.ActFail)}}}},
		{name: "direct", ev: evidence{met: []found{{Failure: gone, witness: relayMet, decision: allowed(policy.ActRetry, policy.ActDirect)}}}, want: doDirect},
		{name: "direct once", ev: evidence{tried: map[deed]bool{doDirect: true}, met: []found{{Failure: gone, witness: relayMet, decision: allowed(policy.ActDirect, policy.ActVendor)}}}, want: doVendor},
		{name: "purge-all once", ev: evidence{tried: map[deed]bool{doWipe: true}, met: []found{{Failure: corrupt, witness: fileWrong, decision: allowed(policy.ActPurgeAll)}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := decide(tt.ev, retry)
			if got.deed != tt.want || got.wait != tt.wait {
				t.Errorf("decide = %s after %v, want %s after %v", got.deed, got.wait, tt.want, tt.wait)
			}
		})
	}
}

func TestWaitBefore(t *testing.T) {
	if w := waitBefore(nil, 3); w != 0 {
		t.Errorf("no waits: %v", w)
	}
	if w := waitBefore([]time.Duration{1, 2}, 7); w != 2 {
		t.Errorf("the last wait does not repeat: %v", w)
	}
}

// TestDecideExtra: what of a wait is for the repository's policy alone.
func TestDecideExtra(t *testing.T) {
	usual := policy.Retry{Attempts: 2, Waits: []time.Duration{time.Second}, Budget: time.Minute}
	own := policy.Retry{Attempts: 9, Waits: []time.Duration{30 * time.Second}, Budget: time.Hour}
	f := found{
		Failure: classify.Failure{Class: classify.VCSNetwork, Transient: true}, witness: gitRan,
		decision: allowed(policy.ActRetry), without: &without{allowed(policy.ActRetry), usual},
	}
	for _, tt := range []struct {
		name  string
		waits int
		edit  func(*found)
		want  time.Duration
	}{
		{name: "longer waits", want: 29 * time.Second},
		{name: "more attempts", waits: 1, want: 30*time.Second + 3*time.Second},
		{name: "no repository's file", edit: func(f *found) { f.without = nil }},
		{name: "a rule's wait-for", edit: func(f *found) { f.decision.WaitFor = time.Hour }},
		{name: "a failure that would not be waited for", edit: func(f *found) { f.without.decision = allowed(policy.ActFail) }, want: 30*time.Second + 3*time.Second},
	} {
		met := f
		met.without = &without{f.without.decision, f.without.retry}
		if tt.edit != nil {
			tt.edit(&met)
		}
		got := decide(evidence{waits: tt.waits, took: 3 * time.Second, met: []found{met}}, own)
		if got.deed != doWait || got.extra != tt.want {
			t.Errorf("%s: %s, extra %v, want %v", tt.name, got.deed, got.extra, tt.want)
		}
	}
}

package limit

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestDown: what takes an upstream down.
func TestDown(t *testing.T) {
	for _, tt := range []struct {
		name string
		what []Result
		want bool
	}{
		{"refused once", []Result{refused}, true},
		{"429 once", []Result{busy}, true},
		{"500 once", []Result{broken}, false},
		{"500 for one module", []Result{broken, broken, broken}, false},
		{"500 for two", []Result{broken, other}, true},
		{"500 for two, and an answer between", []Result{broken, good, other}, false},
		{"cancelled", []Result{{}, {}}, false},
	} {
		r := newRig(9)
		if r.fail(t, tt.what...); r.IsDown() != tt.want {
			t.Errorf("%s: down %v", tt.name, !tt.want)
		}
	}
	if r := newRig(0); true {
		if r.fail(t, refused); r.IsDown() {
			t.Error("down, and nobody would wait")
		}
	}
}

// TestOneProbes: a hundred requests wait, one at a time probes, and the first success
// lets all go.
func TestOneProbes(t *testing.T) {
	r := newRig(9)
	r.fail(t, refused)
	var all sync.WaitGroup
	var mu sync.Mutex
	probes, passed, under, most := 0, 0, 0, 0
	for range 100 {
		all.Go(func() {
			for {
				release, probing, err := r.acquire(t.Context(), File{Module: "m"})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				under++
				most = max(most, under)
				what := good
				if probing {
					if probes++; probes < 3 {
						what = refused
					}
				} else {
					passed++
				}
				under--
				mu.Unlock()
				release(what)
				if what.Sign == Answered {
					return
				}
			}
		})
	}
	all.Wait()
	if probes != 3 || passed != 99 {
		t.Errorf("%d probes, %d passed", probes, passed)
	}
	if len(r.clock.Waits()) != 3 || len(r.was) != 1 || r.was[0] != Real {
		t.Errorf("waits %v, was %v", r.clock.Waits(), r.was)
	}
}

// TestGivenUp: the failure answers for everybody, for a second; then one is let through.
func TestGivenUp(t *testing.T) {
	r := newRig(2)
	r.fail(t, refused)
	for i := range 2 {
		release, err := r.Acquire(t.Context())
		if err != nil {
			t.Fatal(i, err)
		}
		release(refused)
	}
	var down *Down
	if _, err := r.Acquire(t.Context()); !errors.As(err, &down) || down.Last != refused.Err {
		t.Fatal(err)
	}
	r.clock.Sleep(t.Context(), remembered)
	release, err := r.Acquire(t.Context())
	if err != nil {
		t.Fatal("not asked again:", err)
	}
	release(refused)
	if _, err := r.Acquire(t.Context()); err == nil {
		t.Fatal("asked without a pause")
	}
	r.clock.Sleep(t.Context(), remembered)
	if release, err = r.Acquire(t.Context()); err != nil {
		t.Fatal(err)
	}
	release(good)
	if r.IsDown() {
		t.Error("down, and it has answered")
	}
}

// TestFalseAlarm: what it has served, and serves again, tells that some files fail and
// the upstream does not. The next alarm needs twice as many.
func TestFalseAlarm(t *testing.T) {
	r := newRig(9, good)
	r.fail(t, broken, other)
	if _, err := r.Acquire(t.Context()); err != nil || r.IsDown() || len(r.clock.Waits()) > 0 {
		t.Error(err, r.IsDown(), r.clock.Waits())
	}
	if r.fail(t, broken, other); r.IsDown() {
		t.Error("two suffice as before")
	}
	if len(r.was) != 1 || r.was[0] != FalseAlarm {
		t.Error(r.was)
	}
}

// TestRefusedByChance: a server that answers one request in some with 429 or 503 serves,
// right afterwards, what it has served. Nobody waits, and one more such answer is no alarm.
func TestRefusedByChance(t *testing.T) {
	unavailable := Result{Sign: Troubled, Status: 503, Module: "a", Err: errors.New("503")}
	second := unavailable
	second.Module = "b"
	for _, tt := range []struct {
		name  string
		alarm []Result
	}{
		{"429", []Result{busy}},
		{"503", []Result{unavailable, second}},
	} {
		r := newRig(9, good)
		r.alarm = newAlarm()
		r.alarm.limited = true // it was met by chance in the first look
		for range 2 {
			r.fail(t, tt.alarm...)
			if _, err := r.Acquire(t.Context()); err != nil || r.IsDown() || len(r.clock.Waits()) > 0 {
				t.Error(tt.name, err, r.IsDown(), r.clock.Waits())
			}
		}
		if len(r.was) != 1 || r.was[0] != FalseAlarm {
			t.Error(tt.name, r.was)
		}
	}
}

// TestRateIsLimited: a server that refuses what it has served limits the rate. It is
// believed then, and asked for what it has served less and less; one that says how long
// to wait is not asked.
func TestRateIsLimited(t *testing.T) {
	asked := 0
	r := newRig(9)
	r.Check = func(context.Context) (Result, bool) { asked++; return busy, true }
	var looks []int
	for range 8 {
		before := asked
		r.fail(t, busy)
		release, err := r.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		release(good)
		looks = append(looks, asked-before)
	}
	if want := []int{1, 0, 1, 0, 0, 0, 1, 0}; !slices.Equal(looks, want) {
		t.Errorf("looks %v, want %v", looks, want)
	}
	for _, was := range r.was {
		if was != TooMuch {
			t.Error(r.was)
		}
	}
	r, asked = newRig(9), 0
	r.Check = func(context.Context) (Result, bool) { asked++; return good, true }
	later := busy
	later.After = time.Second // it may be meant for one file
	r.fail(t, later)
	if release, err := r.Acquire(t.Context()); err != nil || asked != 2 || len(r.clock.Waits()) > 0 {
		t.Error(err, asked, r.clock.Waits())
	} else {
		release(good)
	}
}

// TestSmallFile: where it fails for what it has served, that is what the probes ask
// for, and no file of somebody's.
func TestSmallFile(t *testing.T) {
	r := newRig(9, broken, broken, good)
	r.fail(t, broken, other)
	if _, probing, err := r.acquire(t.Context(), File{Module: "c"}); err != nil || probing {
		t.Error(probing, err)
	}
	if len(r.clock.Waits()) != 2 || r.was[0] != Real {
		t.Error(r.clock.Waits(), r.was)
	}
}

// TestCancelledProbe: who goes away while it probes leaves that to another.
func TestCancelledProbe(t *testing.T) {
	r := newRig(9)
	r.fail(t, refused)
	cancelled, cancel := context.WithCancel(t.Context())
	release, err := r.Acquire(cancelled)
	if err != nil {
		t.Fatal(err)
	}
	waits, got := make(chan error), make(chan error)
	go func() { _, err := r.Acquire(cancelled); waits <- err }()
	go func() { _, err := r.Acquire(t.Context()); got <- err }()
	cancel()
	if err := <-waits; err == nil {
		t.Error("waits for ever")
	}
	release(Result{})
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// TestInFlight: what was under way when it went down, and fails after it came back,
// says nothing.
func TestInFlight(t *testing.T) {
	r := newRig(9)
	late, err := r.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.fail(t, refused)
	probe, _ := r.Acquire(t.Context())
	late(refused)
	probe(good)
	late(refused)
	if r.IsDown() {
		t.Error("down by what was before")
	}
}

// TestLeadAndOthers: where nothing was served, the module whose failure it was is
// asked for, and right after each of its failures another one, whose success counts as
// well: the first may be what is wrong.
func TestLeadAndOthers(t *testing.T) {
	r := newRig(9)
	r.fail(t, broken, other)
	lead, probing, err := r.acquire(t.Context(), File{Module: "b"})
	if err != nil || !probing {
		t.Fatal(probing, err)
	}
	type turn struct {
		release func(Result)
		probing bool
	}
	second := make(chan turn)
	go func() {
		release, probing, _ := r.acquire(t.Context(), File{Module: "c"})
		second <- turn{release, probing}
	}()
	for queued := 0; queued == 0; {
		r.Outage.mu.Lock()
		queued = len(r.down.queue)
		r.Outage.mu.Unlock()
	}
	lead(other)
	got := <-second
	if !got.probing || len(r.clock.Waits()) != 1 {
		t.Errorf("probes %v, waits %v", got.probing, r.clock.Waits())
	}
	if got.release(good); r.IsDown() {
		t.Error("down, and it has answered")
	}
}

// TestElectedTooLate: who was to probe in one outage is none of the next one's probes.
func TestElectedTooLate(t *testing.T) {
	r := newRig(9)
	r.fail(t, refused)
	first, err := r.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	probes := make(chan bool)
	go func() {
		_, probing, err := r.acquire(t.Context(), File{Module: "b"})
		if err != nil {
			t.Error(err)
		}
		probes <- probing
	}()
	queued := func() int {
		r.Outage.mu.Lock()
		defer r.Outage.mu.Unlock()
		return len(r.down.queue)
	}
	for queued() == 0 {
		runtime.Gosched()
	}
	r.Outage.mu.Lock() // before it looks, one outage ends and the next one is probed
	r.down.handOver()
	next := &spell{Spell: r.down.Spell, probing: true}
	r.down = next
	r.Outage.mu.Unlock()
	for queued() == 0 {
		select {
		case <-probes:
			t.Fatal("two probe at a time")
		default:
			runtime.Gosched()
		}
	}
	first(good) // of the outage that is over
	r.result(next, File{Module: "a"}, good)
	if <-probes {
		t.Error("probes, and it is up")
	}
}

// TestSameFileProbes: where nothing was served, the file whose failure it was is asked for
// again and again, and not the other files of its module in turn: a server that fails each
// a few times is up for that one first.
func TestSameFileProbes(t *testing.T) {
	r := newRig(9)
	failed := other
	failed.File = "b.info"
	r.fail(t, broken, failed)
	probes := make(chan string, 2)
	probe := func(file string) {
		if _, probing, err := r.acquire(t.Context(), File{Module: "b", Path: file}); err == nil && probing {
			probes <- file
		}
	}
	r.Tell = func(Spell, time.Duration) {
		if len(r.waiting()) == 0 {
			go probe("b.info")
			for len(r.waiting()) == 0 {
			}
		}
	}
	go probe("b.mod")
	if first := <-probes; first != "b.info" {
		t.Errorf("%s is the probe", first)
	}
}

package relay

// Got reports whether go has got the file that a failure was about after all: from
// another entry, or by asking again.
func (r *Relay) Got(f Failure) bool { return r.files.has(f.path) }

// Came reports whether a file that go was told a failure of is there by now: fetched
// ahead for go, or got by the second one of two go commands. Where nobody could be
// reached, it is enough that the upstream has sent any file since.
func (r *Relay) Came(f Failure) bool {
	return r.Got(f) || r.flights.parked(f.path) || f.Unreachable() && f.up.conduct.gaveSince(f.at)
}

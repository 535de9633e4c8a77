package relay

// coldEnough is how many files make a download worth a second go command
// beside the first: one file that is missing is fetched sooner than that
// command starts.
const coldEnough = 3

// noteCold counts what go fetches although go.sum names it: a module cache that
// lacks several such files is a cold one. Queries, and what nothing is known
// about, say nothing of the kind.
func (r *Relay) noteCold(it item) {
	if r.config.Cold == nil || it.kind != kindMod && it.kind != kindZip || !it.exact() || !r.config.Sums.Names(it.mod) {
		return
	}
	if r.missed.Add(1) == coldEnough && !r.memory.Load() {
		r.debugf("the module cache is cold")
		go r.config.Cold()
	}
}

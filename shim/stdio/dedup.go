package stdio

import "sync"

// A dedup remembers which lines the runs of a command have passed on. What came before
// the first suspect line of a run that failed is said again by the next one, and would
// stand there twice.
type dedup struct {
	mu    sync.Mutex
	lines tally // how often one run has said each at most
	size  int   // of the lines
}

// maxSeen bounds what is remembered; what comes later may stand there twice.
const maxSeen = 256 << 10

// full reports whether nothing more is remembered.
func (d *dedup) full() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.size >= maxSeen
}

// seen notes that one run says a line for the n-th time, and reports whether one before
// it has. The zeroth time is not noted.
func (d *dedup) seen(line []byte, n int) bool {
	if n == 0 {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lines[string(line)] >= n {
		return true
	}
	if d.lines == nil {
		d.lines = make(tally)
	}
	d.lines[string(line)], d.size = n, d.size+len(line)
	return false
}

// A tally counts lines. The zero value is ready.
type tally map[string]int

// next counts a line and returns how often it came, this time included.
func (t *tally) next(line []byte) int {
	if *t == nil {
		*t = make(tally)
	}
	(*t)[string(line)]++
	return (*t)[string(line)]
}

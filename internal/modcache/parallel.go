package modcache

import (
	"sync"
	"sync/atomic"
)

// parallel calls f for every i below n, in this order, by the cache's workers.
func (c *Cache) parallel(n int, f func(i int)) {
	var group sync.WaitGroup
	var taken atomic.Int64
	for range min(c.workers(), n) {
		group.Go(func() {
			for i := taken.Add(1) - 1; i < int64(n); i = taken.Add(1) - 1 {
				f(int(i))
			}
		})
	}
	group.Wait()
}

// progress is parallel for those who are told after each how many are done.
func (c *Cache) progress(n int, f func(i int)) {
	var mu sync.Mutex
	done := 0
	c.parallel(n, func(i int) {
		f(i)
		mu.Lock()
		defer mu.Unlock()
		if done++; c.Progress != nil {
			c.Progress(done, n)
		}
	})
}

package gateway

import (
	"context"
	"sync"
)

// A call is one fetch that everyone shares who wants the same meanwhile.
type call struct {
	done    chan struct{} // closed when there is a result
	result  *result       // not read before
	holders int           // who may read the result's body, the fetch itself included
}

// calls are the fetches under way. A call goes on when those who want it are gone: what
// it brings is stored. It is found until what it brought is stored, so that nobody
// fetches it in between.
type calls struct {
	mu    sync.Mutex
	byKey map[string]*call
	all   sync.WaitGroup
}

// do returns what fetch publishes. release must be called when its body is no longer
// needed. It returns nil if ctx ended first. shared is set for whoever did not start it.
func (c *calls) do(ctx context.Context, key string, fetch func(publish func(*result))) (r *result, shared bool, release func()) {
	k, shared := c.join(key, fetch)
	select {
	case <-k.done:
		return k.result, shared, func() { c.leave(k) }
	case <-ctx.Done():
		c.leave(k)
		return nil, shared, func() {}
	}
}

// start starts a fetch that nobody waits for, unless it is under way. Its end is
// reported by ended.
func (c *calls) start(key string, fetch func(publish func(*result)), ended func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey[key] != nil {
		ended()
		return
	}
	c.run(key, func(publish func(*result)) { fetch(publish); ended() })
}

func (c *calls) join(key string, fetch func(publish func(*result))) (k *call, shared bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k = c.byKey[key]
	if shared = k != nil; !shared {
		k = c.run(key, fetch)
	}
	k.holders++
	return k, shared
}

// run begins a call; the lock is held.
func (c *calls) run(key string, fetch func(publish func(*result))) *call {
	k := &call{done: make(chan struct{}), holders: 1}
	if c.byKey == nil {
		c.byKey = make(map[string]*call)
	}
	c.byKey[key] = k
	c.all.Add(1)
	go func() {
		defer c.all.Done()
		fetch(func(r *result) {
			k.result = r
			close(k.done)
		})
		c.mu.Lock()
		delete(c.byKey, key)
		c.mu.Unlock()
		c.leave(k)
	}()
	return k
}

// leave gives the body back with the last holder.
func (c *calls) leave(k *call) {
	c.mu.Lock()
	k.holders--
	last := k.holders == 0
	c.mu.Unlock()
	if last && k.result != nil && k.result.file != nil {
		k.result.file.Close()
	}
}

// wait waits for all that is under way.
func (c *calls) wait() { c.all.Wait() }

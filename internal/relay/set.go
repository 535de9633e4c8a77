package relay

import (
	"maps"
	"slices"
	"sync"
)

// A set is one that several goroutines use. The zero value is empty.
type set[T comparable] struct {
	mu  sync.Mutex
	all map[T]bool
}

func (s *set[T]) add(list ...T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = make(map[T]bool)
	}
	for _, x := range list {
		s.all[x] = true
	}
}

func (s *set[T]) has(x T) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[x]
}

func (s *set[T]) list() []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.all))
}

func (s *set[T]) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.all)
}

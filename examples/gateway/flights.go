package main

import (
	"sync"

	"github.com/go-await/await/future"
)

// Flights are the futures that are under way, by what they are of. Those who want
// the same share one. A future that all of them have cancelled is cancelled.
type flights[K comparable, T any] struct {
	mu  sync.Mutex
	all map[K]*flight[T]
}

type flight[T any] struct {
	shared *future.Shared[T]
	users  int
}

// join returns a future of what is under way for key, or else of what launch
// makes.
func (fs *flights[K, T]) join(key K, launch func() future.Future[T]) future.Future[T] {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f := fs.all[key]
	if f != nil {
		f.users++
		return &passenger[K, T]{Shared: f.shared.Clone(), fs: fs, key: key, f: f}
	}
	f = &flight[T]{users: 1}
	// Once there is a result, the next to ask gets a new one.
	f.shared = future.Share(future.Finally(launch(), func() { fs.land(key, f) }))
	if fs.all == nil {
		fs.all = make(map[K]*flight[T])
	}
	fs.all[key] = f
	return &passenger[K, T]{Shared: f.shared, fs: fs, key: key, f: f}
}

// land forgets f, if it is not forgotten.
func (fs *flights[K, T]) land(key K, f *flight[T]) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.all[key] == f {
		delete(fs.all, key)
	}
}

// size returns how many are under way.
func (fs *flights[K, T]) size() int {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return len(fs.all)
}

// A passenger is one user's clone.
type passenger[K comparable, T any] struct {
	*future.Shared[T]
	fs  *flights[K, T]
	key K
	f   *flight[T]
	out bool
}

// Cancel gets off. The last one takes the flight off the list before the clone is
// cancelled, so that nobody joins what is being given up.
func (p *passenger[K, T]) Cancel() {
	if p.out {
		return
	}
	p.out = true
	p.fs.mu.Lock()
	p.f.users--
	if p.f.users == 0 && p.fs.all[p.key] == p.f {
		delete(p.fs.all, p.key)
	}
	p.fs.mu.Unlock()
	p.Shared.Cancel()
}

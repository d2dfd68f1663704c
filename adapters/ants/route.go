package ants

import (
	"log/slog"
	"sync/atomic"

	"github.com/go-await/await/future"
)

// A route is one Pool by which calls come to the workers of a pool, with the queue
// of that pool. There is one for the pool itself, and one for each value that embeds
// the pool while it is in use.
type route struct {
	gauge
	queue  *queue
	pool   Pool
	invoke func(j job) error // in place of pool, for a PoolWithFunc
}

// hand has a worker call work(j).
func (r *route) hand(j job) error {
	if r.invoke != nil {
		return r.invoke(j)
	}
	return r.pool.Submit(func() { r.work(j) })
}

// fetch has a worker call arrive, and sets begun when it does.
func (r *route) fetch(begun *atomic.Bool) error {
	if r.invoke != nil {
		return r.invoke(nil) // arrive comes once, and is no refusal
	}
	return r.pool.Submit(func() {
		// false → true: one worker arrives, or feed takes it for refused.
		if !begun.Swap(true) {
			r.arrive()
		}
	})
}

// free returns how many submissions in a row are sure to find a worker without
// waiting for it, unless others are quicker. A MultiPool may submit to any of its
// pools, so it is as free as the least free of them. Workers that are idle do not
// count: nothing tells them from others.
func (r *route) free() int {
	m := r.queue.multi
	if m == nil {
		return r.Cap() - r.Running()
	}
	least, err := m.FreeByIndex(0)
	for i := 1; err == nil && i < r.queue.parts; i++ {
		var n int
		n, err = m.FreeByIndex(i)
		least = min(least, n)
	}
	return least
}

// prompt reports whether a submission is sure to be answered without waiting,
// unless others are quicker.
func (r *route) prompt() bool { return r.IsClosed() || r.free() > 0 }

// attempt has submit give j to a pool. An error, a panic or an exit of it is a
// refusal, unless j has begun.
func attempt(j job, submit func() error) {
	returned := false
	defer func() {
		if !returned {
			if err := future.Recovered(recover()); !j.refuse(err) {
				report(late, err)
			}
		}
	}()
	err := submit()
	returned = true
	if err != nil {
		j.refuse(err)
	}
}

// report logs a panic that cannot be a result. An exit, which goes on in its
// goroutine, is not reported.
func report(what string, err error) {
	if err == future.ErrGoexit {
		return
	}
	defer func() { _ = recover() }() // of the handler
	slog.Error("ants: "+what, "err", err)
}

// late is what report says of a Submit.
const late = "Submit panicked, but had begun the call"

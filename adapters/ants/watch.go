package ants

import (
	"sync"
	"time"
)

// A watch sees to it that what is queued is not held up by a feeder that the pool
// has forgotten.
//
// Upstream looks at the pool, and then waits for a signal; but Release, Tune and a
// worker that ends change the pool and signal without its lock. What they do
// between the look and the wait is lost on who waits, until the next worker comes
// back, which may be long or never. So while the feeder is in the pool's Submit the
// watch looks at the pool too, and starts another feeder if that one would not have
// to wait. It looks after 1 ms, and then whenever twice the time has passed: a
// signal that is missed costs no more time than the feeder had waited by then, or
// 1 ms, and a feeder that waits for an hour is looked at 22 times.
type watch struct {
	queue *queue

	mu    sync.Mutex
	timer *time.Timer // nil after stop
	next  time.Duration
}

func newWatch(q *queue) *watch {
	w := &watch{queue: q, next: time.Millisecond}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(w.next, w.look)
	return w
}

func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil {
		return
	}
	w.queue.mu.Lock()
	w.queue.unlock() // starts the feeder
	if w.next > 0 {  // it overflows after centuries, by the clock of a bubble
		w.timer.Reset(w.next)
		w.next *= 2
	}
}

func (w *watch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
	w.timer = nil
}

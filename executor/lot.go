package executor

import "github.com/go-await/await/internal/atomics"

// A lot is where the workers wait that have nothing to do.
//
// # How no wake-up is lost
//
// Somebody who makes a task runnable first puts it into a queue and then calls
// notify, which looks whether a worker is idle and whether one is searching
// already. A worker that finds nothing first enters the lot, then stops
// searching, and then looks at all queues once more. Atomic operations and locks
// are totally ordered, so either the worker sees the task in its last look, or
// notify sees the worker in the lot and nobody searching.
//
// # Rules
//
//  1. At most about half of the workers search at once, and notify adds one only
//     if none does: a burst of work wakes the workers one after the other, each
//     when the one before has found something and sees that there is more. To wake
//     one for nothing takes a system call, and the task that was found waits for it.
//  2. A worker leaves the lot by exactly one of leave, by itself, and take or
//     leave by whoever then resumes it. One that is resumed counts as searching, but
//     one on a Runner only as long as that is not too slow to call it.
//  3. Whoever counts as searching answers for the tasks of those who call notify
//     meanwhile. A worker searches, stops to count, and then looks at the queues
//     once more: to call notify in turn, or as its last look. A notify that finds
//     nobody to resume starts again: a worker that comes to the lot after that sees
//     the task.
type lot struct {
	mu        atomics.Mutex
	idle      *worker       // the one that came last: a list that is linked through the workers
	idleCount atomics.Int64 // of the list
	searching atomics.Int64
}

// A place is a worker's in the lot. The lot's mutex guards it.
type place struct {
	taken      bool // the worker is in the lot
	prev, next *worker
}

// enter puts w, which has found nothing, into the lot.
func (l *lot) enter(w *worker) {
	l.mu.Lock()
	w.place = place{taken: true, next: l.idle}
	if l.idle != nil {
		l.idle.place.prev = w
	}
	l.idle = w
	l.idleCount.Add(1) // publishes that there is a worker to wake
	l.mu.Unlock()
}

// leave takes w out again and reports whether it was there. Otherwise somebody
// has taken it and resumes it.
func (l *lot) leave(w *worker) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !w.place.taken {
		return false
	}
	l.removeLocked(w)
	return true
}

// take takes a worker out for the caller to resume, or returns nil. The one that
// came last is taken: it is the warmest. If it needs a goroutine, that is counted
// here, under the lock, so that whoever has emptied the lot knows of all there
// will be.
func (l *lot) take() *worker {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.idle
	if w == nil {
		return nil
	}
	l.removeLocked(w)
	if w.needsGoroutine() {
		w.exec.goroutines.Add(1)
	}
	return w
}

func (l *lot) removeLocked(w *worker) {
	if w.place.prev != nil {
		w.place.prev.place.next = w.place.next
	} else {
		l.idle = w.place.next
	}
	if w.place.next != nil {
		w.place.next.place.prev = w.place.prev
	}
	w.place = place{}
	l.idleCount.Add(-1)
}

// notify resumes an idle worker for a task that the caller has put into a queue,
// unless there is none or one is searching.
func (l *lot) notify() {
	// 0 → 1: of several that notify at once, one resumes a worker, which then
	// resumes the next (rule 1).
	for l.idleCount.Load() != 0 && l.searching.Load() == 0 && l.searching.CompareAndSwap(0, 1) {
		if w := l.take(); w != nil {
			w.resume()
			return
		}
		// The idle one has found work by itself, and nobody searches (rule 3).
		l.searching.Add(-1)
	}
}

// search reports whether a worker may search, and counts it if so.
func (l *lot) search(workers int) bool {
	if 2*l.searching.Load() >= int64(workers) && workers > 1 {
		return false
	}
	l.searching.Add(1)
	return true
}

// found ends the search of a worker that has found a task, and reports whether it
// must see to it that somebody searches for the rest, if there is any: nobody does,
// and somebody is idle.
func (l *lot) found() bool {
	return l.searching.Add(-1) == 0 && l.idleCount.Load() != 0
}

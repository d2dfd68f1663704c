package ants

import (
	"sync/atomic"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/safe"
)

// A worker of a mapping is one of the pool's, while it makes calls.
//
//	none ──callWorker──▶ coming ──work──▶ running ◀──rouse── resting
//	 ▲                     │               │   │               ▲
//	 │◀──────refuse────────┘               │   └──next, kept───┘
//	 └────────next, nothing to do, or others wait for it
//
// One is coming at a time, and calls the one after it when it has begun, so that
// there are no more than there is work for. At most one rests, and only if it is
// the last: then there is no other to call, so rouse is instead of callWorker.

// A hand is a worker that was submitted.
type hand[A, R any] struct {
	link
	m     atomic.Pointer[mapping[A, R]] // nil once it was taken, or given up
	route atomic.Pointer[route]         // by which it came into a queue; nil outside, nowhere once it is dead
}

// nowhere is the route of a hand that was given up.
var nowhere route

func newHand[A, R any](m *mapping[A, R]) *hand[A, R] {
	h := new(hand[A, R])
	h.m.Store(m) // not shared yet
	return h
}

func (h *hand[A, R]) run() {
	if m := h.m.Swap(nil); m != nil { // m → nil: this worker comes
		m.work()
	}
}

func (h *hand[A, R]) refuse(err error) bool {
	m := h.m.Swap(nil) // m → nil: no worker comes of it
	if m != nil {
		m.refuse(err)
	}
	return m != nil
}

// giveUp has no worker come of it. It keeps nothing of the mapping from then on.
func (h *hand[A, R]) giveUp() {
	h.m.Store(nil) // → nil: what runs it finds nothing to do
	// → nowhere: it is dead. If it is in a queue, that is to know.
	if r := h.route.Swap(&nowhere); r != nil && r != &nowhere {
		r.queue.died()
	}
}

func (h *hand[A, R]) enter(r *route) {
	// nil → r: giveUp tells the queue. If it came before, this does.
	if !h.route.CompareAndSwap(nil, r) {
		r.queue.dying.Add(1)
	}
}

func (h *hand[A, R]) leave() (wanted bool) {
	r := h.via()
	// r → nil: giveUp does not tell the queue any more.
	return r != nil && h.route.CompareAndSwap(r, nil)
}

func (h *hand[A, R]) via() *route {
	if r := h.route.Load(); r != &nowhere {
		return r
	}
	return nil
}

// work is what a worker does: a call after the other.
func (m *mapping[A, R]) work() {
	m.mu.Lock()
	m.coming = nil
	m.refused = nil
	m.running++
	m.mu.Unlock()
	m.loop(m.next(nil, false))
}

// loop makes the call of it, and of what comes next.
func (m *mapping[A, R]) loop(it *item[A, R]) {
	defer func() {
		if it != nil { // fn ends the goroutine
			m.loop(m.next(it, true)) // rules 2 and 3
		}
	}()
	for it != nil {
		m.call(it)
		it = m.next(it, false)
	}
}

func (m *mapping[A, R]) call(it *item[A, R]) {
	returned := false
	defer func() {
		if !returned {
			it.err = future.Recovered(recover())
		}
	}()
	it.res, it.err = m.fn(m.ctx, it.arg)
	returned = true
}

// next takes the item that a worker has done, if any, and returns the one that it
// does next. A worker that gets none has left: there is nothing to do, or others
// wait for it, or its goroutine ends. Rules 2 and 3 keep it from leaving.
func (m *mapping[A, R]) next(did *item[A, R], ends bool) (it *item[A, R]) {
	begins := did == nil // a worker that has come makes one call at least
	for {
		m.mu.Lock()
		if did != nil {
			m.out.finished(did)
		}
		kept := m.strict != nil && m.running == 1 && !m.stopped && !m.strict.IsClosed()
		if kept || !ends && (begins || !m.contended()) || !m.replaced() {
			it = m.todo.pop()
		}
		switch {
		case it != nil:
		case kept:
			m.resting = true
		default:
			m.running--
		}
		hand := m.callWorker() // rule 1
		waker := m.takeWaker()
		m.mu.Unlock()
		if hand != nil {
			m.bringWorker(hand)
		}
		wake(waker)
		if it != nil || !kept {
			return it
		}
		m.rest()
		did, begins = nil, false
	}
}

// replaced sees to it that another worker comes before one leaves that has more to
// do. It reports false if the pool has too many waiting for that: then the worker
// goes on. It is called with mu locked, and unlocks it meanwhile.
func (m *mapping[A, R]) replaced() bool {
	if m.route == nil || m.todo.len == 0 || m.coming != nil {
		return true
	}
	h := newHand(m)
	m.coming, m.refused = h, nil
	m.mu.Unlock()
	// A pool with a queue is not foreign. The one that leaves takes the first of those
	// that are queued instead, so that a full queue has room for its successor.
	if !m.route.exchange(h) {
		m.route.submit(h)
	}
	m.mu.Lock()
	return !safe.Is(m.refused, ants.ErrPoolOverload)
}

// bringWorker submits the worker that callWorker counts on. A foreign pool may have
// no other than the one that calls it, which must not be blocked then.
func (m *mapping[A, R]) bringWorker(h *hand[A, R]) {
	switch {
	case m.foreign:
		go submitTo(m.pool, h)
	case m.route == nil:
		submitTo(m.pool, h)
	default:
		m.route.submit(h)
	}
}

// rest waits for something to do, or for the end.
func (m *mapping[A, R]) rest() {
	m.mu.Lock()
	for m.resting {
		m.rested.Wait()
	}
	m.mu.Unlock()
}

// wake wakes the consumer, if it is to be woken. A waker that panics is not to end a
// worker that has an item.
func wake(waker *future.Waker) {
	if waker == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			report("the waker of a Map's loop panicked", future.Recovered(v))
		}
	}()
	waker.Wake()
}

// refuse is told that the worker that was coming does not.
func (m *mapping[A, R]) refuse(err error) {
	m.mu.Lock()
	m.coming = nil
	m.refused = err
	waker := m.takeWaker()
	m.mu.Unlock()
	wake(waker)
}

// The rest is called with mu locked.

// callWorker returns another worker that is to be submitted, and counts on it, or nil.
func (m *mapping[A, R]) callWorker() *hand[A, R] {
	if m.todo.len == 0 || m.rouse() || m.coming != nil || m.running >= m.workers {
		return nil
	}
	m.coming = newHand(m)
	return m.coming
}

// rouse ends the rest of a worker, and reports whether there was one. It looks at
// todo, and calls more.
func (m *mapping[A, R]) rouse() bool {
	if !m.resting {
		return false
	}
	m.resting = false
	m.rested.Signal()
	return true
}

// contended reports whether others wait for a worker, or it must go.
func (m *mapping[A, R]) contended() bool {
	if m.strict != nil {
		return m.strict.IsClosed()
	}
	own := 0
	if m.coming != nil {
		own = 1
	}
	return m.route != nil && m.route.contended(own)
}

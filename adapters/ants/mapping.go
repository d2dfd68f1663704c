package ants

import (
	"context"
	"sync"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/future"
)

// A mapping is one run of Map: a consumer, which adds values and takes results,
// and workers, which come when there is something to do and leave when there is
// not.
//
//	spare ──add──▶ todo ──next──▶ a worker calls fn ──▶ done ──deliver──▶ spare
//
// An item is in the list out from when it is added, so that the results come in
// order, or from when it is done if the order does not matter. The consumer takes
// the first of out once that is done.
//
//  1. While an item is in todo and the mapping goes on, a worker runs, which will
//     look at todo again, or one is coming. Whoever adds an item or is a worker
//     that leaves sees to it. If the pool refuses the one that was coming and no
//     other runs, that is the end.
//  2. A pool that does not block may refuse a worker while one that has left is on
//     its way back to it. Of such a pool the last worker does not leave, but rests,
//     until there is something to do or the mapping stops.
//  3. An item belongs to the consumer while it is spare or taken from out, to a
//     worker while it is being called, and otherwise to mu.
type mapping[A, R any] struct {
	parent context.Context // the loop's
	ctx    context.Context // fn's
	cancel context.CancelFunc
	pool   Pool
	fn     func(context.Context, A) (R, error)
	queue  *queue // of the pool, or nil
	strict gauge  // a pool that does not block, or nil

	ordered bool
	workers int // how many may run at once
	window  int // how many items may be in flight

	spare *item[A, R]

	mu       sync.Mutex
	todo     list[A, R]
	waiting  int // items in todo
	out      list[A, R]
	inFlight int   // items added and not taken from out
	running  int   // workers that have begun and not left
	coming   bool  // a worker was submitted and has not begun
	refused  error // why the last one did not begin
	resting  bool  // the only one that runs waits in rest
	rested   sync.Cond
	stopped  bool
	want     want
	waker    *future.Waker // the consumer's, while it waits
}

// A want is what the consumer waits for.
type want int

const (
	wantResult want = iota // the first of out is done
	wantRoom               // that, or room for more items
	wantEnd                // no worker runs
)

const (
	mapBacklog   = 64  // items beyond those that the workers may have
	mapUnlimited = 128 // workers on a pool without a limit
)

func newMapping[A, R any](ctx context.Context, p Pool, fn func(context.Context, A) (R, error), ordered bool) *mapping[A, R] {
	m := &mapping[A, R]{parent: ctx, pool: p, fn: fn, queue: queueOf(p), ordered: ordered}
	m.ctx, m.cancel = context.WithCancel(ctx)
	m.rested.L = &m.mu
	m.workers = mapUnlimited
	if g, ok := p.(gauge); ok && g.Cap() > 0 {
		if g.Cap() < ants.DefaultAntsPoolSize {
			m.workers = g.Cap()
		}
		if m.queue == nil {
			m.strict = g
		}
	}
	m.window = m.workers + mapBacklog
	return m
}

// add gives the workers one more value.
func (m *mapping[A, R]) add(a A) {
	it := m.spare
	if it == nil {
		it = new(item[A, R])
	} else {
		m.spare = it.nextTodo
		it.nextTodo = nil
	}
	it.arg = a
	m.mu.Lock()
	m.inFlight++
	m.waiting++
	m.todo.pushTodo(it)
	if m.ordered {
		m.out.pushOut(it)
	}
	call := m.callWorker()
	m.mu.Unlock()
	if call {
		submit(m.pool, &hand[A, R]{m: m})
	}
}

// deliver yields the results that there are, and waits for more until there is
// room for another item, or, if no more are to be added, until all have come. It
// reports whether the loop goes on.
func (m *mapping[A, R]) deliver(yield func(R, error) bool, adding bool) bool {
	for {
		var zero R
		if m.parent.Err() != nil {
			yield(zero, context.Cause(m.parent))
			return false
		}
		m.mu.Lock()
		done := m.takeDone()
		if done == nil {
			switch {
			case m.dead():
				err := m.refused
				m.mu.Unlock()
				yield(zero, err)
				return false
			case m.inFlight == 0, adding && m.inFlight < m.window && m.waiting < mapBacklog:
				m.mu.Unlock()
				return true
			}
			m.want = wantResult
			if adding {
				m.want = wantRoom
			}
		}
		m.mu.Unlock()
		if done == nil {
			// Its error is that parent has ended.
			_, _ = future.Await(m.parent, (*turn[A, R])(m))
			continue
		}
		for done != nil {
			it := done
			done = it.nextOut
			res, err := it.res, it.err
			*it = item[A, R]{nextTodo: m.spare}
			m.spare = it
			if !yield(res, err) {
				return false
			}
		}
	}
}

// stop lets no call begin any more and waits for those that have begun.
func (m *mapping[A, R]) stop() {
	m.cancel()
	m.mu.Lock()
	m.stopped = true
	m.rouse()
	m.todo, m.waiting = list[A, R]{}, 0
	m.want = wantEnd
	wait := m.running > 0
	m.mu.Unlock()
	if wait {
		_, _ = future.Await(context.WithoutCancel(m.parent), (*turn[A, R])(m))
	}
}

// work is what a worker does: a call after the other.
func (m *mapping[A, R]) work() {
	m.mu.Lock()
	m.coming = false
	m.refused = nil
	m.running++
	m.mu.Unlock()
	m.loop(m.next(nil, false))
}

// loop makes the call of it, and of what comes next.
func (m *mapping[A, R]) loop(it *item[A, R]) {
	defer func() {
		if it != nil { // fn ends the goroutine
			m.loop(m.next(it, true)) // rule 2
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
// wait for it, or its goroutine ends. Rule 2 keeps it from leaving.
func (m *mapping[A, R]) next(did *item[A, R], ends bool) (it *item[A, R]) {
	begins := did == nil // a worker that has come makes one call at least
	for {
		m.mu.Lock()
		if did != nil {
			did.done = true
			if !m.ordered {
				m.out.pushOut(did)
			}
		}
		kept := m.strict != nil && m.running == 1 && !m.stopped && !m.strict.IsClosed()
		if kept || !ends && (begins || !m.contended()) {
			it = m.todo.popTodo()
		}
		switch {
		case it != nil:
			m.waiting--
		case kept:
			m.resting = true
		default:
			m.running--
		}
		call := m.callWorker() // rule 1
		var waker *future.Waker
		if m.waker != nil && m.ready() {
			waker, m.waker = m.waker, nil
		}
		m.mu.Unlock()
		if call {
			submit(m.pool, &hand[A, R]{m: m})
		}
		waker.Wake()
		if it != nil || !kept {
			return it
		}
		m.rest()
		did, begins = nil, false
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

// refuse is told that the worker that was coming does not.
func (m *mapping[A, R]) refuse(err error) {
	m.mu.Lock()
	m.coming = false
	m.refused = err
	var waker *future.Waker
	if m.waker != nil && m.ready() {
		waker, m.waker = m.waker, nil
	}
	m.mu.Unlock()
	waker.Wake()
}

// The next few are called with mu locked.

// callWorker reports whether another worker is to be submitted, and counts on it.
func (m *mapping[A, R]) callWorker() bool {
	if m.waiting == 0 || m.rouse() || m.coming || m.running >= m.workers {
		return false
	}
	m.coming = true
	return true
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
	if m.coming {
		own = 1
	}
	return m.queue != nil && m.queue.contended(own)
}

// dead reports whether no worker comes for what is to be done.
func (m *mapping[A, R]) dead() bool {
	return m.refused != nil && m.running == 0 && !m.coming && m.waiting > 0
}

// ready reports whether the consumer can go on.
func (m *mapping[A, R]) ready() bool {
	if m.want == wantEnd {
		return m.running == 0
	}
	if m.out.first != nil && m.out.first.done || m.dead() {
		return true
	}
	return m.want == wantRoom && m.inFlight < m.window && m.waiting <= mapBacklog/2
}

// takeDone takes what is done from the front of out.
func (m *mapping[A, R]) takeDone() *item[A, R] {
	first := m.out.first
	var last *item[A, R]
	for it := first; it != nil && it.done; it = it.nextOut {
		last = it
		m.inFlight--
	}
	if last == nil {
		return nil
	}
	m.out.first, last.nextOut = last.nextOut, nil
	if m.out.first == nil {
		m.out.last = nil
	}
	return first
}

// A turn is a mapping as the future of what its consumer wants.
type turn[A, R any] mapping[A, R]

func (t *turn[A, R]) Poll(w *future.Waker) (_ struct{}, ready bool, _ error) {
	m := (*mapping[A, R])(t)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ready() {
		m.waker = nil
		return struct{}{}, true, nil
	}
	m.waker = w
	return struct{}{}, false, nil
}

// A hand is a worker that was submitted.
type hand[A, R any] struct {
	link
	m *mapping[A, R]
}

func (h *hand[A, R]) run()             { h.m.work() }
func (h *hand[A, R]) refuse(err error) { h.m.refuse(err) }

func (h *hand[A, R]) unwanted() bool {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	return h.m.stopped
}

// An item is a value on its way.
type item[A, R any] struct {
	arg      A
	res      R
	err      error
	done     bool
	nextTodo *item[A, R] // of todo and of spare
	nextOut  *item[A, R]
}

type list[A, R any] struct{ first, last *item[A, R] }

func (l *list[A, R]) pushTodo(it *item[A, R]) {
	if l.first == nil {
		l.first = it
	} else {
		l.last.nextTodo = it
	}
	l.last = it
}

func (l *list[A, R]) popTodo() *item[A, R] {
	it := l.first
	if it != nil {
		l.first, it.nextTodo = it.nextTodo, nil
	}
	return it
}

func (l *list[A, R]) pushOut(it *item[A, R]) {
	if l.first == nil {
		l.first = it
	} else {
		l.last.nextOut = it
	}
	l.last = it
}

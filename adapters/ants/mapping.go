package ants

import (
	"context"
	"sync"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/future"
)

// A mapping is one run of Map: a consumer, which adds values and takes results
// (mapconsumer.go), workers, which come when there is something to do and leave
// when there is not (mapworker.go), and the items that go round between them
// (mapitem.go).
//
//  1. While an item is in todo and the mapping goes on, a worker runs, which will
//     look at todo again, or one is coming. Whoever adds an item or is a worker
//     that leaves sees to it. If the pool refuses the one that was coming and no
//     other runs, that is the end: the mapping is dead.
//  2. A pool that does not block may refuse a worker while one that has left is on
//     its way back to it. Of such a pool the last worker does not leave, but rests,
//     until there is something to do or the mapping stops.
//  3. A pool that limits how many may wait may refuse the worker that comes next. Of
//     such a pool a worker that has more to do leaves when that one is accepted.
//  4. An item belongs to the consumer while it is spare or taken from out, to a
//     worker while it is being called, and otherwise to mu.
//  5. Whoever makes ready true while the consumer waits takes its waker and wakes
//     it, once mu is unlocked.
type mapping[A, R any] struct {
	parent context.Context // the loop's
	ctx    context.Context // fn's
	cancel context.CancelFunc
	pool   Pool
	fn     func(context.Context, A) (R, error)
	route  *route // of the pool, or nil
	strict gauge  // a pool that does not block, or nil

	foreign bool // the pool may block, and there is no queue
	workers int  // how many may run at once
	window  int  // how many items may be in flight

	spare *item[A, R] // of the consumer

	mu   sync.Mutex
	todo todo[A, R]
	out  outbox[A, R]

	running int         // workers that have begun and not left
	coming  *hand[A, R] // a worker that was submitted and has not begun
	refused error       // why the last one did not begin
	resting bool        // the only one that runs waits in rest
	rested  sync.Cond   // that resting is false
	stopped bool

	want  want
	waker *future.Waker // the consumer's, while it waits
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

func newMapping[A, R any](caller string, ctx context.Context, p Pool, fn func(context.Context, A) (R, error), ordered bool) *mapping[A, R] {
	m := &mapping[A, R]{parent: ctx, pool: p, fn: fn, route: routeOf(caller, p)}
	m.ctx, m.cancel = context.WithCancel(ctx)
	m.out.ordered = ordered
	m.rested.L = &m.mu
	m.workers = mapUnlimited
	g, ok := p.(gauge)
	if ok && g.Cap() > 0 && g.Cap() < ants.DefaultAntsPoolSize {
		m.workers = g.Cap()
	}
	if m.route == nil {
		inside, _ := poolInside(caller, p)
		m.foreign = inside == nil
		if !m.foreign && g.Cap() > 0 {
			m.strict = guard(g)
		}
	}
	m.window = m.workers + mapBacklog
	return m
}

// dead reports whether no worker comes for what is to be done: rule 1. It is called
// with mu locked.
func (m *mapping[A, R]) dead() bool {
	return m.refused != nil && m.running == 0 && m.coming == nil && m.todo.len > 0
}

// ready reports whether the consumer can go on. It is called with mu locked.
func (m *mapping[A, R]) ready() bool {
	switch {
	case m.want == wantEnd:
		return m.running == 0
	case m.out.ready() || m.dead():
		return true
	default:
		return m.want == wantRoom && m.out.len < m.window && m.todo.len <= mapBacklog/2
	}
}

// takeWaker takes the waker of the consumer if it is to be woken: rule 5. It is
// called with mu locked, and returns nil, which may be woken too, if there is
// nobody to wake.
func (m *mapping[A, R]) takeWaker() (w *future.Waker) {
	if m.waker != nil && m.ready() {
		w, m.waker = m.waker, nil
	}
	return w
}

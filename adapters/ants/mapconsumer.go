package ants

import (
	"context"

	"github.com/go-await/await/future"
)

// The consumer of a mapping is the goroutine or task of the loop. It adds values
// while there is room, takes what is done from the front of out, and waits when it
// can do neither:
//
//	        room, values left             a result is done
//	add ◀──────────────────── deliver ───────────────────────▶ yield
//	 │                        ▲  │ ▲                             │
//	 └────────────────────────┘  │ └─────────────────────────────┘
//	                             │ neither: Await of turn, in which want says
//	                             ▼ what for
//	                           stop, with the last pair or without one
//
// There is room while less than window items are in flight, and less than a
// backlog of them to do. Once there is none, the consumer waits until half of the
// backlog is done, so as not to be woken for every item.
//
// Whatever ends the loop, stop comes last, and returns when no worker runs.

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
	m.todo.push(it)
	m.out.added(it)
	hand := m.callWorker()
	m.mu.Unlock()
	if hand != nil {
		m.bringWorker(hand)
	}
}

// deliver yields the results that there are, and waits for more until there is
// room for another item, or, if no more are to be added, until all have come. It
// reports whether the loop goes on.
func (m *mapping[A, R]) deliver(yield func(R, error) bool, adding bool) bool {
	for {
		ended := m.parent.Err() != nil
		m.mu.Lock()
		done := m.out.take()
		if done == nil && !ended {
			switch {
			case m.dead():
				err := m.refused
				m.mu.Unlock()
				var zero R
				yield(zero, err)
				return false
			case m.out.len == 0, adding && m.out.len < m.window && m.todo.len < mapBacklog:
				m.mu.Unlock()
				return true
			}
			m.want = wantResult
			if adding {
				m.want = wantRoom
			}
		}
		m.mu.Unlock()
		if done == nil && !ended {
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
		if ended {
			var zero R
			yield(zero, context.Cause(m.parent))
			return false
		}
	}
}

// stop lets no call begin any more and waits for those that have begun.
func (m *mapping[A, R]) stop() {
	m.cancel()
	m.mu.Lock()
	m.stopped = true
	m.rouse()
	m.todo = todo[A, R]{}
	m.want = wantEnd
	wait, coming := m.running > 0, m.coming
	m.mu.Unlock()
	if coming != nil {
		coming.giveUp()
	}
	if wait {
		_, _ = future.Await(context.WithoutCancel(m.parent), (*turn[A, R])(m))
	}
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

package future

import (
	"context"
	"iter"
)

// Buffered returns an iterator over the results of the futures in seq, in their
// order, with at most n of them running at a time: it takes one from seq when
// there is room. An n below one is one. It awaits like [Await]: a task that
// ranges over it is suspended, a goroutine blocked.
//
// A failed future does not end the loop. Leaving the loop cancels the futures
// that are running and takes no more from seq. When ctx ends they are cancelled
// too, and the loop ends after one last pair of the zero value and
// context.Cause(ctx). If a future panics in Poll, the others are cancelled and
// the panic goes on in the loop.
//
// Futures are polled when they are taken from seq, and after that when they were
// woken and the loop awaits. seq is called by the goroutine that ranges and runs
// on it; while it computes the next future, no other is polled. A future that is
// running takes 56 bytes and its result.
func Buffered[T any](ctx context.Context, seq iter.Seq[Future[T]], n int) iter.Seq2[T, error] {
	n = max(n, 1)
	return func(yield func(T, error) bool) {
		b := new(buffered[T])
		defer b.cancel()
		// deliver yields the oldest results: those that are there, and more
		// until no more than limit futures are left.
		deliver := func(limit int) bool {
			for len(b.window) > 0 {
				if !b.window[0].done && len(b.window) <= limit {
					return true
				}
				// Also for a result that is there: a task gives others their turn.
				if _, err := Await(ctx, b); err != nil {
					var zero T
					yield(zero, err)
					return false
				}
				if r := b.pop(); !yield(r.Value, r.Err) {
					return false
				}
			}
			return true
		}
		for f := range seq {
			if ctx.Err() != nil {
				Cancel(f)
				var zero T
				yield(zero, context.Cause(ctx))
				return
			}
			b.add(f)
			if !deliver(n - 1) {
				return
			}
		}
		deliver(0)
	}
}

// A buffered is a window onto a sequence of futures. It is, at each Await, the
// oldest of them. It is ready more than once and cannot be cancelled, so it
// stays here.
type buffered[T any] struct {
	queue  queue[T]
	window []*buffer[T] // oldest first
	base   uint32       // the index of the oldest
}

// A buffer is a future and, once it is done, its result.
type buffer[T any] struct {
	child[T]
	result Result[T]
	done   bool
}

// add adds a future and polls it.
func (b *buffered[T]) add(f Future[T]) {
	c := new(buffer[T])
	c.init(&b.queue, f, int(b.base)+len(b.window))
	b.window = append(b.window, c)
	b.poll(&c.child)
}

// pop takes out the oldest, which is done.
func (b *buffered[T]) pop() Result[T] {
	r := b.window[0].result
	b.window[0] = nil
	b.window = b.window[1:]
	b.base++
	return r
}

// Poll polls those that were woken, and reports whether the oldest is done.
func (b *buffered[T]) Poll(w *Waker) (_ struct{}, ready bool, err error) {
	b.queue.begin(w)
	for c := b.queue.take(); c != nil; c = b.queue.take() {
		b.poll(c)
	}
	return struct{}{}, b.window[0].done, nil
}

func (b *buffered[T]) poll(c *child[T]) {
	v, ready, err := c.poll()
	if ready {
		at := b.window[c.index-b.base]
		at.result, at.done = Result[T]{v, err}, true
	}
}

// cancel cancels those that are running, the oldest first.
func (b *buffered[T]) cancel() {
	b.queue.end()
	for len(b.window) > 0 {
		c := b.window[0]
		b.window = b.window[1:]
		if !c.done {
			defer b.cancel() // whatever this Cancel does
			c.child.cancel()
			return
		}
	}
}

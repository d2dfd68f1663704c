package future

import (
	"context"
	"iter"
	"reflect"
)

// Buffered returns an iterator over the results of the futures in seq, in their
// order, with at most n of them running at a time: it takes one from seq when
// there is room. An n below one is one. It awaits like [Await]: a task that
// ranges over it is suspended, a goroutine blocked. [BufferedUnordered] gives the
// results as they complete.
//
// A failed future does not end the loop. Leaving the loop cancels the futures
// that are running and takes no more from seq. If a future panics in Poll, the
// others are canceled and the panic goes on in the loop.
//
// When ctx ends, nothing is waited for any more. The futures that are running are
// canceled, and those that have their result all the same are given, in order; then
// those that seq still has, up to the first that is not ready, or 1024 of them. The
// loop ends after one last pair of the zero value and context.Cause(ctx). If nothing
// was left when ctx ended, it just ends.
//
// Futures are polled when they are taken from seq, and after that when they were
// woken and the loop awaits. seq is called by the goroutine that ranges and runs
// on it; while it computes the next future, no other is polled. A future that is
// running takes 72 bytes and its result. Buffered panics if ctx or seq is nil.
func Buffered[T any](ctx context.Context, seq iter.Seq[Future[T]], n int) iter.Seq2[T, error] {
	checkStream(ctx, seq, "Buffered")
	return func(yield func(T, error) bool) {
		stream(ctx, seq, max(n, 1), new(buffered[T]), yield)
	}
}

// A buffered is a window that gives the results in the order of the futures. It is,
// at each Await, the oldest of them.
type buffered[T any] struct {
	queue  queue[T]
	window []*buffer[T] // oldest first
	base   uint32       // the index of the oldest
}

// A buffer is a future and, once it is done, its result.
type buffer[T any] struct {
	child[T]
	result Result[T]
	owner  func(T) // of the value, if it has one
	done   bool
}

// add adds a future and polls it.
func (b *buffered[T]) add(f Future[T]) {
	b.queue.whole = b
	c := new(buffer[T])
	c.init(&b.queue, f, int(b.base)+len(b.window))
	b.window = append(b.window, c)
	b.poll(&c.child)
}

func (b *buffered[T]) more(limit int) bool {
	return len(b.window) > limit || len(b.window) > 0 && b.window[0].done
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
	src := c.src
	v, ready, err := c.poll()
	if !ready {
		return
	}
	at := b.window[c.index-b.base]
	at.result, at.done = Result[T]{v, err}, true
	if err == nil {
		at.owner = ownerOf(src)
	}
}

func (b *buffered[T]) giveUp(yield func(T, error) bool) bool {
	b.queue.end()
	for _, c := range b.window {
		Cancel(c.src) // nil if it is done
	}
	for len(b.window) > 0 {
		c := b.window[0]
		if !c.done {
			l := canceled
			v, kept, err := salvage(&l, c.src)
			c.src, c.done = nil, true
			if !kept {
				b.pop()
				continue
			}
			c.result = Result[T]{v, err}
		}
		if r := b.pop(); !yield(r.Value, r.Err) {
			return false
		}
	}
	return true
}

// cancel cancels those that are running and gives back the values of the others,
// the oldest first.
func (b *buffered[T]) cancel() {
	b.queue.end()
	for len(b.window) > 0 {
		c := b.window[0]
		b.window = b.window[1:]
		switch {
		case !c.done:
			defer b.cancel() // whatever this Cancel does
			c.child.cancel()
			return
		case c.owner != nil:
			defer b.cancel()
			c.owner(c.result.Value)
			return
		}
	}
}

func (b *buffered[T]) String() string { return typeName("Buffered", reflect.TypeFor[T]()) }

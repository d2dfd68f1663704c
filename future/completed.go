package future

import (
	"context"
	"iter"
	"reflect"
	"slices"
)

// Completed returns an iterator over the results of fs in the order in which
// they complete, each with its index among the arguments. It awaits like
// [Await]: a task that ranges over it is suspended, a goroutine blocked.
//
// Every index comes once, unless the loop is left: then the rest is canceled.
// When ctx ends, the futures that are not ready are canceled, and come with the
// error context.Cause(ctx). If a future panics in Poll, the others are
// canceled and the panic goes on in the loop.
//
// The first Poll polls all of fs, a later one those that were woken since. Each
// takes 56 bytes. They are used up by the first loop, and untouched as long as
// there is none. Completed copies fs, and panics if ctx is nil.
func Completed[T any](ctx context.Context, fs ...Future[T]) iter.Seq2[int, Result[T]] {
	if ctx == nil {
		panic("future: Completed with a nil context")
	}
	fs = slices.Clone(fs) // the caller may use the slice for others
	return func(yield func(int, Result[T]) bool) {
		c := new(completed[T])
		c.group.init(c, "Completed", fs, nil)
		defer c.group.cancel()
		for c.group.running > 0 {
			done, err := Await(ctx, c)
			if err != nil {
				c.giveUp(err, yield)
				return
			}
			if !yield(done.index, done.result) {
				return
			}
		}
	}
}

// A completed is, at each Await, the next of its children to finish. It is ready
// more than once and cannot be canceled, so it stays here.
type completed[T any] struct {
	group group[T]
}

type indexed[T any] struct {
	index  int
	result Result[T]
}

func (c *completed[T]) Poll(w *Waker) (done indexed[T], ready bool, err error) {
	c.group.begin(w)
	i, v, _, err := c.group.next()
	if i < 0 {
		return done, false, nil
	}
	return indexed[T]{i, Result[T]{v, err}}, true, nil
}

func (c *completed[T]) String() string { return typeName("Completed", reflect.TypeFor[T]()) }

// giveUp cancels what is running and yields it with cause, or with the result
// that came in time.
func (c *completed[T]) giveUp(cause error, yield func(int, Result[T]) bool) {
	for i := range c.group.children {
		child := &c.group.children[i]
		src := child.src
		if src == nil {
			continue
		}
		child.src = nil
		c.group.running--
		var r Result[T]
		r.Value, r.Err = giveUp(src, cause)
		if !yield(i, r) {
			return
		}
	}
}

package future

import (
	"context"
	"iter"
)

// A window is the futures that a loop over a sequence has running. As a future it
// is ready when the loop can take a result. It is ready more than once and cannot be
// canceled, so it stays here.
type window[T any] interface {
	Future[struct{}]
	// add adds a future.
	add(f Future[T])
	// more reports whether there is a result, or the loop must wait for one because
	// there are more than limit futures.
	more(limit int) bool
	// pop takes a result, once Poll was ready.
	pop() Result[T]
	// giveUp cancels what is running and then yields the results that are there. It
	// reports whether the loop goes on.
	giveUp(yield func(T, error) bool) bool
	// cancel cancels what is running, and gives back what has not been taken.
	cancel()
}

// maxLate is how many futures a loop takes from its sequence after its context has
// ended, for the results that are there.
const maxLate = 1024

// stream is the loop of Buffered and BufferedUnordered.
func stream[T any](ctx context.Context, seq iter.Seq[Future[T]], n int, w window[T], yield func(T, error) bool) {
	defer w.cancel()
	var cause error // why nothing is waited for any more, or nil
	deliver := func(limit int) (goOn bool) {
		for w.more(limit) {
			// Also for a result that is there: a task gives others their turn.
			if _, err := Await(ctx, w); err != nil {
				cause = err
				return w.giveUp(yield)
			}
			if r := w.pop(); !yield(r.Value, r.Err) {
				return false
			}
		}
		return true
	}
	late := 0
	for f := range seq {
		f = orNil(f, "a future of the sequence")
		if cause == nil && ctx.Err() == nil {
			w.add(f)
			if !deliver(n - 1) {
				return
			}
			continue
		}
		if cause == nil {
			cause = context.Cause(ctx)
			if !w.giveUp(yield) {
				Cancel(f)
				return
			}
		}
		Cancel(f)
		l := canceled
		v, kept, err := salvage(&l, f)
		if !kept {
			break
		}
		if !yield(v, err) {
			return
		}
		if late++; late == maxLate {
			break
		}
	}
	if cause == nil && !deliver(0) {
		return
	}
	if cause != nil {
		var zero T
		yield(zero, cause)
	}
}

// checkStream panics if an argument of the loop of that name is nil.
func checkStream[T any](ctx context.Context, seq iter.Seq[Future[T]], name string) {
	if ctx == nil {
		panic("future: " + name + " with a nil context")
	}
	if seq == nil {
		panic("future: " + name + " of a nil sequence")
	}
}

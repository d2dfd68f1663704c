package future

// A Future is a result that may not be there yet.
//
// Poll reports the result if it is there, and otherwise arranges for w to be
// woken. It never blocks. One goroutine at a time polls a future, not always the
// same one; a hand-over is synchronized by the program. The rules, by number:
//
//  1. Not ready: Poll returns the zero value, false and nil. The future has
//     taken w and wakes it at least once when a further Poll may make progress.
//     Only the waker of the latest Poll need be woken; an older one may be. A
//     nil w asks for nothing: that Poll is a try, and an older waker may be
//     forgotten by it.
//  2. Ready: Poll returns the result and true, once. Every later Poll returns
//     true and an error that is [ErrConsumed].
//  3. Spurious wakes are allowed, lost ones are not: a wake that races with Poll
//     leads to another Poll.
//  4. A future that holds anything implements [Canceler]. Cancel is idempotent,
//     may race with wakes but not with Poll, nor be called within it, stops timers
//     and context callbacks, cancels children and tells producers. After it Poll is
//     ready with an error that is [ErrCanceled]; the first Poll after it may give a
//     result that had come before instead, and a combinator of one source does if
//     its source does.
//  5. A future that panics in Poll is finished. The caller of Poll cancels it, and
//     the panic surfaces as that consumer documents.
//  6. The methods of a waker are safe for concurrent use, do not block, and are
//     harmless after the task has ended. A waker that panics does so after the
//     transition that led to it is complete.
type Future[T any] interface {
	Poll(w *Waker) (v T, ready bool, err error)
}

// A Canceler is a future that has something to release when it will not be polled
// again, or a producer to tell.
type Canceler interface {
	Cancel()
}

// Cancel calls f.Cancel if f is a [Canceler] and does nothing otherwise. It must
// not race with a Poll of f.
func Cancel(f any) {
	if c, ok := f.(Canceler); ok {
		c.Cancel()
	}
}

// A Result is what a future came to: a value, or an error.
type Result[T any] struct {
	Value T
	Err   error
}

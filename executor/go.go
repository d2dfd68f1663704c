package executor

import (
	"context"

	"github.com/go-await/await/future"
)

// Go runs fn as a task of e. fn is straight-line code: where it calls
// [future.Await] with ctx, or a context derived from it, the task is suspended
// and its worker runs others. It runs on one worker at a time, not always the
// same. What one part of fn did happens before the next, as in any function.
//
// ctx ends, with a cause, when the task is cancelled, and when it has ended.
// [FromContext] gives e.
//
// A panic in fn ends the task with a [*future.PanicError], runtime.Goexit with
// [future.ErrGoexit]; the worker lives on. fn must not leave the goroutine locked
// to its thread when it suspends or returns: an Await after runtime.LockOSThread is
// a fatal error of the runtime ("OS thread locking must match"). Run such code with
// [future.Go], and await that.
//
// Go allocates the task, and runs it on a coroutine that an earlier task has left,
// or on a new one: a goroutine with its own stack, which exists as long as fn
// runs. A derived context, or a call of ctx.Done or Value, makes a standard context
// behind ctx, which is up to four allocations more. It panics if fn is nil. If e is
// closed fn does not run and the result is [ErrClosed].
func Go[T any](e *Executor, fn func(ctx context.Context) (T, error), opts ...TaskOption) *Handle[T] {
	t := newGoTask(fn, opts)
	parent := t.extra.parent
	if parent == nil {
		parent = e.root
	}
	t.init(parent)
	t.launch(e)
	return &t.Handle
}

// A goTask is a Handle with the function that it runs, in one allocation.
type goTask[T any] struct {
	Handle[T]
	extra extra
	fiber fiber
	fn    func(ctx context.Context) (T, error)
	value T
	err   error
}

func newGoTask[T any](fn func(context.Context) (T, error), opts []TaskOption) *goTask[T] {
	if fn == nil {
		panic("executor: Go of a nil function")
	}
	t := &goTask[T]{fn: fn}
	t.extra.fiber = &t.fiber
	for _, o := range opts {
		o(&t.extra)
	}
	return t
}

// init makes it a task whose context descends from parent.
func (t *goTask[T]) init(parent context.Context) {
	t.extra.parent = parent
	t.Handle.init((*goFuture[T])(t), &t.extra)
	t.fiber.init(&t.Handle.task)
}

// run is what the coroutine runs.
func (f *goFuture[T]) run() {
	t := (*goTask[T])(f)
	returned := false
	defer func() {
		if !returned {
			t.err = future.Recovered(recover())
		}
	}()
	t.value, t.err = t.fn(&t.fiber)
	returned = true
}

// A goFuture is a goTask as the future that its Handle polls, once the fiber has
// ended. It cannot be cancelled: fn unwinds through its own code.
type goFuture[T any] goTask[T]

func (f *goFuture[T]) Poll(*future.Waker) (v T, ready bool, err error) {
	t := (*goTask[T])(f)
	if !t.fiber.begun {
		return v, true, t.canceled.Load().cause
	}
	t.fn = nil
	v, err = t.value, t.err
	var zero T
	t.value = zero
	return v, true, err
}

// Cancel does nothing: it hides the Handle's.
func (f *goFuture[T]) Cancel() {}

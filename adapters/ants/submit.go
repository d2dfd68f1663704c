package ants

import (
	"context"

	"github.com/go-await/await/oneshot"
)

// Submit has a worker of p call fn, and returns the receiver of its result.
//
// Submit does not wait for a worker, except of a foreign [Pool]. If none is free and p is a pool that
// blocks, the call is queued: it costs its memory and no goroutine. The receiver
// gets what fn returns, a value that comes with an error too; a [*future.PanicError] if fn panics, which the pool's own
// handler does not see; [future.ErrGoexit] if fn calls runtime.Goexit; or the
// error with which p refuses: ants.ErrPoolClosed, also for what was queued when
// the pool was released, and ants.ErrPoolOverload if p does not block, or if more
// than its MaxBlockingTasks would be queued.
//
// If the receiver is closed before fn is called, fn is not called, and is kept no
// longer. An fn that has begun is not disturbed: see [SubmitContext]. A value that
// comes without an error when the receiver is closed goes to the functions of
// [oneshot.Receiver.OnDrop], and so to the release of [future.Owned].
//
// Submit allocates the receiver and the call, as one, and p what it needs to start a
// worker. It panics if p, fn or one of opts is nil. See [OnEnd].
func Submit[T any](p Pool, fn func() (T, error), opts ...CallOption) *oneshot.Receiver[T] {
	if fn == nil {
		panic("ants: Submit: fn is nil")
	}
	c := newCall(fn)
	c.apply("Submit", opts)
	submit("Submit", p, c)
	return c.receiver()
}

// SubmitContext is [Submit] of a function with a context. The context descends
// from ctx and ends also when the receiver is closed, with the cause
// [oneshot.ErrClosed], and when fn has returned.
//
// If ctx has ended when a worker comes to the call, fn is not called and the
// receiver gets context.Cause(ctx). Until then nothing watches ctx: a
// [future.Await] of the receiver with the same ctx does not wait longer than that.
// It panics if ctx, p, fn or one of opts is nil.
func SubmitContext[T any](ctx context.Context, p Pool, fn func(ctx context.Context) (T, error), opts ...CallOption) *oneshot.Receiver[T] {
	switch {
	case ctx == nil:
		panic("ants: SubmitContext: ctx is nil")
	case fn == nil:
		panic("ants: SubmitContext: fn is nil")
	}
	c := new(call[T])
	c.apply("SubmitContext", opts)
	c.fn = holdFunc(func() (T, error) {
		if ctx.Err() != nil {
			var zero T
			return zero, context.Cause(ctx)
		}
		ctx, cancel := c.result.Context(ctx)
		defer cancel()
		return fn(ctx)
	})
	submit("SubmitContext", p, c)
	return c.receiver()
}

// Do is [Submit] of a function without a value. It allocates the function that Submit
// is given besides.
func Do(p Pool, fn func() error, opts ...CallOption) *oneshot.Receiver[struct{}] {
	if fn == nil {
		panic("ants: Do: fn is nil")
	}
	c := newCall(func() (struct{}, error) { return struct{}{}, fn() })
	c.apply("Do", opts)
	submit("Do", p, c)
	return c.receiver()
}

// Queued returns the number of calls of this package that wait for a worker of p. It is 0
// for a pool that does not block or has no limit, and for a foreign [Pool]: then none is
// queued here. It does not count what waits in Submit of p itself, see Waiting of p. It may
// be called at any time. It panics if p is nil.
func Queued(p Pool) int {
	r := routeOf("Queued", p)
	if r == nil {
		return 0
	}
	return r.queue.alive()
}

// submit has j run or refused. caller is the function that p was given to.
func submit(caller string, p Pool, j job) {
	if r := routeOf(caller, p); r != nil {
		r.submit(j)
	} else {
		submitTo(p, j)
	}
}

// submitTo has Submit of p called as it is.
func submitTo(p Pool, j job) {
	attempt(j, func() error { return p.Submit(j.run) })
}

package future

import "context"

// WithContext returns a future with the result of f, or with context.Cause(ctx)
// if ctx ends before f is ready. It cancels f then. f is polled before ctx is
// looked at, so a result that is there wins over a context that has ended, and
// one that comes before the cancellation took effect is not lost.
//
// The waker goes straight to f. One callback is registered with ctx by the first
// Poll that finds f not ready and ctx alive; it is removed when f is ready and
// by Cancel. It runs no goroutine, apart from the one that [context.AfterFunc]
// needs for a context that is not the standard library's.
func WithContext[T any](ctx context.Context, f Future[T]) Future[T] {
	return &withContext[T]{src: orNil(f), ctx: ctx}
}

type withContext[T any] struct {
	src   Future[T]
	ctx   context.Context // nil once life is over
	watch watch
	life  life
}

func (c *withContext[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if c.life != live {
		return v, true, c.life.err()
	}
	v, ready, err = c.src.Poll(w)
	if !ready && !c.watch.poll(c.ctx, w) {
		return v, false, nil
	}
	src, ctx := c.src, c.ctx
	c.end(consumed)
	if !ready {
		v, err = giveUp(src, context.Cause(ctx))
	}
	return v, true, err
}

// Cancel removes the callback from the context and cancels the source.
func (c *withContext[T]) Cancel() {
	if c.life == live {
		src := c.src
		c.end(canceled)
		Cancel(src)
	}
}

func (c *withContext[T]) end(l life) {
	c.src, c.ctx, c.life = nil, nil, l
	c.watch.stop()
}

package future

import (
	"context"
	"reflect"
)

// WithContext returns a future with the result of f, or with context.Cause(ctx)
// if ctx ends before f is ready. It cancels f then. f is polled before ctx is
// looked at, so a result that is there wins over a context that has ended, and
// one that comes before the cancellation took effect is not lost: not to the end
// of ctx, and not to Cancel, after which one further Poll gives it.
//
// The waker goes straight to f. One callback is registered with ctx by the first
// Poll that finds f not ready and ctx alive; it is removed when f is ready and
// by Cancel. Before that Poll it is one allocation, and then three more. It runs
// no goroutine, apart from the one that [context.AfterFunc] needs for a context
// that is not the standard library's. WithContext panics if ctx is nil.
func WithContext[T any](ctx context.Context, f Future[T]) Future[T] {
	if ctx == nil {
		panic("future: WithContext with a nil context")
	}
	c := &withContext[T]{watch: watch{ctx: ctx}}
	c.src, c.limit = orNil(f, "WithContext: the future"), &c.watch
	return c
}

type withContext[T any] struct {
	bounded[T]
	watch watch
}

func (c *withContext[T]) String() string { return typeName("WithContext", reflect.TypeFor[T]()) }

package future

import "context"

// A Suspender is how a task waits without blocking the goroutine it runs on. An
// executor puts one into the context of each of its tasks with [WithSuspender],
// and [Await] finds it there. Its methods are called through the context, which
// may have been handed to any goroutine.
type Suspender interface {
	// Enter is called once at the beginning of each Await. It returns the
	// waker of the task if the calling goroutine is, exactly, the one that is
	// running the task now, and nil otherwise: Await then blocks the goroutine.
	// Enter may let other tasks run before it returns, so that a task whose
	// futures are always ready does not starve them. turn is a number that is
	// another one whenever the task has been suspended.
	Enter() (w *Waker, turn uint32)

	// Suspend is called by the goroutine for which Enter returned the waker,
	// after a Poll with it that was not ready. It gives the goroutine up until
	// the waker is woken or ctx ends, and may return early for any reason. A
	// wake since that Poll began makes it return. So it returns at once if the
	// turn is not the given one, in which that Poll began: the future's code has
	// awaited something else, which has suspended the task, and may have been
	// woken in this one's place. ctx descends from the task's context. awaited is
	// the future, for reports only. The result is the turn in which it returns.
	Suspend(ctx context.Context, awaited any, turn uint32) uint32
}

type suspenderKey struct{}

// SuspenderKey is the key under which a context's Value is its Suspender, for
// executors whose tasks have contexts of their own. Others use [WithSuspender].
var SuspenderKey any = suspenderKey{}

// WithSuspender returns a context in which [Await] suspends s.
func WithSuspender(parent context.Context, s Suspender) context.Context {
	return context.WithValue(parent, suspenderKey{}, s)
}

// SuspenderOf returns the Suspender of the nearest [WithSuspender] that ctx
// descends from, or ctx itself if it is a Suspender, or nil. Most code wants
// [Await] instead.
func SuspenderOf(ctx context.Context) Suspender {
	if s, ok := ctx.(Suspender); ok {
		return s // a task's own context, most often: spare it the look-up
	}
	s, _ := ctx.Value(suspenderKey{}).(Suspender)
	return s
}

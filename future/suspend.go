package future

import (
	"context"

	"github.com/go-await/await/internal/current"
)

// A Suspender is how a task waits without blocking the goroutine it runs on.
//
// An executor puts one into the context of each of its tasks with [WithSuspender],
// where [Await] finds it at once. With [Bind] it enters the goroutine on which it
// runs the task's code, so that a wait that is given another context finds it too.
// The methods are called through the context, which may have been handed to any
// goroutine.
type Suspender interface {
	// Enter is called once at the beginning of each wait. It returns the waker of
	// the task if the calling goroutine is, exactly, the one that is running the
	// task now, and nil otherwise: the wait then blocks the goroutine. turn is a
	// number that changes whenever the task is suspended.
	//
	// Enter may let other tasks run before it returns, so that a task whose futures
	// are always ready does not starve them. It returns [Yielded] as the turn then.
	Enter() (w *Waker, turn uint32)

	// Suspend is called by the goroutine for which Enter returned the waker, after
	// a Poll with it that was not ready. It gives the goroutine up until the waker
	// is woken or ctx ends, and may return early for any reason. It returns the
	// turn in which it returns.
	//
	// A wake since that Poll began makes it return. So it returns at once if turn,
	// in which that Poll began, is over: the future's code has awaited something
	// else, which has suspended the task, and may have been woken in this wait's
	// place. ctx need not descend from the task's context. awaited is the future,
	// for reports only.
	Suspend(ctx context.Context, awaited any, turn uint32) uint32
}

// Yielded is the turn that [Suspender.Enter] returns after it has let other tasks
// run. An [Await] whose context has ended then returns its cause without a look at
// the future: a canceled task ends even if all its futures are ready.
const Yielded uint32 = 1<<32 - 1

// WithSuspender returns a context in which [Await] suspends s.
func WithSuspender(parent context.Context, s Suspender) context.Context {
	return context.WithValue(parent, current.ContextKey{}, s)
}

// SuspenderOf returns the Suspender of the nearest [WithSuspender] that ctx
// descends from, or ctx itself if it is a Suspender, or nil. Most code wants
// [Await] instead.
func SuspenderOf(ctx context.Context) Suspender {
	if s, ok := ctx.(Suspender); ok {
		return s // a task's own context, most often: spare it the look-up
	}
	s, _ := ctx.Value(current.ContextKey{}).(Suspender)
	return s
}

// Bind makes s the Suspender of the calling goroutine, until unbind is called by
// the same goroutine: each wait of this module that would block the goroutine asks
// s first, whatever context it is given. A goroutine has one Suspender at a time;
// Bind panics if s is nil or the goroutine has one. Bind allocates twice. It is for
// executors that have their own way to suspend code: those of package executor
// need no call of it.
func Bind(s Suspender) (unbind func()) {
	if s == nil {
		panic("future: Bind of a nil Suspender")
	}
	if current.Get() != nil {
		panic("future: Bind on a goroutine that has a Suspender")
	}
	e := new(current.Entry)
	current.Set(e, s)
	return func() { current.Remove(e) }
}

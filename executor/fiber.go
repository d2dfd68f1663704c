package executor

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
	"weak"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/current"
)

// A fiber is the part of a task that runs on a coroutine: it is the context that
// the task's function gets, and the [future.Suspender] in it.
//
// Its fields belong to the task's function while that runs, and to the worker
// that resumes it otherwise, except those marked atomic.
type fiber struct {
	task *task

	worker     *worker // that polls the task; nil for a Runnable
	budget     int32   // awaits before it yields
	begun      bool
	parentEnds bool // the parent can end
	co         *coroutine
	awaited    any // what Suspend was called with since Enter, for Dump and Consuming

	// owner is the goroutine of the coroutine while the function runs on it.
	// Atomic: any goroutine that has the context compares itself with it.
	owner atomic.Uintptr

	// The standard context behind this one, made when somebody needs more than
	// Err. Atomic; see std.
	inner atomics.Pointer[innerContext]

	// The context that the task's waker is registered with, besides its own, and
	// the registration, which is kept by that context and not by the task.
	watched <-chan struct{}
	watch   weak.Pointer[registration]
}

// budget is how many awaits a task may make in a row before the others get a
// turn, however ready its futures are.
const budget = 128

func (f *fiber) init(t *task) {
	f.task = t
	f.parentEnds = f.parent().Done() != nil
}

// parent returns the context that the task's descends from.
func (f *fiber) parent() context.Context { return f.task.extra.parent }

// mount makes the coroutine ready to be resumed, by whoever calls it, and reports
// whether there is one: the function may have been cancelled before it began.
func (f *fiber) mount() bool {
	if !f.begun && !f.begin() {
		return false
	}
	f.budget = budget
	if f.worker != nil {
		f.co.at.set(f.worker, f.co.id)
	}
	return true
}

// unmount is called when the coroutine has been left, and reports whether the
// function has ended, or will never begin.
func (f *fiber) unmount() bool {
	if f.co == nil {
		return true
	}
	if !f.co.isFree() {
		return false
	}
	f.end()
	return true
}

// begin gives the function a coroutine, unless the task was cancelled before:
// then it never runs.
func (f *fiber) begin() bool {
	if f.task.canceled.Load() != nil {
		f.end()
		return false
	}
	f.begun = true
	if f.worker != nil {
		f.co = f.worker.takeCoroutine()
	} else {
		f.co = newCoroutine()
	}
	f.co.body = f
	return true
}

// run is the coroutine's body. Stacks are found by its frame: see stacks.go.
//
//go:noinline
func (f *fiber) run() {
	f.owner.Store(uintptr(f.co.id)) // Enter by this goroutine is the task's from now on
	defer f.owner.Store(0)          // and not any more: the coroutine runs others
	f.task.label()
	defer f.task.unlabel()
	f.task.target().run()
	runtime.KeepAlive(f)
}

// end releases what the task holds and ends its context.
func (f *fiber) end() {
	if co := f.co; co != nil {
		f.co = nil
		if f.worker != nil {
			f.worker.putCoroutine(co)
		} else {
			co.end()
		}
	}
	f.unregister()
	f.awaited = nil
	// nil → over: what is left of the context's users learns that the task
	// is over.
	f.task.canceled.CompareAndSwap(nil, over)
	f.cancelContext(context.Canceled)
}

// Enter is part of [future.Suspender]. A turn is a poll of the task.
func (f *fiber) Enter() (w *future.Waker, turn uint32) {
	if f.owner.Load() != uintptr(atomics.Goroutine()) {
		return nil, 0
	}
	f.awaited = nil
	if f.budget--; f.budget <= 0 || f.worker != nil && f.worker.overstays() {
		f.task.waker.Wake()
		f.co.suspend()
		return &f.task.waker, future.Yielded
	}
	return &f.task.waker, f.task.polls
}

// Suspend is part of [future.Suspender].
func (f *fiber) Suspend(ctx context.Context, awaited any, turn uint32) uint32 {
	if f.task.polls == turn {
		f.register(ctx)
		f.awaited = awaited
		f.co.suspend()
		if _, ok := awaited.(combinator); !ok {
			f.awaited = nil
		}
	}
	return f.task.polls
}

// A registration is the task's waker as a callback of a context.
type registration struct {
	stop func() bool
}

// register makes the end of ctx wake the task. The cancellation of the task does so
// anyway. For a context that can end for another reason a callback is registered,
// which stays until the task waits with another context, or ends.
func (f *fiber) register(ctx context.Context) {
	done := f.wakesBy(ctx)
	if done == f.watched {
		return
	}
	f.unregister()
	if done == nil {
		return
	}
	r := new(registration)
	r.stop = context.AfterFunc(ctx, func() {
		f.task.waker.Wake()
		runtime.KeepAlive(r) // by the callback, that is by ctx
	})
	f.watched, f.watch = done, weak.Make(r)
}

// wakesBy returns the channel of a context whose end has to be registered, or nil.
func (f *fiber) wakesBy(ctx context.Context) <-chan struct{} {
	if ctx == context.Context(f) && !f.parentEnds {
		return nil
	}
	done := ctx.Done()
	if in := f.inner.Load(); in != nil && done == in.ctx.Done() && !f.parentEnds {
		return nil
	}
	return done
}

func (f *fiber) unregister() {
	if f.watched == nil {
		return
	}
	if r := f.watch.Value(); r != nil {
		r.stop()
	}
	f.watched, f.watch = nil, weak.Pointer[registration]{}
}

// Yield lets the other tasks that are ready run first, whatever ctx it is given; of those
// that have not begun, 64 if there are more in the worker's queue. It
// returns the cause of ctx if ctx has ended, and nil otherwise. Outside a task it is
// runtime.Gosched.
func Yield(ctx context.Context) error {
	if ctx == nil {
		panic("executor: Yield with a nil context")
	}
	var w *future.Waker
	var turn uint32
	s := future.SuspenderOf(ctx)
	if s != nil {
		w, turn = s.Enter()
	}
	if w == nil {
		// With this ctx nothing says so, but it may be a task all the same.
		if s, _ = current.Get().(future.Suspender); s != nil {
			w, turn = s.Enter()
		}
	}
	if w != nil {
		w.Wake()
		s.Suspend(ctx, nil, turn) // in this frame: a further one costs a mispredicted return (BenchmarkTaskSwitch)
	} else {
		runtime.Gosched()
	}
	if ctx.Err() == nil { // context.Cause costs more (BenchmarkTaskSwitch)
		return nil
	}
	return context.Cause(ctx)
}

// An innerContext is a standard context that ends with the task.
type innerContext struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// std returns the standard context behind the fiber. Most tasks never need it;
// contexts derived from the fiber hang on it, as on any other.
func (f *fiber) std() context.Context {
	if in := f.inner.Load(); in != nil {
		return in.ctx
	}
	in, parent := new(innerContext), f.parent()
	if o := f.task.extra.observed.Load(); o != nil {
		parent = o.ctx // which descends from it
	}
	in.ctx, in.cancel = context.WithCancelCause(parent)
	// nil → in. Then look whether the task was cancelled: cancel does the same
	// in the other order, so one of the two cancels in.
	if !f.inner.CompareAndSwap(nil, in) {
		in.cancel(nil)
		return f.inner.Load().ctx
	}
	if c := f.task.canceled.Load(); c != nil {
		in.cancel(c.cause)
	}
	return in.ctx
}

// cancelContext ends the standard context, if there is one.
func (f *fiber) cancelContext(cause error) {
	if in := f.inner.Load(); in != nil {
		in.cancel(cause)
	}
}

// String is what fmt prints of the context, which other goroutines use at the same
// time.
func (f *fiber) String() string { return "context of " + f.task.describe() }

// Deadline is part of context.Context.
func (f *fiber) Deadline() (time.Time, bool) { return f.parent().Deadline() }

// Done is part of context.Context.
func (f *fiber) Done() <-chan struct{} { return f.std().Done() }

// Err is part of context.Context.
func (f *fiber) Err() error {
	c := f.task.canceled.Load()
	if c == nil && (!f.parentEnds || f.parent().Err() == nil) {
		return nil
	}
	ctx := f.std()
	if c != nil {
		// Whoever made ctx may not have come to cancel it yet, and the task
		// may not be woken again to see it.
		f.cancelContext(c.cause)
	}
	return ctx.Err()
}

// Value is part of context.Context.
func (f *fiber) Value(key any) any {
	switch key {
	case any(current.ContextKey{}):
		return future.Suspender(f)
	case any(executorKey{}):
		return f.task.executor()
	}
	return f.std().Value(key)
}

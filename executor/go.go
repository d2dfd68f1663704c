package executor

import (
	"context"

	"github.com/go-await/await/future"
)

// Go runs fn as a task of s, which is an executor or a group. fn is straight-line
// code: where it calls [future.Await] with ctx, or a context derived from it, the task
// is suspended and its worker runs others. It runs on one worker at a time, not always
// the same. What one part of fn did happens before the next, as in any function.
//
// ctx ends, with a cause, when the task is canceled, and when it has ended. In a
// [TaskGroup] it descends from the group's. [FromContext] gives the executor.
//
// A task that is canceled before it begins, or refused, runs nothing of fn, also not its
// deferred calls: a defer in fn does not keep another one from waiting in vain for
// something that fn was to do. Wait for the task's own result, or let go with
// [OnTaskEnd], which is called for every task.
//
// A panic in fn ends the task with a [*future.PanicError], runtime.Goexit with
// [future.ErrGoexit]; the worker lives on.
//
// fn must not suspend or return while its goroutine is locked to its thread. The runtime
// ends the process then, with "OS thread locking must match". An Await after
// runtime.LockOSThread does that. An Await in a Go function that C has called back does
// it too, since the goroutine is locked while such a function runs. Run such code with
// [future.Go], and await that.
//
// Go allocates the task, and runs it on a coroutine that an earlier task has left,
// or on a new one: a goroutine with its own stack, which exists as long as fn
// runs. A derived context, or a call of ctx.Done or Value, makes a standard context
// behind ctx, which is up to four allocations more. If s takes no more tasks fn does not
// run, and the result is [ErrRefused] or [ErrScopeEnded]. Go panics if fn is nil, or s is
// nil or a zero value.
func Go[T any](s Spawner, fn func(ctx context.Context) (T, error), opts ...TaskOption) *Handle[T] {
	var g *TaskGroup
	e, ok := s.(*Executor)
	if !ok || !e.isMade() { // seldom: this spares the call of a method of an interface
		e, g = spawnerOf("Go", s)
	}
	t := newGoTask("Go", fn, opts)
	parent := t.extra.parent
	if g != nil {
		parent = g.ctx
	} else if parent == nil {
		parent = e.root
	}
	t.init(parent)
	if g == nil {
		t.launch(e)
	} else {
		t.launchIn(g)
	}
	return &t.Handle
}

// GoIn is [Go] in g.
func GoIn[T any](g *TaskGroup, fn func(ctx context.Context) (T, error), opts ...TaskOption) *Handle[T] {
	return Go(g, fn, opts...)
}

// Do is [Go] for a function without a value.
func Do(s Spawner, fn func(ctx context.Context) error, opts ...TaskOption) *Handle[struct{}] {
	if fn == nil {
		panic("executor: Do with a nil function")
	}
	return Go(s, func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) }, opts...)
}

// GoContext is [Go] on the executor of ctx, which descends from a task's. The new task's
// context descends from ctx: it has the values, the deadline and the pprof labels of ctx
// and ends with it. If ctx is a context of a task that has ended, so is the new task's.
// The task belongs to no group, also if ctx does.
//
// If ctx descends from no task, fn does not run, and the result is [ErrNoExecutor].
// GoContext panics if ctx or fn is nil.
func GoContext[T any](ctx context.Context, fn func(ctx context.Context) (T, error), opts ...TaskOption) *Handle[T] {
	if ctx == nil {
		panic("executor: GoContext with a nil context")
	}
	t := newGoTask("GoContext", fn, opts)
	t.init(ctx)
	e := FromContext(ctx)
	if e == nil {
		t.reject(ErrNoExecutor)
		return &t.Handle
	}
	t.extra.inheritLabels()
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

// newGoTask returns a task for the function caller of this package.
func newGoTask[T any](caller string, fn func(context.Context) (T, error), opts []TaskOption) *goTask[T] {
	if fn == nil {
		panic("executor: " + caller + " with a nil function")
	}
	t := &goTask[T]{fn: fn}
	t.extra.fiber = &t.fiber
	if len(opts) > 0 {
		t.extra.apply(opts)
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
	t.fn = nil
	if !t.fiber.begun {
		return v, true, t.canceled.Load().cause
	}
	v, err = t.value, t.err
	var zero T
	t.value, t.err = zero, nil
	return v, true, err
}

// Cancel lets the function of a task go that is refused. It hides the Handle's.
func (f *goFuture[T]) Cancel() { f.fn = nil }

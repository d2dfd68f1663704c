package executor

import (
	"context"

	"github.com/go-await/await/future"
)

// A Runnable is a task without an executor: the kit for writing one. It is
// modelled on the Rust crate async-task.
//
// The task calls its schedule function whenever it has become ready to run: at
// the first [Runnable.Schedule], and after each wake that finds it waiting.
// Whatever schedule does with the Runnable, it must see to it that Run is called
// once for each call of schedule, by any goroutine. Schedule is called by wakers:
// it must not block and must not call Run itself.
type Runnable task

// NewRunnable returns a task that polls f, and its handle. The task does not run
// until somebody calls Schedule or Run. A nil f gives [future.ErrNil]. NewRunnable
// allocates the task and what its options say, and panics if schedule is nil.
func NewRunnable[T any](f future.Future[T], schedule func(*Runnable), opts ...TaskOption) (*Runnable, *Handle[T]) {
	if schedule == nil {
		panic("executor: NewRunnable with a nil schedule function")
	}
	if f == nil {
		f = future.Failed[T](future.ErrNil)
	}
	x := newExtra(opts)
	x.submit = schedule
	h := new(Handle[T])
	h.init(f, x)
	return (*Runnable)(&h.task), h
}

// NewRunnableFunc returns a task that runs fn as [Go] does, with a context that
// descends from ctx, and its handle. Its coroutine is not reused: it is made by
// the first Run and ends with fn. Either no goroutine that calls Run is locked to its
// thread, or all calls are by the one that made the first, as an event loop's may be:
// the runtime insists. It panics if fn or schedule is nil.
func NewRunnableFunc[T any](ctx context.Context, fn func(ctx context.Context) (T, error), schedule func(*Runnable), opts ...TaskOption) (*Runnable, *Handle[T]) {
	if schedule == nil {
		panic("executor: NewRunnableFunc with a nil schedule function")
	}
	t := newGoTask(fn, opts)
	t.init(ctx)
	t.extra.submit = schedule
	return (*Runnable)(&t.Handle.task), &t.Handle
}

// Schedule calls the schedule function for the first time. It is called once, by
// whoever made the Runnable, unless that calls Run directly.
func (r *Runnable) Schedule() { r.extra.submit(r) }

// Run runs the task until it waits or ends, and reports whether it has ended. If
// it was woken meanwhile, schedule is called again before Run returns. Run panics
// if it is called more often than schedule was.
func (r *Runnable) Run() (ended bool) {
	t := (*task)(r)
	t.state.begin()
	if t.poll() {
		return true
	}
	if t.state.pause() {
		t.schedule()
	}
	return false
}

// Name returns the name that TaskName gave, or "".
func (r *Runnable) Name() string { return r.extra.name }

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
//
// A failure that no consumer asks for is logged as [Go]'s is, with the name and the
// identity of the Runnable, which is unique in the process: to the logger of
// [TaskLogger], or else to slog.Default.
type Runnable task

// NewRunnable returns a task that polls f, and its handle. The task does not run
// until Schedule or Run is called. A nil f gives [future.ErrNil]. NewRunnable
// allocates the task and what its options say, and panics if schedule is nil.
func NewRunnable[T any](f future.Future[T], schedule func(*Runnable), opts ...TaskOption) (*Runnable, *Handle[T]) {
	if schedule == nil {
		panic("executor: NewRunnable with a nil schedule function")
	}
	if f == nil {
		f = future.Failed[T](future.ErrNil)
	}
	x := new(extra)
	x.apply(opts)
	if x.parent != nil {
		f = future.WithContext(x.parent, f)
	}
	h := new(Handle[T])
	h.init(f, x)
	return h.runnable(schedule), h
}

// NewRunnableFunc returns a task that runs fn as [Go] does, with a context that
// descends from ctx, and its handle. Its coroutine is not reused: it is made by
// the first Run and ends with fn. Either no goroutine that calls Run is locked to its
// thread, or all calls are by the one that made the first, as an event loop's may be:
// the runtime insists. For a loop in C that means that all calls of Run are made inside
// its callbacks, or all outside. NewRunnableFunc panics if ctx, fn or schedule is nil.
//
// What package executor does with the context of a task it does with fn's: [Scope],
// [Supervise], [GoContext] and [FromContext] work. FromContext gives an executor that
// is made when it is first asked for. Each task that is started on it is a Runnable too:
// it is given to schedule, which the first one's author wrote, and has the first one's
// logger and [PanicPolicy]. That executor has no goroutine and need not be closed. Its
// Stats, Tasks and Dump tell of the tasks that were started on it. Its Close and
// Shutdown cancel or await those tasks, and so return only if they are run meanwhile;
// called by fn or one of those tasks they return [ErrOwnTask]. Once fn has returned
// FromContext of its context is nil.
func NewRunnableFunc[T any](ctx context.Context, fn func(ctx context.Context) (T, error), schedule func(*Runnable), opts ...TaskOption) (*Runnable, *Handle[T]) {
	switch {
	case ctx == nil:
		panic("executor: NewRunnableFunc with a nil context")
	case schedule == nil:
		panic("executor: NewRunnableFunc with a nil schedule function")
	}
	t := newGoTask("NewRunnableFunc", fn, opts)
	t.init(ctx)
	return t.runnable(schedule), &t.Handle
}

// runnable makes the task a Runnable.
func (h *Handle[T]) runnable(schedule func(*Runnable)) *Runnable {
	h.extra.specials().kit.submit = schedule
	h.id = runnableIDs.Add(1)
	return (*Runnable)(&h.task)
}

// Schedule calls the schedule function for the first time. It is called once, by
// the maker of the Runnable, unless that calls Run directly. For a task that was canceled
// before, and so has ended, it does nothing. It panics if r is nil or a zero value.
func (r *Runnable) Schedule() { r.task("Schedule").submit(false) }

// Run runs the task until it waits or ends, and reports whether it has ended. If
// it was woken meanwhile, schedule is called again before Run returns. Run of a task
// that was canceled before its first Run runs nothing and returns true. Run panics
// if it is called more often than schedule was, or r is nil or a zero value.
func (r *Runnable) Run() (ended bool) {
	t := r.task("Run")
	if !t.state.begin() {
		return true
	}
	if t.shard != nil {
		t.shard.exec.enter() // the task lives: it has just begun
		defer t.shard.exec.leave()
	}
	if t.poll() {
		return true
	}
	if t.state.pause() {
		t.submit(true)
	}
	return false
}

// WokenWhileRunning reports why schedule was called: because the task was woken while
// it ran, as by [Yield], and not because it waited and was woken. Such a task goes
// behind the others that are ready, so that it does not starve them; one that waited may
// be run at once. WokenWhileRunning is for the schedule function, and may be called
// until the Run that follows.
func (r *Runnable) WokenWhileRunning() bool {
	k := &r.task("WokenWhileRunning").extra.special.kit
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.woken
}

// CancelCause is [Handle.CancelCause], for an executor that will not run the task, or
// has to stop: a task that has never run ends at once, with the cause as its result,
// and one that waits is scheduled, to unwind in its next Run. So an executor stops
// when it has canceled all its Runnables and goes on to run what is scheduled until
// all have ended. CancelCause panics if r is nil or a zero value.
//
// It counts as a cancellation by the executor, as that of [Executor.Close]: a scope whose
// task is canceled by it has failed.
func (r *Runnable) CancelCause(cause error) { r.task("CancelCause").cancelCause(cause, true) }

// Name returns the name that TaskName gave, or "".
func (r *Runnable) Name() string { return r.task("Name").name() }

// task returns the task that r is, for the method caller.
func (r *Runnable) task(caller string) *task {
	t := (*task)(r)
	switch {
	case r == nil:
		panic("executor: " + caller + " of a nil Runnable")
	case t.isZero():
		panic("executor: " + caller + " of a zero Runnable: use NewRunnable")
	}
	return t
}

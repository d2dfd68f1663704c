package executor

import (
	"context"
	"sync/atomic"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/current"
)

// Run runs fn as a task on the calling goroutine, and returns its result, which of a
// panic is a [*future.PanicError] and of runtime.Goexit [future.ErrGoexit]. It is
// an executor of a single thread: [FromContext] gives it, for [Go] and [Spawn],
// and no two of its tasks ever run at the same time, so they share what they like
// without locks; only between two awaits must it be in order.
//
// When fn has returned, the tasks that are left are cancelled with the cause
// [ErrClosed], and Run returns when they have unwound. When ctx ends, fn's
// context does, with the same cause.
//
// The goroutine is blocked as long as no task can run. Called within a task, Run
// suspends that task instead. A task of the inner Run is one of the outer executor's
// for Shutdown and Close: they return [ErrOwnTask]. A task that computes or blocks for
// longer than 1 s is reported to slog.Default; see [WithStallThreshold]. The goroutine
// may be locked to its thread, which the tasks then run on. Its pprof labels must be those
// of ctx, as within pprof.Do: they are set again after a task. If the future of a Spawn
// calls runtime.Goexit, the calling goroutine exits, after the rest has unwound.
//
// Run panics if fn is nil. It allocates an executor of one worker, a task and its
// coroutine, some 2 KB.
func Run[T any](ctx context.Context, fn func(ctx context.Context) (T, error)) (T, error) {
	if ctx == nil {
		panic("executor: Run with a nil context")
	}
	e := newExecutor(config{name: "run", workers: 1, threshold: defaultThreshold}, runWorker)
	e.labels = ctx // the goroutine's, if pprof.Do has set any
	e.caller = thisCaller()
	w := (*e.workers.Load())[0]
	w.started = true
	if _, nested := current.Get().(future.Suspender); nested {
		w.outer = new(outerTask)
		nestedRuns.Add(1)
		defer nestedRuns.Add(-1)
	}
	e.lot.take()
	t := newGoTask("Run", fn, nil)
	t.init(ctx)
	t.extra.ended = func(*task, error) {
		e.refuse(none)
		e.cancelAll(ErrClosed)
	}
	t.launch(e)
	e.goroutines.Add(1)                // for a goroutine that closes e meanwhile
	defer func() { <-e.over.Done() }() // its goroutines have stopped
	defer e.goroutines.Done()
	w.loopToTheEnd()
	v, _, err := t.Poll(nil)
	return v, err
}

// nestedRuns is how many calls of Run within a task have not returned. A task that awaits
// a handle of another one looks for those only if there are any.
var nestedRuns atomic.Int32

// loopToTheEnd loops until the executor has stopped, also if the goroutine
// exits meanwhile.
func (w *worker) loopToTheEnd() {
	returned := false
	defer func() {
		if !returned {
			w.exec.refuse(none)
			w.exec.cancelAll(future.ErrGoexit)
			w.loopToTheEnd()
		}
	}()
	w.loop()
	returned = true
	w.endCoroutines() // by the goroutine that made them
}

// park blocks the worker's goroutine until unpark is called, or suspends the task
// whose goroutine that is.
func (w *worker) park() {
	if w.outer == nil {
		w.parker.Park()
		return
	}
	_, _ = future.Await(context.Background(), future.Future[struct{}](w.outer))
}

// unpark lets park return, now or when it is next called.
func (w *worker) unpark() {
	if w.outer == nil {
		w.parker.OnWake()
		return
	}
	w.outer.notify()
}

// An outerTask is the task that has called Run, as the worker of that Run rests in
// it. It is a future that is ready once for each time that it was notified, and
// holds at most one notification.
//
//	          Poll                notify
//	nil ───────────────▶ waker ────────────┐
//	 ▲ └──────────── notify ──────────▶ notified
//	 └─────────────────── Poll ────────────┘
//
// Only the task polls. The one that replaces a waker wakes it.
type outerTask struct{ state atomics.Pointer[future.Waker] }

// notified is the state in which a Poll is ready.
var notified future.Waker

func (o *outerTask) Poll(w *future.Waker) (v struct{}, ready bool, err error) {
	s := o.state.Load()
	// nil → waker. It fails only if notify was quicker: nothing else changes the
	// state while the task polls.
	if s == &notified || w != nil && s != w && !o.state.CompareAndSwap(s, w) {
		o.state.Swap(nil) // notified → nil: synchronizes with every notify so far
		return v, true, nil
	}
	return v, false, nil
}

// notify makes a Poll ready. What the caller did before synchronizes before that.
func (o *outerTask) notify() {
	// → notified: takes the waker.
	if w := o.state.Swap(&notified); w != &notified {
		w.Wake()
	}
}

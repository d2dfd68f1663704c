package executor

import (
	"runtime/pprof"
	"sync/atomic"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// A Runner runs functions on goroutines of its own: an ants pool, for instance.
type Runner interface {
	// Submit makes task run, soon and once, or returns an error. It may block.
	// An error that has a method Temporary which reports true says that a
	// later Submit may succeed.
	Submit(task func()) error
}

// WithRunner makes r run the tasks, on at most as many of its goroutines at a
// time as there are workers. A worker takes a goroutine of r only while there are
// tasks to run, and gives it back after a number of them even if there are more.
//
// Submit is called by a goroutine that is started for it, since Submit may block and
// a wake must not. If Submit returns a temporary error it is tried again after a
// while, 1 ms at first and 100 ms at most. A worker that r has not called after a
// millisecond does not hold up the tasks that come then: another one is submitted
// for those, if there is one. Any other error means that r takes no more: the tasks
// that wait to run are cancelled with that error as the cause, and unwind on the
// goroutine that called Submit. A task that is woken later meets with the same. So no
// task is lost, and none runs where it should not except to end. A Submit that panics,
// or exits, has refused with the [*future.PanicError] or [future.ErrGoexit].
//
// A Submit that blocks cannot be taken back: its goroutine is there, after Close
// too, until r lets it go. Close does not wait for a Submit, which may even begin
// after it; what it is given does nothing then.
//
// What is over does not need r. A task that is canceled before it ran ends at once. One
// that has begun, and was canceled or has a context that has ended, waits for r for
// up to 5 ms, and then unwinds on a goroutine of the executor's own, on which no other task
// runs. So a cancellation, the end of a Scope's context, Shutdown and Close do their
// work also if all goroutines of r are kept by others, and may be waited for on r.
//
// An r that drops what it accepted, as a pool may that is stopped, is not noticed by
// Submit: the tasks that wait to run do so until they are canceled. If r has accepted
// a worker, and has not called it for 5 seconds while tasks wait, that is logged
// as a warning, once until r calls again.
//
// The goroutines of r must not be locked to their threads. For tasks on one that
// is, see [NewRunnableFunc].
//
// If r is nil the executor has workers of its own, as without the option.
func WithRunner(r Runner) Option { return func(c *config) { c.runner = r } }

// runnerTurn is how many tasks a worker runs before it gives the goroutine back
// to its Runner, whose other work may be waiting.
const runnerTurn = 1024

// submitPatience is how long a worker that has been resumed counts as searching
// before the Runner calls it. The Runner may be in no hurry with this one, and have
// room for another.
const submitPatience = time.Millisecond

// The phases of a worker on a Runner.
//
//	absent ── submit ──▶ submitted ── the Runner calls ──▶ looping
//	  ▲                   │     ▲                             │
//	  └──── withdraw ─────┘     └────────── submit ───────────┘
//
// Only who has taken the worker from the lot, or its goroutine at the end of a
// turn, submits it. A goroutine is counted by Executor.goroutines from then until
// it has looped, or the submission is withdrawn: a call of the Runner that comes
// after that does nothing.
//
// A worker that was taken from the lot is awaited: it counts as searching (rule 2
// of the lot) until it loops, or until that has taken too long and others are to be
// resumed in its place. Whoever sets awaited back answers for the count.
const (
	absent uint32 = iota
	submitted
	looping
)

// submit makes the Runner call the worker's loop.
func (w *worker) submit() {
	if w.offer() {
		go func() {
			pprof.SetGoroutineLabels(w.exec.labels) // in place of the waking task's
			w.trySubmit(time.Millisecond)
		}()
	}
}

// await makes those who need a worker wait for this one, which was taken from the
// lot, but not for long.
func (w *worker) await() {
	w.awaited.Store(1) // nobody else looks at it now
	w.patience = atomics.AfterFunc(submitPatience, w.overdue)
}

// overdue makes a worker that is awaited in vain count as searching no more.
func (w *worker) overdue() {
	// 1 → 0: the count is ours. Then it is as when a worker has found something.
	if w.awaited.CompareAndSwap(1, 0) && w.exec.lot.found() && w.exec.hasWork() {
		w.exec.lot.notify()
	}
}

// giveBack gives the goroutine back to the Runner, and submits the worker anew, to
// the back of the Runner's queue. Until it is called it is not held responsible for
// a task, and what others cannot take from it is theirs.
func (w *worker) giveBack() {
	w.queue.mu.Lock()
	w.task = nil
	w.queue.shareLocked()
	more := w.queue.backlog.size() > 0
	w.queue.mu.Unlock()
	w.home.weigh()
	w.exec.goroutines.Add(1)
	w.submit()
	w.queued(more)
}

// offer begins a submission, and reports whether it still stands.
func (w *worker) offer() bool {
	// → submitted: then look at stopped; stop does it the other way round.
	w.phase.Store(submitted)
	if w.exec.isStopped() {
		w.withdraw()
		return false
	}
	return true
}

// withdraw takes a submission back whose loop has not begun.
func (w *worker) withdraw() {
	// submitted → absent: nobody will loop, and whoever does it counts that.
	if w.phase.CompareAndSwap(submitted, absent) {
		w.exec.goroutines.Done()
	}
}

func (w *worker) trySubmit(delay time.Duration) {
	if w.phase.Load() != submitted {
		return // withdrawn while it waited for its next try
	}
	var begun atomic.Bool // Submit may call it by itself, and exit with one of the tasks
	returned := false
	defer func() {
		if !returned && !begun.Load() {
			w.work(future.Recovered(recover()))
		}
	}()
	err := w.exec.runner.Submit(func() {
		begun.Store(true)
		w.work(nil)
	})
	returned = true
	if err == nil {
		if !begun.Load() {
			w.listen()
		}
		return
	}
	if isTemporary(err) {
		time.AfterFunc(delay, func() { w.trySubmit(min(2*delay, 100*time.Millisecond)) })
		return
	}
	w.work(err)
}

// isTemporary reports whether err says that a later Submit may succeed. An error whose
// method panics, as that of a nil *net.OpError does, does not say so.
func isTemporary(err error) (is bool) {
	t, ok := err.(interface{ Temporary() bool })
	if !ok {
		return false
	}
	defer func() {
		if recover() != nil {
			is = false
		}
	}()
	return t.Temporary()
}

// work runs the worker's loop on the calling goroutine. If the Runner has
// refused, the tasks are cancelled first.
func (w *worker) work(refused error) {
	// submitted → looping: the worker is this goroutine's.
	if !w.phase.CompareAndSwap(submitted, looping) {
		return
	}
	w.exec.silence.end(w)
	// 1 → 0: the count is the loop's now, unless it has been given up.
	if w.taken = w.awaited.Swap(0) != 0; w.taken {
		w.patience()
	}
	w.refused = refused
	returned := false
	defer func() {
		if !returned {
			// A future that a task polls has called Goexit. The task has ended
			// with that; the worker goes on elsewhere.
			w.giveBack()
		}
		w.exec.goroutines.Done()
	}()
	w.loop()
	returned = true
}

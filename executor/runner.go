package executor

import (
	"sync/atomic"
	"time"

	"github.com/go-await/await/future"
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
// Submit is called by a goroutine that is started for it and ends when Submit
// returns, since Submit may block and a wake must not. If Submit returns a
// temporary error it is tried again after a while, 1 ms at first and 100 ms at
// most. Any other error means that r takes no more: the tasks that wait to run
// are cancelled with that error as the cause, and unwind on the goroutine that
// called Submit. A task that is woken later meets with the same. So no task is
// lost, and none runs where it should not except to end. A Submit that panics, or
// exits, has refused with the [*future.PanicError] or [future.ErrGoexit].
//
// A Submit that blocks cannot be taken back: its goroutine is there, after Close
// too, until r lets it go. Tasks that live need r to unwind, unless it has refused
// for good: Close waits until it takes them, so nothing on r must wait for Close.
//
// The goroutines of r must not be locked to their threads. For tasks on one that
// is, see [NewRunnableFunc].
func WithRunner(r Runner) Option { return func(c *config) { c.runner = r } }

// runnerTurn is how many tasks a worker runs before it gives the goroutine back
// to its Runner, whose other work may be waiting.
const runnerTurn = 1024

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
const (
	absent uint32 = iota
	submitted
	looping
)

// submit makes the Runner call the worker's loop.
func (w *worker) submit() {
	if w.offer() {
		go w.trySubmit(time.Millisecond)
	}
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
		return
	}
	if t, ok := err.(interface{ Temporary() bool }); ok && t.Temporary() {
		time.AfterFunc(delay, func() { w.trySubmit(min(2*delay, 100*time.Millisecond)) })
		return
	}
	w.work(err)
}

// work runs the worker's loop on the calling goroutine. If the Runner has
// refused, the tasks are cancelled first.
func (w *worker) work(refused error) {
	// submitted → looping: the worker is this goroutine's.
	if !w.phase.CompareAndSwap(submitted, looping) {
		return
	}
	w.refused = refused
	returned := false
	defer func() {
		if !returned {
			// A future that a task polls has called Goexit. The task has ended
			// with that; the worker goes on elsewhere.
			w.home.weigh()
			w.exec.goroutines.Add(1)
			w.submit()
		}
		w.exec.goroutines.Done()
	}()
	w.loop()
	returned = true
}

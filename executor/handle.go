package executor

import (
	"fmt"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/core"
	"github.com/go-await/await/internal/safe"
)

// A Handle is a task seen from outside: a future of its result, and the way to
// cancel it. It is polled by one goroutine at a time; Cancel, CancelCause and
// Done may be called by any goroutine at any time, except that, as for every
// future, Cancel does not race with Poll.
//
// A Handle that is dropped detaches its task, which goes on. If it fails, that is
// logged once the garbage collector has found that nobody can ask for the result;
// [Handle.Detach] says so at once. An error that refers to the task, through the
// context of its function or the handle, keeps the collector from finding that out.
type Handle[T any] struct {
	task
	// result is a oneshot. The goroutine that polls the task is its sender.
	result core.Channel[T]
	future future.Future[T] // nil once the task has ended
}

// Poll is the handle as a [future.Future]. The error is what the task's function
// or future returned, a [*future.PanicError] or [future.ErrGoexit] if it did not
// return, the cause if it was canceled and did not say otherwise, or [ErrRefused] or
// [ErrScopeEnded] if it was not taken.
//
// Once the result was taken the error is [future.ErrConsumed], and once the handle was
// canceled [future.ErrCanceled], both by errors.Is; its text names the task. The task
// itself, which would wait for its own end, gets [ErrOwnTask], and so does a task of a
// [Run] that it waits for; others may poll the handle as before. Poll panics if h is nil or a zero value.
//
// Under [PanicsRethrown] Poll panics with the PanicError instead.
func (h *Handle[T]) Poll(w *future.Waker) (v T, ready bool, err error) {
	if h == nil || h.isZero() || w == &h.waker || h.state.isRunning() && (h.isCaller() || h.isAbove()) {
		return v, true, h.misuse()
	}
	ready, err = h.result.Poll(w, h, &v)
	if err != nil {
		err = h.explain(err)
	}
	return v, ready, err
}

// isRunning reports whether a worker polls the task.
func (s *state) isRunning() bool { return s.word.Load()&(running|ended) == running }

// isCaller reports whether the task, which is running, is the caller's own: then the
// owner of its fiber is this goroutine, which alone would change that. A task without a
// fiber is its worker's; elsewhere than on a worker it is not found.
func (t *task) isCaller() bool {
	if f := t.fiber(); f != nil {
		return f.owner.Load() == uintptr(atomics.Goroutine())
	}
	if t.shard == nil {
		return false
	}
	w := t.shard.exec.current()
	if w == nil {
		return false
	}
	w.queue.mu.Lock()
	defer w.queue.mu.Unlock()
	return w.task == t
}

// isAbove reports whether the caller's task is one of a Run that the task waits for, or
// of a Run within such a one.
func (t *task) isAbove() bool {
	if nestedRuns.Load() == 0 {
		return false
	}
	for c := thisCaller().caller(); c != nil; c = c.caller() {
		if c.fiber != nil && c.fiber.task == t {
			return true
		}
	}
	return false
}

// misuse is the error of a Poll that can never be ready.
func (h *Handle[T]) misuse() error {
	h.check("Poll")
	if h.result.IsGone() {
		return (*canceledError)(&h.task) // the task has given its own handle up
	}
	return ErrOwnTask
}

// check panics, for the method caller, if h is no task's.
func (h *Handle[T]) check(caller string) {
	switch {
	case h == nil:
		panic("executor: " + caller + " of a nil Handle")
	case h.isZero():
		panic("executor: " + caller + " of a zero Handle: use Go or Spawn")
	}
}

// explain returns the error that Poll gives for err, which result gave, and notes that
// the consumer has got it.
func (h *Handle[T]) explain(err error) error {
	var own error // of the task, if it has failed and that was not taken
	if c := h.canceled.Load(); c != nil && c.lost != nil {
		own = c.lost.err
	}
	switch {
	case err == core.ErrReceived && own == nil:
		return (*takenError)(&h.task)
	case err == core.ErrClosed && h.result.IsGone():
		err = (*canceledError)(&h.task)
	}
	h.taken(err)
	return err
}

// String says which task it is, and what it does. It may be called by any goroutine at
// any time: it reads what does not change and what is atomic.
func (h *Handle[T]) String() string {
	if h == nil || h.isZero() {
		return "handle of no task"
	}
	return fmt.Sprintf("handle of %s (%s)", h.describe(), h.state.doing())
}

// doing says what the task of that state does.
func (s *state) doing() TaskState {
	switch w := s.word.Load(); {
	case w&ended != 0:
		return "ended"
	case w&running != 0:
		return StateRunning
	case w&scheduled != 0:
		return StateQueued
	}
	return StateWaiting
}

// Holds reports whether w is the waker that the Handle would wake, for a
// [future.Settler].
func (h *Handle[T]) Holds(w *future.Waker) bool {
	h.check("Holds")
	return h.result.Holds(w)
}

// Settles says that a Handle is a [future.Settler]: it wakes once, when the task
// has ended.
func (h *Handle[T]) Settles() any { return h }

// Cancel cancels the task with the cause [future.ErrCanceled] and gives up its
// result: a Poll after it gives ErrCanceled, unless there was a result already.
// It does not block, nor wait until the task has unwound. A failure that is given up is not
// logged, unless the task panicked: the losers of a Race may fail as they like.
//
// A task that has never run ends within Cancel: see [Handle.CancelCause].
func (h *Handle[T]) Cancel() {
	h.check("Cancel")
	h.result.Cancel() // first: the end of the task finds that the result is not wanted
	h.cancelCause(future.ErrCanceled, false)
	h.givenUp()
}

// CancelCause cancels the task and leaves the handle to be awaited. The context
// of the task's function ends with cause, and its awaits return that; it unwinds
// through its own code, and its result is what it then returns. The future of a
// [Spawn] is canceled, and the result is cause unless that has one all the same. The
// first cancellation counts. A nil cause is [future.ErrCanceled]. CancelCause does not
// block.
//
// A task that has not begun never runs. It ends before CancelCause returns, with
// cause as its result, also if every worker is busy. What there is to do at its end is
// done by the goroutine that calls CancelCause: the Cancel of a Spawn's future, the
// functions of OnTaskEnd and the waker of the consumer. So the caller must not
// hold a lock that these take.
func (h *Handle[T]) CancelCause(cause error) {
	h.check("CancelCause")
	h.cancelCause(cause, false)
}

// Done reports whether the task has ended, and Poll is ready.
func (h *Handle[T]) Done() bool {
	h.check("Done")
	return h.state.isEnded() && (h.result.HasMessage() || h.result.IsClosed())
}

// init makes h a task that polls f.
func (h *Handle[T]) init(f future.Future[T], x *extra) {
	h.future, h.extra = f, x
	h.waker.Init((*target[T])(h))
	h.state.schedule()
}

// launchIn hands the task to the executor of g, as one of g, or ends it if g takes no
// more.
func (h *Handle[T]) launchIn(g *TaskGroup) {
	if !g.enter(&h.task) {
		h.refuse(g.exec, ErrScopeEnded)
		return
	}
	h.extra.ended = g.ended
	h.launch(g.exec)
}

// launch hands the task to e, or ends it if e takes no more.
func (h *Handle[T]) launch(e *Executor) {
	if e.submit != nil {
		if h.extra == nil {
			h.extra = new(extra)
		}
		h.extra.specials()
	}
	if e.runner != nil {
		h.watchParent(e)
	}
	h.observe(e)
	w := e.current()
	if e.register(&h.task, w) {
		e.scheduleFrom(w, &h.task)
		e.unwindSoon(&h.task)
		return
	}
	h.refuse(e, ErrRefused)
}

// refuse ends a task that e, or a group of it, does not take, with err.
func (h *Handle[T]) refuse(e *Executor, err error) {
	h.shard = &e.shards[0]
	if h.id == 0 {
		h.id = e.nextID()
	}
	h.reject(err)
}

// reject ends a task that no executor knows, with err.
func (h *Handle[T]) reject(err error) {
	defer future.Cancel(h.future) // last, since it may panic
	h.future = nil
	h.state.end()
	h.endTrace()
	h.failed(err, h.judge(err))
	var zero T
	h.settle(zero, err)
}

// A target is a Handle as its waker knows it. It has the methods that whoever has
// the Handle is not to call.
type target[T any] Handle[T]

// OnWake makes the task run again.
func (t *target[T]) OnWake() { t.wake() }

// poll is the one place where a task's future is polled, that of a task on a
// fiber once that has ended.
func (t *target[T]) poll() (ended bool) {
	h := (*Handle[T])(t)
	returned := false
	defer func() {
		if !returned {
			// It panicked, and the worker goes on; or the goroutine exits.
			err := future.Recovered(recover())
			defer func() { // also if the future exits once more, in its Cancel
				var zero T
				h.finish(zero, err)
				ended = true
			}()
			h.discard()
		}
	}()
	v, ready, err := h.pollFuture()
	returned = true
	if ready {
		h.finish(v, err)
	}
	return ready
}

func (h *Handle[T]) pollFuture() (v T, ready bool, err error) {
	c := h.canceled.Load()
	if c == nil || h.fiber() != nil {
		return h.future.Poll(&h.waker)
	}
	future.Cancel(h.future)
	if v, ready, err = h.future.Poll(nil); ready && !safe.Is(err, future.ErrCanceled) {
		return v, ready, err // it had come before the cancellation
	}
	var zero T
	return zero, true, c.cause
}

func (t *target[T]) run() { t.future.(body).run() }

func (t *target[T]) awaits() string {
	if f := t.fiber(); f != nil {
		return describe(f.awaited)
	}
	return describe(t.future)
}

// discard cancels a future that has panicked, which is allowed to panic again.
func (h *Handle[T]) discard() {
	defer func() { _ = recover() }()
	future.Cancel(h.future)
}

// finish ends the task. The order matters: who sees the result finds the task
// ended and counted out. Its outcome is counted before that, so that the counts are
// complete once the executor is over.
func (h *Handle[T]) finish(v T, err error) {
	h.future = nil
	var means verdict
	if err != nil {
		means = h.judge(err)
		if h.shard != nil {
			h.shard.exec.outcomes.count(err, means)
		}
	}
	if h.shard != nil {
		h.unregister()
	}
	h.state.end()
	h.endTrace()
	if err != nil {
		h.failed(err, means)
	}
	h.settle(v, err)
}

// deliver resolves the handle. A value that comes after Cancel is dropped.
func (h *Handle[T]) deliver(v T, err error) {
	if h.result.Deliver(&v, err) != nil && err != nil {
		h.givenUp()
	}
}

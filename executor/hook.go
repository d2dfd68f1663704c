package executor

import (
	"context"
	"log/slog"

	"github.com/go-await/await/future"
)

// A hook is a function that OnTaskEnd gave, and those after it.
type hook struct {
	f    func(err error)
	next *hook
}

// letGo drops what a task that has ended does not need, before its result can be seen:
// its handle may be kept for long. A context that code may have keeps its parent and the
// cause of its end.
func (t *task) letGo() {
	x := t.extra
	if x != nil && x.special != nil {
		x.special.kit.end()
		if x.special.unwatch != nil {
			x.special.unwatch()
			x.special.unwatch = nil
		}
	}
	if t.hasContext() {
		return
	}
	if x != nil {
		x.parent = context.Background()
		x.observed.Store(nil) // the trace has ended
	}
	if c := t.canceled.Load(); c != nil && c.cause != nil { // it has not failed
		// → without the cause: no cancellation replaces one that is there.
		t.canceled.Store(&cancellation{ended: true, lost: c.lost})
	}
}

// hasContext reports whether code was given the context of t.
func (t *task) hasContext() bool {
	f := t.fiber()
	return f != nil && f.begun
}

// settle delivers the result, and then tells the others who wait for the end, also
// if the waker of who awaits the result panics.
func (h *Handle[T]) settle(v T, err error) {
	if h.extra != nil || h.canceled.Load() != nil {
		h.letGo()
	}
	if x := h.extra; x != nil && (x.ended != nil || x.hooks != nil) {
		ended, hooks := x.ended, x.hooks
		x.ended, x.hooks = nil, nil // the handle may be kept
		defer h.tell(ended, hooks, err)
	}
	h.deliver(v, err)
}

// tell calls the hooks, and then tells the task's group, which is not over before that.
func (t *task) tell(ended func(*task, error), hooks *hook, err error) {
	if ended != nil {
		defer ended(t, err)
	}
	t.call(hooks, err)
}

// call calls h and those after it, also if one panics or exits.
func (t *task) call(h *hook, err error) {
	if h == nil {
		return
	}
	defer t.call(h.next, err)
	defer t.logPanic("OnTaskEnd")
	h.f(err)
}

// logPanic is deferred around a function of the user that option was given: a panic in it
// must end neither the worker nor the process.
func (t *task) logPanic(option string) {
	if r := recover(); r != nil {
		writeLog(t.log(), slog.LevelError, "a function of "+option+" panicked",
			slog.Uint64("id", t.id), slog.String("task", t.name()), slog.Any("error", future.Recovered(r)))
	}
}

// OnDrop makes the handle a [future.Dropper]: drop is called with a value that the task
// gives after Cancel, or once the handle was detached, exactly once. A value that comes
// with an error is not dropped, nor is one that had come before Cancel: a Poll gives that.
// A task that is canceled, or refused, before it begins has no value.
//
// drop is called by the goroutine that ends the task, or by Detach, and must not block. A
// panic in it is logged as one in a function of [OnTaskEnd] is. Several calls of OnDrop add
// up. OnDrop is called by the owner of the handle before Poll, Cancel and Detach. It
// allocates once or twice, and panics if drop is nil.
func (h *Handle[T]) OnDrop(drop func(T)) {
	h.check("OnDrop")
	if drop == nil {
		panic("executor: OnDrop with a nil function")
	}
	h.result.OnDrop(func(v T) {
		defer h.logPanic("OnDrop")
		drop(v)
	})
}

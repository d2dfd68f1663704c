package executor

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// A task is what executor and workers know of a Handle, whatever its type.
//
//	waker, shard, id, born, extra   are set before the task is known to anybody
//	state, canceled                 are atomic
//	link                            belongs to the queue that the task is in
//	prev, next                      are guarded by the shard's mutex
//	polls                           belongs to whoever polls (rule 2 of state)
type task struct {
	waker    future.Waker // its target is the Handle's
	state    state
	polls    uint32
	shard    *shard
	link     *task
	prev     *task
	next     *task
	canceled atomics.Pointer[cancellation]
	id       uint64
	born     int64 // nanoseconds since the executor's start
	extra    *extra
}

// An extra is what only some tasks have.
type extra struct {
	name      string
	panics    PanicPolicy // if hasPanics
	hasPanics bool
	labeled   bool                     // the parent has pprof labels
	doomed    atomic.Bool              // its context has ended with its parent's: see unwind.go
	fiber     *fiber                   // of a task that runs on a coroutine
	special   *special                 // nil for most
	ended     func(t *task, err error) // of a group: called once the task has ended
	hooks     *hook                    // that OnTaskEnd gave
	parent    context.Context          // that the task's descends from, if it has one

	observed atomic.Pointer[observation] // nil if there is nothing to see of it; see trace.go
}

// A special is what few tasks have.
type special struct {
	logger *slog.Logger // that TaskLogger gave, or nil
	kit    kit          // of a Runnable
	// unwatch ends the watch of the parent of a task on a Runner, if there is one.
	unwatch func() bool
}

// specials returns the special of a task that is being made.
func (x *extra) specials() *special {
	if x.special == nil {
		x.special = new(special)
	}
	return x.special
}

// A cancellation is why a task's context has ended, and what is left of a failure.
type cancellation struct {
	cause error        // nil if it was neither cancelled nor had a context
	ended bool         // by the end of the task, not by a cancellation
	all   bool         // with all tasks of the executor, not through its own handle
	lost  *lostFailure // once the task has failed
}

// A pollable is a target of any type.
type pollable interface {
	future.Wakeable
	// run runs the function of a task that runs on a coroutine.
	run()
	// poll polls the task's future once, and reports whether the task has
	// ended.
	poll() bool
	// awaits says what the task waits for, for reports. Only who may poll may
	// call it.
	awaits() string
}

// isZero reports whether t is a zero value, not made by this package.
func (t *task) isZero() bool { return t.waker.Target() == nil }

// name returns the name that TaskName gave, or "".
func (t *task) name() string {
	if t.extra == nil {
		return ""
	}
	return t.extra.name
}

// target returns the task's Handle.
func (t *task) target() pollable { return t.waker.Target().(pollable) }

// fiber returns the fiber of a task that runs on a coroutine, or nil.
func (t *task) fiber() *fiber {
	if t.extra == nil {
		return nil
	}
	return t.extra.fiber
}

// poll runs the task up to where it waits, and reports whether it has ended.
func (t *task) poll() bool {
	t.polls++
	if t.isObserved() {
		return t.pollObserved()
	}
	return t.advance()
}

// advance is poll unobserved. The future that the Handle polls is that of a fiber
// once that has ended.
func (t *task) advance() bool {
	f := t.fiber()
	if f != nil && f.mount() {
		f.co.resume()
	}
	return (f == nil || f.unmount()) && t.target().poll()
}

// wake makes the task run again.
func (t *task) wake() {
	if t.state.wake() {
		t.schedule()
	} else if t.shard != nil && t.shard.exec.runner != nil {
		if t.canceled.Load() == nil && t.fiber() != nil {
			t.doom() // this may be the end of its context, while it waits for the Runner
		}
		t.shard.exec.unwindSoon(t)
	}
}

// schedule puts the task, which the caller has made scheduled, into a queue.
func (t *task) schedule() {
	if t.shard == nil {
		t.submit(false)
		return
	}
	e := t.shard.exec
	if e.runner != nil {
		t.doom()
	}
	e.schedule(t)
	e.unwindSoon(t)
}

// over is the cancellation of a task's context by the end of the task.
var over = &cancellation{cause: context.Canceled, ended: true}

// cancelCause asks the task to end because of cause, or of ErrCanceled if that is nil.
// The first call counts, and none does after the end. all says that the executor does it,
// and not the handle's owner.
func (t *task) cancelCause(cause error, all bool) {
	if cause == nil {
		cause = future.ErrCanceled
	}
	if !t.state.isEnded() { // else the handle would keep the cause
		t.cancelAs(&cancellation{cause: cause, all: all})
	}
}

func (t *task) cancelAs(c *cancellation) {
	// nil → c: published to the poll that the wake leads to.
	if !t.canceled.CompareAndSwap(nil, c) {
		return
	}
	if f := t.fiber(); f != nil {
		f.cancelContext(c.cause)
	}
	if t.state.revoke() {
		t.endUnbegun()
		return
	}
	t.waker.Wake()
}

// endUnbegun ends a task that the caller has revoked. The poll of a task that is
// canceled before it begins runs nothing of it but its end.
func (t *task) endUnbegun() {
	if t.shard != nil {
		// The executor lives at least as long as its task, which is not over.
		t.shard.exec.enter()
		defer t.shard.exec.leave()
		defer t.shard.exec.countDead()
	}
	t.advance()
}

// cancelTasks cancels all the tasks, also if the end of one of them, which it may
// bring about here, panics or exits the goroutine.
func cancelTasks(ts []*task, c *cancellation) {
	defer func() {
		if len(ts) > 0 {
			cancelTasks(ts, c)
		}
	}()
	for len(ts) > 0 {
		t := ts[0]
		ts = ts[1:]
		t.cancelAs(c)
	}
}

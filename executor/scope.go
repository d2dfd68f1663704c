package executor

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/safe"
)

// A TaskGroup is the tasks of a [Scope] or [Supervise]. It is a [Spawner]: [Go], [Spawn]
// and [Do] start tasks in it. All of that, and its methods, may be called by any
// goroutine. Only Scope and Supervise make one.
type TaskGroup struct {
	exec   *Executor
	ctx    context.Context
	cancel context.CancelCauseFunc
	ended  func(*task, error) // taskEnded, made once
	spares bool               // a failure does not cancel the other tasks

	mu     sync.Mutex
	live   int
	over   bool // takes no more tasks
	failed bool
	panic  *future.PanicError // the first panic
	errs   []error            // the first failure, or all of them if the group spares
	common error              // of tasks that were canceled with the group
	waker  *future.Waker
	watch  groupWatch // see unwind.go
}

// Scope calls fn, and returns when fn has returned and every task that was
// started in its group has ended: nothing that fn began outlives it. It must be
// called with a context that descends from a task's, whose executor runs the
// tasks, and returns [ErrNoExecutor] otherwise. A task of [NewRunnableFunc] is one.
//
// The first task that fails, or fn if it does, cancels the group's context with
// its error as the cause; Scope returns that error. The other tasks and fn unwind
// as they would for any cancellation. A task that was canceled through its own
// handle has not failed if it returns the cause, its context's error, or an error that
// wraps one of them; one that was canceled because the executor closes has. The end of
// ctx cancels the group as well. A task that has not begun when its group is canceled
// begins all the same, with a context that has ended; a cancellation through its handle
// keeps it from running.
//
// If a task panics, Scope panics with its [*future.PanicError] once the others
// have ended, also if it was not the first that failed; so it does if fn panics. Of
// several panics it is the first; the others are logged. After a runtime.Goexit in
// fn the goroutine exits once the tasks, which are canceled, have ended, unless one
// of them has panicked. Scopes nest: give the inner one the context of the outer
// group.
//
// Scope waits as [future.Await] does: the task is suspended. It allocates the group
// and its context. It panics if ctx or fn is nil.
func Scope(ctx context.Context, fn func(g *TaskGroup) error) error {
	g, err := newGroup("Scope", ctx, fn)
	if err != nil {
		return err
	}
	return g.scope(fn)
}

// Supervise is [Scope] for tasks that do not depend on each other: one that fails does
// not cancel the others, nor does fn if it returns an error. Supervise returns all
// errors, joined by [errors.Join] in the order in which they came: those of the tasks,
// and fn's, once if fn returns that of a task. Tasks that were canceled with the group,
// by the end of ctx, and return one and the same error count once.
//
// A panic in a task does not cancel the others either: Supervise panics with it, as
// Scope does, when they have ended. If fn panics or exits the tasks are canceled.
func Supervise(ctx context.Context, fn func(g *TaskGroup) error) error {
	g, err := newGroup("Supervise", ctx, fn)
	if err != nil {
		return err
	}
	g.spares = true
	return g.scope(fn)
}

// newGroup returns a group on the executor of ctx, for the function caller.
func newGroup(caller string, ctx context.Context, fn func(g *TaskGroup) error) (*TaskGroup, error) {
	switch {
	case ctx == nil:
		panic("executor: " + caller + " with a nil context")
	case fn == nil:
		panic("executor: " + caller + " with a nil function")
	}
	e := FromContext(ctx)
	if e == nil {
		return nil, ErrNoExecutor
	}
	g := &TaskGroup{exec: e}
	g.ended = g.taskEnded
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	return g, nil
}

// scope is Scope and Supervise of the group.
func (g *TaskGroup) scope(fn func(g *TaskGroup) error) error {
	defer func() { // also if fn has exited
		if g.panic != nil {
			panic(g.panic)
		}
	}()
	g.run(fn)
	if g.spares {
		return errors.Join(g.errs...)
	}
	if g.failed {
		return g.errs[0]
	}
	return nil
}

// run calls fn and waits for the tasks, however fn ends.
func (g *TaskGroup) run(fn func(g *TaskGroup) error) {
	returned := false
	defer func() {
		if !returned {
			err := future.Recovered(recover())
			g.fail(nil, err, failure)
			g.cancel(err)
		}
		// Not with the group's context, which may have ended: the tasks know.
		_, _ = future.Await(context.WithoutCancel(g.ctx), future.Future[struct{}](g.whenEnded()))
		g.unwatch()
		g.cancel(nil)
	}()
	err := fn(g)
	returned = true
	if err != nil && !(g.spares && g.has(err)) {
		g.fail(nil, err, failure)
	}
}

// Context returns the group's context: that of Scope or Supervise, ended when the group
// fails or is over. It panics if g is nil or a zero value.
func (g *TaskGroup) Context() context.Context {
	if g == nil || g.exec == nil {
		panic(unusable("Context", g))
	}
	return g.ctx
}

// enter counts a task that is to start.
func (g *TaskGroup) enter(t *task) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return false
	}
	g.live++
	g.watchLocked(t)
	return true
}

// taskEnded counts a task that has ended.
func (g *TaskGroup) taskEnded(t *task, err error) {
	if err != nil {
		if v := t.canceled.Load().lost.canceled; v != canceledAlone {
			g.fail(t, err, v)
		}
	}
	g.mu.Lock()
	delete(g.watch.tasks, t)
	g.live--
	var w *future.Waker
	if g.live == 0 {
		w, g.waker = g.waker, nil
	}
	g.mu.Unlock()
	w.Wake()
}

// fail notes the failure of t, or of the group's function if t is nil. v says what it
// comes from. Unless the group spares the other tasks, the first failure cancels them.
func (g *TaskGroup) fail(t *task, err error, v verdict) {
	p, _ := err.(*future.PanicError)
	g.mu.Lock()
	another := p != nil && g.panic != nil && p != g.panic // not the cause of the rest
	if g.panic == nil {
		g.panic = p
	}
	first := !g.failed
	g.failed = true
	if first || g.spares && !(v == canceledByAll && safe.Equal(err, g.common)) {
		g.errs = append(g.errs, err)
	}
	if v == canceledByAll {
		g.common = err
	}
	g.mu.Unlock()
	if first && !g.spares {
		g.cancel(err)
	}
	if another {
		attrs := []slog.Attr{slog.Any("error", err)}
		if t != nil {
			attrs = append([]slog.Attr{slog.Uint64("id", t.id), slog.String("task", t.name())}, attrs...)
		}
		writeLog(g.exec.log(), slog.LevelError, "task panicked, and its scope with another one", attrs...)
	}
}

// has reports whether a task has failed with err.
func (g *TaskGroup) has(err error) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.ContainsFunc(g.errs, func(e error) bool { return safe.Equal(e, err) })
}

// whenEnded returns a future that is ready when the group has no live task, and
// closes it then.
func (g *TaskGroup) whenEnded() future.Future[struct{}] {
	return future.Func(func(w *future.Waker) (struct{}, bool, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.over = g.live == 0
		if !g.over {
			g.waker = w
		}
		return struct{}{}, g.over, nil
	})
}

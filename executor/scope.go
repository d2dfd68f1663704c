package executor

import (
	"context"
	"log/slog"
	"sync"

	"github.com/go-await/await/future"
)

// A TaskGroup is the tasks of a [Scope]. Its methods, and [GoIn] and [SpawnIn] on
// it, may be called by any goroutine.
type TaskGroup struct {
	exec   *Executor
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	live  int
	over  bool  // takes no more tasks
	err   error // the first panic, or else the first failure
	waker *future.Waker
}

// Scope calls fn, and returns when fn has returned and every task that was
// started in its group has ended: nothing that fn began outlives it. It must be
// called with a context that descends from a task's, whose executor runs the
// tasks, and returns [ErrNoExecutor] otherwise.
//
// The first task that fails, or fn if it does, cancels the group's context with
// its error as the cause; Scope returns that error. The other tasks and fn unwind
// as they would for any cancellation. A task that was cancelled through its own
// handle, and says so, is no failure; one that was cancelled because the executor
// closes is. The end of ctx cancels the group as well.
//
// If a task panics, Scope panics with its [*future.PanicError] once the others
// have ended, also if it was not the first that failed; so it does if fn panics. Of
// several panics it is the first; the others are logged. After a runtime.Goexit in
// fn the goroutine exits once the tasks, which are cancelled, have ended, unless one
// of them has panicked. Scopes nest: give the inner one the context of the outer
// group.
//
// Scope waits as [future.Await] does: the task is suspended. It allocates the group
// and its context.
func Scope(ctx context.Context, fn func(g *TaskGroup) error) error {
	e := FromContext(ctx)
	if e == nil {
		return ErrNoExecutor
	}
	g := &TaskGroup{exec: e}
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	defer func() { // also if fn has exited
		if p, ok := g.err.(*future.PanicError); ok {
			panic(p)
		}
	}()
	g.run(fn)
	return g.err
}

// run calls fn and waits for the tasks, however fn ends.
func (g *TaskGroup) run(fn func(g *TaskGroup) error) {
	returned := false
	defer func() {
		if !returned {
			g.fail(future.Recovered(recover()))
		}
		// Not with the group's context, which may have ended: the tasks know.
		_, _ = future.Await(context.WithoutCancel(g.ctx), future.Future[struct{}](g.ended()))
		g.cancel(nil)
	}()
	if err := fn(g); err != nil {
		g.fail(err)
	}
	returned = true
}

// Context returns the group's context: that of Scope, ended when the group fails
// or is over.
func (g *TaskGroup) Context() context.Context { return g.ctx }

// GoIn is [Go] in the group. If the group is over the result is [ErrClosed].
func GoIn[T any](g *TaskGroup, fn func(ctx context.Context) (T, error), opts ...TaskOption) *Handle[T] {
	t := newGoTask(fn, opts)
	t.init(g.ctx)
	if g.enter() {
		t.extra.ended = g.taskEnded
		t.launch(g.exec)
	} else {
		t.refuse(g.exec)
	}
	return &t.Handle
}

// SpawnIn is [Spawn] in the group: f is cancelled when the group's context ends.
// If the group is over the result is [ErrClosed].
func SpawnIn[T any](g *TaskGroup, f future.Future[T], opts ...TaskOption) *Handle[T] {
	x := newExtra(opts)
	h := new(Handle[T])
	h.init(future.WithContext(g.ctx, f), x)
	if g.enter() {
		x.ended = g.taskEnded
		h.launch(g.exec)
	} else {
		h.refuse(g.exec)
	}
	return h
}

// enter counts a task that is to start.
func (g *TaskGroup) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return false
	}
	g.live++
	return true
}

// taskEnded counts a task that has ended.
func (g *TaskGroup) taskEnded(t *task, err error) {
	if err != nil && (!t.endedAsCanceled(err) || t.canceled.Load().all) {
		g.fail(err)
	}
	g.mu.Lock()
	g.live--
	var w *future.Waker
	if g.live == 0 {
		w, g.waker = g.waker, nil
	}
	g.mu.Unlock()
	w.Wake()
}

// fail notes a failure. The first cancels the rest.
func (g *TaskGroup) fail(err error) {
	g.mu.Lock()
	first := g.err == nil
	another := isPanic(err) && isPanic(g.err) && err != g.err // not the cause of the rest
	if first || isPanic(err) && !isPanic(g.err) {
		g.err = err
	}
	g.mu.Unlock()
	if first {
		g.cancel(err)
	}
	if another {
		g.exec.log().LogAttrs(context.Background(), slog.LevelError, "task panicked, and its scope with another one",
			slog.Any("error", err))
	}
}

// ended returns a future that is ready when the group has no live task, and
// closes it then.
func (g *TaskGroup) ended() future.Future[struct{}] {
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

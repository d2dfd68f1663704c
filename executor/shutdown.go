package executor

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/current"
	"github.com/go-await/await/internal/gid"
)

// Shutdown waits until the live tasks have ended and the workers have stopped. It
// returns nil then.
//
// From now on e refuses the tasks of outsiders. Live tasks may go on to start
// children until they end: with Go and Spawn called by their own code, in their
// scopes, and with contexts that descend from theirs. A goroutine that a task has
// started is an outsider, if it does not use such a context.
//
// If ctx ends first, e refuses all tasks, cancels the live ones with the cause of ctx
// and returns at once, whatever the tasks do. The error says how many there were, and
// of ten the name, the id and the place; it is the cause by errors.Is. What is left
// ends by itself: the workers stop when the last task has ended. A later Close or
// Shutdown waits for that. If no task is left the result is nil, although the workers
// may still be about to stop.
//
// A call by a task of e would wait for itself: it returns [ErrOwnTask] and does
// nothing. Called by a task of another executor Shutdown suspends that task. It panics
// if ctx is nil.
func (e *Executor) Shutdown(ctx context.Context) error {
	e.check("Shutdown")
	if ctx == nil {
		panic("executor: Shutdown with a nil context")
	}
	if e.ownsCaller() {
		return ErrOwnTask
	}
	e.refuse(children)
	if e.wait(ctx) {
		return nil
	}
	e.refuse(none)
	cause := context.Cause(ctx)
	err := e.remaining("canceled at shutdown", cause)
	e.cancelAll(cause)
	return err
}

// Close refuses all tasks, cancels the live ones with the cause [ErrClosed], and
// waits until they have unwound and the workers have stopped: then every Handle
// is ready and no goroutine of the executor is left. It returns nil then. It may be
// called again, by several goroutines at once, and after Shutdown.
//
// A task that does not heed its cancellation keeps Close waiting. [Executor.CloseContext]
// limits that.
//
// Tasks that have never run end within Close, as they do within [Handle.CancelCause]:
// the caller must not hold a lock that their ends take. A call by a task of e would
// wait for itself: it returns [ErrOwnTask] and does nothing. Called by a task of
// another executor Close suspends that task.
func (e *Executor) Close() error {
	e.check("Close")
	return e.CloseContext(context.Background())
}

// CloseContext is Close that waits no longer than ctx lasts: all is canceled at once,
// with the cause [ErrClosed]. If ctx ends before the tasks have, the error says how
// many remain, and of ten the name, the id and the place; it is the cause of ctx by
// errors.Is. What is left ends by itself, as after [Executor.Shutdown]. CloseContext
// panics if ctx is nil.
func (e *Executor) CloseContext(ctx context.Context) error {
	e.check("CloseContext")
	if ctx == nil {
		panic("executor: CloseContext with a nil context")
	}
	if e.ownsCaller() {
		return ErrOwnTask
	}
	e.refuse(none)
	e.cancelAll(ErrClosed)
	if e.wait(ctx) {
		return nil
	}
	return e.remaining("left after Close", context.Cause(ctx))
}

// wait waits until the executor is over, and reports whether it is. It returns when
// ctx ends.
func (e *Executor) wait(ctx context.Context) bool {
	_, _ = future.Await(ctx, future.Done(e.over))
	return e.over.Err() != nil
}

// maxListed is how many tasks an error lists.
const maxListed = 10

// remaining returns an error that tells of the live tasks, or nil if there is none.
func (e *Executor) remaining(what string, cause error) error {
	var list strings.Builder
	n, listed := 0, 0
	for i := range e.shards {
		n += e.shards[i].size()
	}
	if n == 0 {
		return nil
	}
	for t := range e.Tasks() {
		if listed++; listed > maxListed {
			break
		}
		fmt.Fprintf(&list, "; %s", t.brief())
	}
	n = max(n, min(listed, maxListed))
	if n > maxListed {
		fmt.Fprintf(&list, "; and %d more", n-maxListed)
	}
	tasks := "tasks"
	if n == 1 {
		tasks = "task"
	}
	return fmt.Errorf("executor %q: %d %s %s: %w%s", e.name, n, tasks, what, cause, list.String())
}

// brief describes a task in some words.
func (t TaskInfo) brief() string {
	s := fmt.Sprintf("task %d", t.ID)
	if t.Name != "" {
		s += fmt.Sprintf(" %q", t.Name)
	}
	switch {
	case t.Where != "":
		return s + " at " + t.Where
	case t.Awaits != "":
		return s + " awaits " + t.Awaits
	}
	return s + " is " + string(t.State)
}

// ownsCaller reports whether the calling goroutine runs code of a task of e, or of a
// task of a Run that such code has called. Unlike current it is exact, and slow.
func (e *Executor) ownsCaller() bool {
	for c := thisCaller(); c != nil; c = c.caller() {
		if e.owns(c) {
			return true
		}
	}
	return false
}

// A caller is a goroutine that calls a function of this package.
type caller struct {
	goroutine gid.ID
	fiber     *fiber // of the task whose coroutine that is, or nil
}

func thisCaller() *caller {
	c := &caller{goroutine: atomics.Goroutine()}
	if co, ok := current.Get().(*coroutine); ok {
		c.fiber, _ = co.body.(*fiber)
	}
	return c
}

// caller returns what has called the Run whose task c runs, or nil.
func (c *caller) caller() *caller {
	if c.fiber == nil || c.fiber.task.shard == nil {
		return nil
	}
	return c.fiber.task.shard.exec.caller
}

// owns reports whether c runs code of a task of e.
func (e *Executor) owns(c *caller) bool {
	if f := c.fiber; f != nil && (f.task.shard != nil && f.task.shard.exec == e || e.maker.Value() == f) {
		return true
	}
	for _, w := range *e.workers.Load() {
		if gid.ID(w.home.goroutine.Load()) == c.goroutine {
			return true
		}
	}
	return e.visitors.has(c.goroutine)
}

// refuse makes the executor take no other tasks than those.
func (e *Executor) refuse(to admission) {
	for i := range e.shards {
		e.shards[i].close(to)
	}
}

// cancelAll cancels the live tasks.
func (e *Executor) cancelAll(cause error) {
	var ts []*task
	for i := range e.shards {
		ts = append(ts, e.shards[i].tasks()...)
	}
	cancelTasks(ts, &cancellation{cause: cause, all: true})
}

// finish ends the workers of an executor that has no task. The end of the last task
// starts it, on a goroutine of its own: those that end tasks are in the middle of
// something, and may be locked to their threads, which the idle coroutines are not.
// It waits for the workers to return, which have nothing left to do but to log failures,
// and for reports of stalls, but see endReports.
func (e *Executor) finish() {
	e.stopWatch()
	e.stopLooking()
	if e.silence != nil {
		e.silence.stop()
	}
	e.resumeAll()
	for _, w := range *e.workers.Load() {
		w.withdraw()
	}
	e.goroutines.Wait()
	for _, w := range *e.workers.Load() {
		w.endCoroutines()
	}
	e.endReports() // of failures too, which workers log
	e.endOver()    // seen by who waits: nothing is left but this goroutine, which returns
}

// resumeAll makes the workers that rest see that the executor has stopped.
func (e *Executor) resumeAll() {
	for w := e.lot.take(); w != nil; w = e.lot.take() {
		if w.needsGoroutine() {
			e.goroutines.Done() // it will have none
		} else {
			e.lot.searching.Add(1) // rule 2 of the lot
			w.resume()
		}
	}
}

package executor

import (
	"context"
	"fmt"

	"github.com/go-await/await/future"
)

// Spawn makes s poll f until it is ready, as a task. It needs no stack: a
// pending task is one object besides f, of 128 bytes for an int. It allocates
// that object. A nil f gives [future.ErrNil]. In a [TaskGroup] f is canceled when the
// group's context ends. If s takes no more tasks f is canceled, and the result is
// [ErrRefused] or [ErrScopeEnded]. Spawn panics if s is nil or a zero value.
//
// A poll must leave its goroutine as it was: not locked to its thread, for the
// reason that [Go] gives (the worker's next task with a function is a fatal error
// then), and with the pprof labels that it had.
func Spawn[T any](s Spawner, f future.Future[T], opts ...TaskOption) *Handle[T] {
	var g *TaskGroup
	e, ok := s.(*Executor)
	if !ok || !e.isMade() { // seldom, as in Go
		e, g = spawnerOf("Spawn", s)
	}
	if f == nil {
		f = future.Failed[T](future.ErrNil)
	}
	h := new(Handle[T])
	var x *extra
	if g != nil || len(opts) > 0 {
		x = new(extra)
		x.apply(opts)
		if g != nil {
			x.parent = g.ctx
		}
		if x.parent != nil {
			f = future.WithContext(x.parent, f)
		}
	}
	h.init(f, x)
	if g == nil {
		h.launch(e)
	} else {
		h.launchIn(g)
	}
	return h
}

// SpawnIn is [Spawn] in g.
func SpawnIn[T any](g *TaskGroup, f future.Future[T], opts ...TaskOption) *Handle[T] {
	return Spawn(g, f, opts...)
}

// A TaskOption configures a task.
type TaskOption func(*extra)

// apply applies the options.
func (x *extra) apply(opts []TaskOption) {
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("executor: task option %d of %d is nil", i+1, len(opts)))
		}
		o(x)
	}
}

// TaskName names a task in dumps, logs, traces, profiles and errors. The name of a
// Runnable is in logs, traces and errors, and in [Runnable.Name].
func TaskName(name string) TaskOption { return func(x *extra) { x.name = name } }

// TaskContext makes the context of a task's function descend from parent, and
// end with it; the future of a [Spawn] or [NewRunnable] is canceled when parent ends,
// as with [future.WithContext]. A task whose parent has ended is begun all the same.
// TaskContext has no effect in a [TaskGroup] and on [GoContext] and
// [NewRunnableFunc], whose tasks have a parent already. It panics if parent is nil.
func TaskContext(parent context.Context) TaskOption {
	if parent == nil {
		panic("executor: TaskContext with a nil context")
	}
	return func(x *extra) { x.parent = parent }
}

// OnTaskEnd makes the task call f once when the task has ended, with the error of its
// result, which is there by then. f is called for every task, also for one that never
// began because it was canceled or refused: nothing of such a task's function runs, not
// even its deferred calls, so what another one waits for is let go in f. Several
// OnTaskEnd options add up: their functions are called in the order of the options, and
// a group learns of the end after that.
//
// f is called by the goroutine that ends the task. It must not block. If f panics the
// panic is logged as an error, with the task's name and id and the stack, and goes no
// further: the other functions are called, and the result is what it was. An error that
// f is told of does not count as a failure that is not awaited. OnTaskEnd panics if f is
// nil.
func OnTaskEnd(f func(err error)) TaskOption {
	if f == nil {
		panic("executor: OnTaskEnd with a nil function")
	}
	return func(x *extra) {
		last := &x.hooks
		for *last != nil {
			last = &(*last).next
		}
		*last = &hook{f: f}
	}
}

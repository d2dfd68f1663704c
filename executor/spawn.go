package executor

import (
	"context"

	"github.com/go-await/await/future"
)

// A TaskOption configures a task.
type TaskOption func(*extra)

// TaskName names a task in dumps, logs, traces and profiles. The name of a Runnable
// is in logs and traces, and in [Runnable.Name].
func TaskName(name string) TaskOption { return func(x *extra) { x.name = name } }

// TaskContext makes the context of a task's function descend from parent, and
// end with it; the future of a [Spawn] is cancelled when parent ends, as with
// [future.WithContext]. A task whose parent has ended is begun all the same. It
// has no effect in a [TaskGroup] and on a Runnable, which have a parent already.
func TaskContext(parent context.Context) TaskOption {
	return func(x *extra) { x.parent = parent }
}

// OnTaskEnd makes the task call f once when it has ended, also if it never began,
// with the error of its result, which is there by then. f is called by whoever
// ends the task: it must not block, and must not panic. What f is told does not
// count as a failure that nobody awaits.
func OnTaskEnd(f func(err error)) TaskOption {
	return func(x *extra) { x.onEnd = f }
}

// Spawn makes e poll f until it is ready, as a task. It needs no stack: a
// pending task is one object besides f, of 128 bytes for an int. It allocates
// that object. A nil f gives [future.ErrNil]; if e is closed f is cancelled and
// the result is [ErrClosed].
//
// A poll must leave its goroutine as it was: not locked to its thread, for the
// reason that [Go] gives (the worker's next task with a function is a fatal error
// then), and with the pprof labels that it had.
func Spawn[T any](e *Executor, f future.Future[T], opts ...TaskOption) *Handle[T] {
	if f == nil {
		f = future.Failed[T](future.ErrNil)
	}
	h := new(Handle[T])
	var x *extra
	if len(opts) > 0 {
		if x = newExtra(opts); x.parent != nil {
			f = future.WithContext(x.parent, f)
		}
	}
	h.init(f, x)
	h.launch(e)
	return h
}

func newExtra(opts []TaskOption) *extra {
	x := new(extra)
	for _, o := range opts {
		o(x)
	}
	return x
}

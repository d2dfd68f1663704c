package executor

import "github.com/go-await/await/future"

// A TaskOption configures a task.
type TaskOption func(*extra)

// TaskName names a task in dumps, logs, traces and profiles.
func TaskName(name string) TaskOption { return func(x *extra) { x.name = name } }

// Spawn makes e poll f until it is ready, as a task. It needs no stack: a
// pending task is one object of about a hundred bytes besides f. It allocates
// that object. A nil f gives [future.ErrNil]; if e is closed f is cancelled and
// the result is [ErrClosed].
func Spawn[T any](e *Executor, f future.Future[T], opts ...TaskOption) *Handle[T] {
	if f == nil {
		f = future.Failed[T](future.ErrNil)
	}
	h := new(Handle[T])
	var x *extra
	if len(opts) > 0 {
		x = newExtra(opts)
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

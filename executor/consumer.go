package executor

import "github.com/go-await/await/future"

// Consuming makes a task's target a [future.Consumer]. An idle task is made running
// for the look, as by Tasks, so that no worker polls it. A task that asks itself is running already.
func (t *target[T]) Consuming(newcomer *future.Waker, is func(f any)) bool {
	if newcomer == &t.waker {
		root := t.root()
		if root == nil {
			return false // it has not waited for this yet
		}
		is(root)
		return true
	}
	if !t.state.inspect() {
		return false // it runs, will run, or has ended
	}
	defer func() {
		if t.state.pause() {
			t.schedule() // it was woken meanwhile
		}
	}()
	is(t.root())
	return true
}

// A combinator is a future of package future that hands its waker on. A leaf may be
// twice below it, so the task has to know it while it polls. It holds nothing once it has
// ended, so the task may keep it.
type combinator interface {
	PassesWakerTo(f any) bool
}

// root returns what the task awaits, or nil.
func (t *target[T]) root() any {
	if f := t.fiber(); f != nil {
		return f.awaited
	}
	return t.future
}

var _ future.Consumer = (*target[int])(nil)

package executor

import "github.com/go-await/await/future"

// Consuming makes a task's target a [future.Consumer]. An idle task is made running
// for the look, as by Tasks, so that no worker polls it.
func (t *target[T]) Consuming(_ *future.Waker, is func(f any)) bool {
	if !t.state.inspect() {
		return false // it runs, will run, or has ended
	}
	var root any = t.future
	if f := t.fiber(); f != nil {
		root = f.awaited
	}
	defer func() {
		if t.state.pause() {
			t.schedule() // it was woken meanwhile
		}
	}()
	is(root)
	return true
}

var _ future.Consumer = (*target[int])(nil)

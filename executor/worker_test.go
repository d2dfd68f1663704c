package executor

import "testing"

// The stall watch must not take a worker for idle that is between two tasks: if
// it did so with all of them, it would look no more.
func TestTaskBetweenTasks(t *testing.T) {
	e := newExecutor(config{workers: 1}, runWorker)
	w := (*e.workers.Load())[0]
	w.task = new(task)
	if next := w.takeOwn(); next != nil || w.task == nil {
		t.Errorf("found %v, runs %v", next, w.task)
	}
}

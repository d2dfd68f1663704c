package main

import (
	"errors"
	"sync"

	"github.com/go-await/await/executor"
)

// errStopped is the cause with which an executor that stops cancels its tasks.
var errStopped = errors.New("the executor has stopped")

// A live is the tasks of an executor that have not ended, so that it can stop: also those
// that its tasks have started themselves, of which it knows by its schedule function.
type live struct {
	mu    sync.Mutex
	tasks map[*executor.Runnable]bool
	cause error         // once the executor stops
	over  bool          // and has no task left
	none  chan struct{} // closed then
}

func newLive() *live {
	return &live{tasks: make(map[*executor.Runnable]bool), none: make(chan struct{})}
}

// add notes a task that is scheduled, and reports whether it is to be run. If the executor
// stops the task is canceled: one that comes when all others have ended ends by that alone.
func (l *live) add(r *executor.Runnable) bool {
	l.mu.Lock()
	cause, over := l.cause, l.over
	if !over {
		l.tasks[r] = true
	}
	l.mu.Unlock()
	if cause != nil {
		r.CancelCause(cause)
	}
	return !over
}

// run runs a task, and reports whether it has ended.
func (l *live) run(r *executor.Runnable) (ended bool) {
	if ended = r.Run(); ended {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.tasks, r)
		l.look()
	}
	return ended
}

// stop cancels the tasks that live, and waits until the executor has run them to their
// ends. It must not be called by one of them.
func (l *live) stop() {
	l.mu.Lock()
	l.cause = errStopped
	var tasks []*executor.Runnable
	for r := range l.tasks {
		tasks = append(tasks, r)
	}
	l.look()
	l.mu.Unlock()
	for _, r := range tasks {
		r.CancelCause(errStopped) // which may call schedule, and so add
	}
	<-l.none
}

// look notes whether no task is left. mu is held.
func (l *live) look() {
	if l.cause != nil && !l.over && len(l.tasks) == 0 {
		l.over = true
		close(l.none)
	}
}

package executor

import (
	"sync"
	"sync/atomic"
	"weak"
)

// A kit is what a Runnable has of an executor: the schedule function, and an executor
// for the tasks that the Runnable starts, once its context is asked for one.
//
// That executor has no workers. Its tasks are Runnables of the same schedule function,
// so that they run where the author runs the others, and it holds those tasks only: the
// life of the first Runnable itself is its author's.
type kit struct {
	mu     sync.Mutex      // guards the rest
	woken  bool            // while it ran, and so scheduled
	submit func(*Runnable) // nil in a task of the executor, and once the Runnable has ended
	exec   *Executor
}

// runnableIDs is the identity of the last Runnable. The identities are unique in the
// process, since several Runnables have one author, and one log.
var runnableIDs atomic.Uint64

// submit calls the schedule function of a task that the caller has made scheduled.
func (t *task) submit(woken bool) {
	k := &t.extra.special.kit
	k.mu.Lock()
	k.woken = woken
	submit := k.submit
	k.mu.Unlock()
	if t.shard != nil {
		submit = t.shard.exec.submit
	}
	if submit != nil { // else it has ended: it was canceled, or run without waiting for this call
		submit((*Runnable)(t))
	}
}

// isRunnable reports whether t runs on goroutines that are not ours.
func (t *task) isRunnable() bool { return t.shard == nil || t.shard.exec.submit != nil }

// executor returns the executor of t, or nil: for a Runnable that has ended, and a task
// that was given to no executor.
func (t *task) executor() *Executor {
	switch {
	case t.shard != nil:
		return t.shard.exec
	case t.extra.special == nil:
		return nil
	}
	k := &t.extra.special.kit
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.exec == nil && k.submit != nil {
		k.exec = newKitExecutor(t, k.submit)
	}
	return k.exec
}

// newKitExecutor returns the executor for the tasks that the Runnable t starts. Their
// failures are reported, and their panics treated, as those of t.
func newKitExecutor(t *task, submit func(*Runnable)) *Executor {
	c := config{name: "kit", logger: t.extra.special.logger, panics: t.extra.panics}
	if t.extra.name != "" {
		c.name = t.extra.name
	}
	e := newExecutor(c, ownWorker) // of which it has none
	e.submit, e.maker = submit, weak.Make(t.extra.fiber)
	return e
}

// end lets go what an ended Runnable does not need.
func (k *kit) end() {
	k.mu.Lock()
	k.submit, k.exec = nil, nil
	k.mu.Unlock()
}

// nextID returns an identity for a task that no worker starts.
func (e *Executor) nextID() uint64 {
	if e.submit != nil {
		return runnableIDs.Add(1)
	}
	return e.lastID.Add(1)
}

package executor

import (
	"context"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-await/await/internal/atomics"
)

// An unwinding sees to it that tasks on a [Runner] end though the Runner does not
// call, because others keep its goroutines or because it has dropped what it
// accepted. A task that has nothing left to do but to end, and that the look of a timer
// finds in a queue, runs on a goroutine of the executor's own. No other task does. The
// look comes unwindPatience after the first such task was queued; the others wait for less.
//
// Such a task was canceled, or its context has ended with its parent's: it is doomed.
// One that was canceled before it ran is not in question: its canceler has ended it.
//
// # How no such task is forgotten
//
// Who puts one into a queue, and who dooms one that is in a queue, sets the timer
// after that, unless it is set. The timer's function says that it is not set, and then
// looks at the queues. While unwinding goroutines are at work the timer is set, to
// start another one if they do not come on: a task may block.
type unwinding struct {
	armed atomics.Uint32 // 1 while the timer is set
	queue globalQueue    // of tasks that only unwinding goroutines run
	dead  atomic.Int64   // entries of tasks that were canceled before they ran, since the last look

	mu     sync.Mutex // guards the rest
	active int        // unwinding goroutines
	runs   uint64     // tasks that they have begun to run
	seen   uint64     // runs at the timer's last look
}

// unwindPatience is how long a task waits at most for the Runner to let it end, if the
// unwinding goroutines come on.
const unwindPatience = 5 * time.Millisecond

// maxDead is how many dead entries are left to the workers.
const maxDead = 64

// doom notes that the context of the task has ended, if it has. The caller owns the
// task, or the task has begun on a coroutine and was not canceled: else its end may be
// letting the context go.
func (t *task) doom() {
	if x := t.extra; x != nil && x.parent != nil && !x.doomed.Load() && x.parent.Err() != nil {
		x.doomed.Store(true) // seen by the timer's look, which the caller has called after this
	}
}

// watchParent sees to it that the end of the task's parent dooms a task that has not begun
// yet, which does not look at it. The caller has not handed the task to e yet, a Runner's.
// A task of a group has no need of it: the group tells its tasks.
func (t *task) watchParent(e *Executor) {
	x := t.extra
	if x == nil || x.parent == nil || x.parent == e.root || x.ended != nil || x.parent.Done() == nil {
		return
	}
	x.specials().unwatch = context.AfterFunc(x.parent, func() {
		x.doomed.Store(true) // and then the timer's look; or launch sees it after its push
		e.armUnwinding()
	})
}

// mustEnd reports whether all that the task has left to do is to end.
func (t *task) mustEnd() bool {
	return t.canceled.Load() != nil || t.extra != nil && t.extra.doomed.Load()
}

// unwindSoon sets the timer if there is a Runner and the task, which is in a queue,
// must end. The look for a Runner is inlined (BenchmarkTaskSwitch).
func (e *Executor) unwindSoon(t *task) {
	if e.runner != nil {
		e.unwindDoomed(t)
	}
}

func (e *Executor) unwindDoomed(t *task) {
	if t.mustEnd() {
		e.armUnwinding()
	}
}

func (e *Executor) armUnwinding() {
	// 0 → 1: who does it sets the timer, whose look comes after the caller's push.
	if e.unwinding.armed.Load() == 0 && e.unwinding.armed.CompareAndSwap(0, 1) {
		atomics.AfterFunc(unwindPatience, e.unwindOverdue)
	}
}

// countDead counts a dead entry. A Runner that does not call leaves them in the queues:
// when they are many, and more than half of what is there, the timer's look drops them.
func (e *Executor) countDead() {
	if e.runner == nil {
		return
	}
	if n := e.unwinding.dead.Add(1); n >= maxDead && 2*n > e.global.size.Load() {
		e.armUnwinding()
	}
}

// unwindOverdue is called by the timer, on a goroutine of its own. It takes the tasks
// that must end out of the queues, and runs them if no other goroutine does, or none
// that comes on.
func (e *Executor) unwindOverdue() {
	u := &e.unwinding
	u.armed.Store(0) // 1 → 0, and then it looks
	e.collectDoomed()
	u.mu.Lock()
	stuck := u.active == 0 || u.runs == u.seen
	u.seen = u.runs
	u.mu.Unlock()
	var t *task
	if stuck {
		t = u.queue.pop(false, 0, nil)
	}
	if u.queue.size.Load() != 0 {
		e.armUnwinding()
	}
	if t != nil {
		e.unwind(t)
	}
}

// collectDoomed moves the tasks that must end to the queue of the unwinding. Those
// that ended when they were canceled are dropped.
func (e *Executor) collectDoomed() {
	var found list
	e.unwinding.dead.Store(0)
	e.global.mu.Lock()
	e.global.backlog.extract(&found)
	e.global.publishLocked()
	e.global.mu.Unlock()
	for _, w := range *e.workers.Load() {
		w.queue.mu.Lock()
		w.queue.shareLocked()
		w.queue.backlog.extract(&found)
		w.queue.mu.Unlock()
	}
	for t := found.pop(); t != nil; t = found.pop() {
		if t.state.isEnded() {
			t.state.begin()
		} else {
			e.unwinding.queue.push(t)
		}
	}
	if e.hasWork() {
		e.lot.notify() // what was in a slot is where an idle worker may take it
	}
}

// extract moves the tasks that must end to the end of into.
func (b *backlog) extract(into *list) {
	for l := range b.lines {
		b.lines[l].extract(into)
	}
}

// extract moves the tasks that must end to the end of into.
func (l *list) extract(into *list) {
	var rest list
	for t := l.pop(); t != nil; t = l.pop() {
		if t.mustEnd() {
			into.push(t)
		} else {
			rest.push(t)
		}
	}
	*l = rest
}

// unwind runs t, and then what else must end and waits.
func (e *Executor) unwind(t *task) {
	pprof.SetGoroutineLabels(e.labels)
	u := &e.unwinding
	u.count(1)
	defer u.count(-1)
	for t != nil {
		e.unwindOne(t)
		t = u.queue.pop(false, 0, nil)
	}
}

// unwindOne runs a task that was taken out of a queue, up to where it waits or ends.
// If its future exits the goroutine, others take over what waits.
func (e *Executor) unwindOne(t *task) {
	if !t.state.begin() {
		return // its canceler ends it
	}
	e.enter() // the task lives: it has just begun
	returned := false
	defer func() {
		if !returned {
			e.armUnwinding()
		}
		e.leave()
	}()
	u := &e.unwinding
	u.mu.Lock()
	u.runs++
	u.mu.Unlock()
	if f := t.fiber(); f != nil {
		f.leaveWorker()
	}
	if !t.poll() && t.state.pause() {
		u.queue.pushAside(t) // it was woken while running
	}
	returned = true
}

// leaveWorker makes the fiber one that runs on no worker, until a worker takes it.
func (f *fiber) leaveWorker() {
	f.worker = nil
	if f.co != nil {
		f.co.at.weigh() // what it wakes comes from an outsider
	}
}

func (u *unwinding) count(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.active += n
}

// A groupWatch makes the end of a group's context doom its children, if they are on a
// Runner: nothing else wakes those that have not begun.
type groupWatch struct {
	tasks map[*task]struct{} // the group's live tasks
	stop  func() bool
}

// watchLocked adds a child that is to start. The caller holds g.mu.
func (g *TaskGroup) watchLocked(t *task) {
	if g.exec == nil || g.exec.runner == nil {
		return
	}
	if g.watch.stop == nil {
		g.watch.tasks = map[*task]struct{}{}
		g.watch.stop = context.AfterFunc(g.ctx, g.doomChildren)
	}
	g.watch.tasks[t] = struct{}{}
	if g.ctx.Err() != nil {
		t.extra.doomed.Store(true) // the callback may have come before it
	}
}

// unwatch ends the watch of a group that is over.
func (g *TaskGroup) unwatch() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.watch.stop != nil {
		g.watch.stop()
	}
}

// doomChildren dooms the children of a group whose context has ended.
func (g *TaskGroup) doomChildren() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for t := range g.watch.tasks {
		t.extra.doomed.Store(true) // and then sets the timer
	}
	g.exec.armUnwinding()
}

package executor

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A stallWatch sees to it that a task that does not come back, because it
// computes or because it blocks, does not hold up the tasks behind it.
//
// Every threshold it looks at the workers. One that polls the same task as at
// the look before has stalled: that is reported, and if there is work and nobody
// to do it, a spare worker starts, which may rob the stalled one's queue. So a
// stall is found after one to two thresholds. A spare ends when it finds nothing
// to do, or when the worker whose place it takes is back.
//
// It is a timer, no goroutine, and is set only while there are tasks that run: a
// worker that takes a task after a rest sets it, and a look at which all workers
// rest does not set it again.
//
// # How no busy worker goes unwatched
//
// A worker notes its task and then looks whether the timer is set. The look says
// that the timer is not set and then looks at the workers' tasks. One of the two
// sees the other.
type stallWatch struct {
	armed  atomic.Bool
	stalls atomic.Uint64

	looking sync.Mutex // held by the look, which may be slower than the timer

	mu    sync.Mutex // guards the rest
	due   time.Time  // when the timer should call
	timer *time.Timer
	over  bool
	gone  Stats // counts of the spare workers that have ended
}

// maxSpares is how many spare workers an executor has at most: so many tasks may
// be stuck before the others are.
const maxSpares = 256

// arm sets the timer if it is not set.
func (e *Executor) arm() {
	if e.threshold <= 0 || e.watch.armed.Load() || !e.watch.armed.CompareAndSwap(false, true) {
		return
	}
	s := &e.watch
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
		return
	case s.timer == nil:
		s.timer = time.AfterFunc(e.threshold, e.look)
	default:
		s.timer.Reset(e.threshold)
	}
	s.due = time.Now().Add(e.threshold)
}

// stopWatch ends the watch.
func (e *Executor) stopWatch() {
	e.watch.mu.Lock()
	defer e.watch.mu.Unlock()
	e.watch.over = true
	if e.watch.timer != nil {
		e.watch.timer.Stop()
	}
}

// look is called by the timer. If it is called late the processors are busy with
// something else, and a worker that has not come back may just not have run: it
// is left for the next look.
func (e *Executor) look() {
	e.watch.looking.Lock()
	defer e.watch.looking.Unlock()
	e.watch.mu.Lock()
	late := time.Since(e.watch.due) > e.threshold/2
	e.watch.mu.Unlock()
	e.watch.armed.Store(false) // then look at the tasks
	busy := false
	for _, w := range *e.workers.Load() {
		w.queue.mu.Lock()
		t, ticks := w.task, w.ticks
		w.queue.mu.Unlock()
		switch {
		case t == nil:
			w.stalled.Store(false)
		case w.seen != ticks:
			busy = true
			w.stalled.Store(false)
		default:
			busy = true
			if !late && !w.stalled.Swap(true) {
				e.watch.stalls.Add(1)
				e.reportStall(w, t)
			}
		}
		w.seen = ticks
	}
	for _, w := range *e.workers.Load() {
		if w.kind == ownWorker || w.kind == spareWorker {
			e.replace(w)
		}
		if w.kind == spareWorker && !w.replaces.stalled.Load() {
			w.dismissed.Store(true)
		}
	}
	if busy {
		e.arm()
	}
}

// replace starts a spare worker for w if that has stalled, tasks wait, and nobody
// is there to run them.
func (e *Executor) replace(w *worker) {
	if !w.stalled.Load() || e.lot.idleCount.Load() > 0 || !e.hasWork() || e.isStopped() {
		return
	}
	ws := *e.workers.Load()
	if len(ws) >= e.size+maxSpares {
		return
	}
	for _, v := range ws {
		if !v.stalled.Load() && (v.kind == spareWorker && v.replaces == w) {
			return // it has one, which is at work
		}
	}
	spare := &worker{exec: e, index: len(ws), kind: spareWorker, rng: uint32(len(ws)), replaces: w, started: true}
	e.changeWorkers(func(ws []*worker) []*worker { return append(slices.Clone(ws), spare) })
	e.goroutines.Add(1)
	spare.start()
}

// retire ends a spare worker: what it has queued goes to the others.
func (e *Executor) retire(w *worker) {
	e.changeWorkers(func(ws []*worker) []*worker {
		return slices.DeleteFunc(slices.Clone(ws), func(v *worker) bool { return v == w })
	})
	w.queue.mu.Lock()
	var rest list
	for t := w.queue.takeLocked(); t != nil; t = w.queue.takeLocked() {
		rest.push(t)
	}
	w.queue.mu.Unlock()
	for t := rest.pop(); t != nil; t = rest.pop() {
		e.global.push(t)
		e.lot.notify()
	}
	w.stopCoroutines()
	e.watch.mu.Lock()
	e.watch.gone.add(w)
	e.watch.mu.Unlock()
}

// changeWorkers replaces the list of workers.
func (e *Executor) changeWorkers(change func([]*worker) []*worker) {
	e.watch.mu.Lock()
	defer e.watch.mu.Unlock()
	ws := change(*e.workers.Load())
	e.workers.Store(&ws)
}

// reportStall logs that t keeps w.
func (e *Executor) reportStall(w *worker, t *task) {
	e.log().LogAttrs(context.Background(), slog.LevelWarn, "task keeps its worker",
		slog.String("executor", e.name), slog.Uint64("id", t.id), slog.String("task", t.name()),
		slog.Duration("longer than", e.threshold), slog.String("stack", stackOf(w, t)))
}

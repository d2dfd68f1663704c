package executor

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-await/await/internal/atomics"
)

// A stallWatch sees to it that a task that does not come back, because it
// computes or because it blocks, does not hold up the others.
//
// Every threshold it looks at the workers. One that polls the same task as at
// the look before has stalled: that is reported, the others may rob its queue,
// and if none of them is idle a spare worker starts. So there are as many workers
// that are not stuck as the executor was given, up to maxSpares. A spare waits in
// the lot like any other worker. Once a worker that had stalled is back there is
// one too many, and a spare is dismissed: it ends after its task, or at once if
// it rests.
//
// It is a timer, no goroutine, and is set only while a worker runs a task that
// has not been found to stall: it costs nothing while all rest, nor while a task
// blocks for an hour.
//
// # How no busy worker goes unwatched
//
// A worker that takes a task after a rest notes it and then looks whether the
// timer is set; so does one that has stalled and is back. The look says that the
// timer is not set and then looks at the workers' tasks. One of the two sees the
// other.
type stallWatch struct {
	armed  atomic.Bool
	stalls atomic.Uint64

	// looking holds the place of the look, which may be slower than the timer: to
	// wait for a report that sleeps is to be durably blocked, as on a mutex it is not.
	looking chan struct{}

	mu    atomics.Mutex // guards the rest, and changes of Executor.workers
	due   time.Time     // when the timer should call
	timer *time.Timer
	over  bool
	gone  Stats // counts of the spare workers that have ended
}

// maxSpares is how many spare workers an executor has at most: so many tasks may
// be stuck before the others are.
const maxSpares = 256

// arm sets the timer if it is not set.
func (e *Executor) arm() {
	// false → true: whoever does it sets the timer.
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

// stopWatch ends the watch, and waits for a look that has begun.
func (e *Executor) stopWatch() {
	e.watch.looking <- struct{}{}
	defer func() { <-e.watch.looking }()
	e.watch.mu.Lock()
	defer e.watch.mu.Unlock()
	e.watch.over = true
	if e.watch.timer != nil {
		e.watch.timer.Stop()
	}
}

// look is called by the timer. If it is called late the processors are busy with
// something else, and a worker that has not come back may just not have run: that
// is then not held against it until the look after.
func (e *Executor) look() {
	s := &e.watch
	s.looking <- struct{}{}
	defer func() { <-s.looking }()
	s.mu.Lock()
	over, patience := s.over, 1
	if time.Since(s.due) > e.threshold/2 {
		patience = 2
	}
	s.mu.Unlock()
	if over {
		return
	}
	s.armed.Store(false) // then look at the tasks
	type stall struct {
		w *worker
		t *task
	}
	var found []stall
	busy := false
	for _, w := range *e.workers.Load() {
		w.queue.mu.Lock()
		if w.seen != w.ticks {
			w.seen, w.looks = w.ticks, 0
		} else {
			w.looks++
		}
		t, stuck := w.task, w.task != nil && w.looks >= patience
		switch {
		case !stuck:
			busy = busy || t != nil
			// 1 → 0: it is back, and its freshest task is left to it again.
			w.stalled.Store(0)
		case w.stalled.Swap(1) == 0:
			// 0 → 1: seen by whoever looks for work, and by w in takeOwn.
			found = append(found, stall{w, t})
		}
		w.queue.mu.Unlock()
	}
	e.balance()
	for _, f := range found {
		s.stalls.Add(1)
		e.reportStall(f.w, f.t)
	}
	if busy {
		e.arm()
	}
}

// balance makes the workers that are not stuck as many as the executor was given.
// On a Runner and in Run their number is what it is.
func (e *Executor) balance() {
	ws := *e.workers.Load()
	active := 0
	for _, w := range ws {
		if w.stalled.Load() == 0 && w.dismissed.Load() == 0 {
			active++
		}
	}
	if active < e.size && e.lot.idleCount.Load() == 0 && ws[0].kind == ownWorker {
		for n := min(e.size-active, e.size+maxSpares-len(ws)); n > 0; n-- {
			e.startSpare()
		}
	}
	for _, w := range ws {
		if active > e.size && w.kind == spareWorker && w.stalled.Load() == 0 && w.dismissed.Load() == 0 {
			active--
			e.dismiss(w)
		}
	}
	if e.hasWork() {
		// Not only if a worker is missing: the one that has just been found stuck
		// may be a spare that was one too many.
		e.lot.notify() // an idle worker may not know that it may rob a queue
	}
}

// startSpare starts a spare worker.
func (e *Executor) startSpare() {
	var w *worker
	e.changeWorkers(func(ws []*worker) []*worker {
		w = e.newSpare(len(ws))
		return append(slices.Clone(ws), w)
	})
	e.goroutines.Add(1)
	w.start()
}

func (e *Executor) newSpare(index int) *worker {
	w := e.newWorker(index, spareWorker)
	w.started = true
	return w
}

// dismiss makes a spare worker end.
func (e *Executor) dismiss(w *worker) {
	w.dismissed.Store(1) // then look into the lot; rest does it the other way round
	if e.lot.leave(w) {
		e.lot.searching.Add(1) // rule 2 of the lot
		w.resume()
	}
}

// retire ends a spare worker, whose goroutine calls it. What it has queued goes
// to the others. It must not be searching.
func (e *Executor) retire(w *worker) {
	w.home.weigh()
	e.changeWorkers(func(ws []*worker) []*worker {
		w.queue.mu.Lock()
		e.watch.gone.add(w)
		w.queue.mu.Unlock()
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
	}
	w.endCoroutines()
	if e.hasWork() {
		e.lot.notify() // on behalf of whoever left it to this worker
	}
}

// changeWorkers replaces the list of workers.
func (e *Executor) changeWorkers(change func([]*worker) []*worker) {
	e.watch.mu.Lock()
	defer e.watch.mu.Unlock()
	ws := change(*e.workers.Load())
	e.workers.Store(&ws) // seen by whoever looks for work from now on
}

// reportStall logs that t keeps w.
func (e *Executor) reportStall(w *worker, t *task) {
	e.log().LogAttrs(context.Background(), slog.LevelWarn, "task keeps its worker",
		slog.String("executor", e.name), slog.Uint64("id", t.id), slog.String("task", t.name()),
		slog.Duration("threshold", e.threshold), slog.String("stack", stackOf(w, t)))
}

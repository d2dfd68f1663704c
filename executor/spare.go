package executor

import (
	"runtime"
	"runtime/metrics"
	"slices"
	"time"
)

// A spare worker stands in for one that is stuck. The stall watch starts spares, so that
// as many workers are not stuck as the executor was given, and dismisses them once there
// are more. A spare rests like any other worker. One that is dismissed ends after its
// task, or at once if it rests.
//
// If all workers are stuck and tasks wait, that is no longer enough: the spares may be
// stuck as soon as they begin. Then as many start as are stuck, and the next looks come
// after fastInterval each. So it takes a dozen looks until 5,000 blocked tasks no longer keep
// the others waiting. That is for tasks that block. If they compute, and more goroutines
// are ready to run than there are processors, more workers would only make all of them slower:
// their number grows as otherwise.
//
// # Bypassed workers
//
// A stuck worker and one that is dismissed are bypassed: others do not look into its queue,
// of which there may be thousands. What it has queued goes to the global queue, and so
// does what its task makes runnable from then on. To bypass it the watch stores the mark and
// then empties the queue. A push fills the queue and then loads the mark. One of the two
// sees the other.
//
// Executor.workers is the list of all workers, Executor.active of those that are not
// bypassed. A worker that is back enters the active list before the mark is taken away, so
// that the worker that is notified of what it pushes then finds it.

// defaultMaxSpares is ten times the 10,000 threads that the runtime allows: if but every
// tenth of so many tasks were stuck in a system call, the program would have ended.
// So many spares and their tasks take about 1 GB.
const defaultMaxSpares = 100_000

// bypass moves what w has queued to the global queue, now and from now on.
func (w *worker) bypass() {
	w.bypassed.Store(1) // 0 → 1, then look at the queue; a push does it the other way round
	w.spill()
}

// queued is called after tasks have been put into w's queue. It notifies an idle worker if
// there are more of them than the one that w runs next.
func (w *worker) queued(more bool) {
	if more || w.bypassed.Load() != 0 { // after the push: see bypass
		w.announce()
	}
}

func (w *worker) announce() {
	if w.bypassed.Load() != 0 {
		w.spill()
	} else {
		w.exec.lot.notify()
	}
}

// spill moves what w has queued to the global queue.
func (w *worker) spill() {
	w.queue.mu.Lock()
	w.queue.shareLocked()
	all := w.queue.backlog
	w.queue.backlog = backlog{}
	w.queue.mu.Unlock()
	if all.size() > 0 {
		w.exec.global.pushAll(&all)
		w.exec.lot.notify()
	}
}

// balance makes the workers that are not stuck as many as the executor was given, and
// more if that does not help. On a Runner and in Run their number is what it is. seen is
// what the look has found.
func (e *Executor) balance(seen sighting) {
	fast := 0
	if (*e.workers.Load())[0].kind == ownWorker && e.lot.idleCount.Load() == 0 {
		fast = e.grow(seen)
	}
	e.watch.fast = fast
	if fast == 0 {
		e.shrink(&seen)
	}
	e.activate(seen)
	if e.hasWork() {
		// An idle worker may not know of what was queued by one that is bypassed now.
		e.lot.notify()
	}
}

// grow starts the spare workers that are missing. It returns how many looks are to come
// fast, because more may be missing soon.
func (e *Executor) grow(seen sighting) (fast int) {
	missing, waiting := e.size-seen.active-seen.starting, int(e.global.size.Load())
	switch {
	case waiting == 0:
	case seen.starting > 0:
		fast = e.watch.fast // until they have begun
	case seen.active == 0 && !crowded():
		missing = max(missing, min(seen.stuck, waiting+e.size)) // some are not to get stuck
		fast = fastLooks
	default:
		fast = max(0, e.watch.fast-1)
	}
	if room := e.maxSpares - (len(*e.workers.Load()) - e.size); missing > room {
		missing, fast = max(0, room), 0
		if missing == 0 && waiting > 0 && seen.active == 0 {
			e.reportLimit(seen.stuck)
		}
	}
	if missing > 0 {
		e.startSpares(missing)
	}
	return fast
}

// shrink dismisses the spare workers that are too many.
func (e *Executor) shrink(seen *sighting) {
	for _, w := range *e.workers.Load() {
		if seen.active <= e.size {
			return
		}
		if w.kind == spareWorker && !w.stuck && !w.starting && w.dismissed.Load() == 0 {
			seen.active--
			seen.changed = true
			e.dismiss(w)
		}
	}
}

// crowded reports whether more goroutines are ready to run than there are processors.
func crowded() bool {
	ready := []metrics.Sample{{Name: "/sched/goroutines/runnable:goroutines"}}
	metrics.Read(ready)
	return ready[0].Value.Kind() == metrics.KindUint64 && ready[0].Value.Uint64() > uint64(runtime.GOMAXPROCS(0))
}

// reportLimit logs that no more spare workers may start, once until no worker is stuck and
// no task waits.
func (e *Executor) reportLimit(stuck int) {
	if e.watch.limitMet {
		return
	}
	e.watch.limitMet = true
	e.reportStuck(stuck)
}

// startSpares starts n spare workers.
func (e *Executor) startSpares(n int) {
	spares := make([]*worker, n)
	e.changeWorkers(func(ws []*worker) []*worker {
		for i := range spares {
			spares[i] = e.newSpare(len(ws) + i)
		}
		return append(slices.Clip(ws), spares...)
	})
	e.goroutines.Add(n)
	for _, w := range spares {
		w.start()
	}
	e.arm() // if fewer than these find a task, the others are too many
}

func (e *Executor) newSpare(index int) *worker {
	w := e.newWorker(index, spareWorker)
	w.started = true
	// It looks for its first task at once, and the next look may find it stuck in that.
	w.record = record{seen: 1, since: time.Now()}
	return w
}

// dismiss makes a spare worker end.
func (e *Executor) dismiss(w *worker) {
	w.bypass()
	w.dismissed.Store(1) // then look into the lot; rest does it the other way round
	if e.lot.leave(w) {
		e.lot.searching.Add(1) // rule 2 of the lot
		w.resume()
	}
}

// retire ends a spare worker that was dismissed, whose goroutine calls it. It must not be
// searching.
func (e *Executor) retire(w *worker) {
	w.home.weigh()
	w.spill()
	w.endCoroutines()
	s := &e.watch
	s.mu.Lock()
	w.queue.mu.Lock()
	w.task = nil // its task has gone on: see stall.isOver
	s.gone.add(w)
	w.queue.mu.Unlock()
	w.ended = true
	s.ended++
	if 2*s.ended >= len(*e.workers.Load()) {
		e.dropEndedLocked() // not for each: of thousands that end, each would copy the list
	}
	s.mu.Unlock()
	if e.hasWork() {
		e.lot.notify() // on behalf of the goroutine that left it to this worker
	}
}

// dropEndedLocked takes the spares that have ended out of the lists of workers. The
// caller holds the watch's mutex.
func (e *Executor) dropEndedLocked() {
	if e.watch.ended == 0 {
		return
	}
	e.watch.ended = 0
	ws := slices.DeleteFunc(slices.Clone(*e.workers.Load()), func(w *worker) bool { return w.ended })
	e.workers.Store(&ws) // seen by goroutines that count workers from now on
	e.activateLocked(nil)
}

// changeWorkers replaces the lists of workers. change must not write to the old list.
func (e *Executor) changeWorkers(change func([]*worker) []*worker) {
	e.watch.mu.Lock()
	defer e.watch.mu.Unlock()
	ws := change(*e.workers.Load())
	e.workers.Store(&ws) // seen by goroutines that count workers from now on
	e.activateLocked(nil)
}

// activate makes the lists of workers anew after a look.
func (e *Executor) activate(seen sighting) {
	e.watch.mu.Lock()
	defer e.watch.mu.Unlock()
	e.dropEndedLocked()
	if seen.changed {
		e.activateLocked(seen.back)
	}
}

// activateLocked makes the list of active workers anew, with those that are back.
func (e *Executor) activateLocked(back []*worker) {
	ws := *e.workers.Load()
	active := make([]*worker, 0, e.size+len(back))
	for _, w := range ws {
		if w.bypassed.Load() == 0 {
			active = append(active, w)
		}
	}
	for _, w := range back {
		if w.dismissed.Load() == 0 {
			active = append(active, w)
		}
	}
	e.active.Store(&active) // seen by workers that look for work from now on
	for _, w := range back {
		if w.dismissed.Load() == 0 {
			w.bypassed.Store(0) // 1 → 0: others look into its queue now
		}
	}
}

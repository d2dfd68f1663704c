package executor

import (
	"runtime/pprof"
	"sync/atomic"
	"time"

	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/park"
)

// A worker runs tasks, one at a time, on one goroutine at a time: its own, the
// caller's of Run, or one of a Runner's.
//
// It looks for a task in its own queue, now and then first in the global one,
// then in the global one, then in the other workers'. If there is none it rests
// in the lot: blocked, or, on a Runner, without a goroutine at all.
type worker struct {
	exec *Executor
	kind workerKind

	queue localQueue // its mutex guards the next six fields too
	task  *task      // that is being polled, for the stall watch
	ticks uint64     // looks for a task so far
	// slotTicks are the ticks at the last look that found the slot full.
	slotTicks uint64
	polls     uint64 // tasks found
	steals    uint64 // tasks taken from other workers
	parks     uint64 // times it found nothing to do

	// home is the goroutine that the worker loops on.
	home anchor
	// overstay is true if a look of the stall watch has found the worker in the middle of
	// a task. It is a hint: see overstays.
	overstay atomic.Bool
	aside    bool // the task that is suspended goes behind those in the global queue

	// bypassed is 1 while others do not look into the queue. See spare.go.
	bypassed atomics.Uint32
	// called is 1 once the worker is to look into the global queue first.
	called atomics.Uint32
	// dismissed is 1 once a spare worker is needed no more.
	dismissed atomics.Uint32
	// phase and awaited are for a worker on a Runner. See runner.go.
	phase   atomics.Uint32
	awaited atomics.Uint32
	// accepted is when the Runner accepted the worker, in nanoseconds since the
	// executor's start, or 0 if it has called it since.
	accepted atomic.Int64

	// The next fields belong to the goroutine that loops. While the worker is in the
	// lot they belong to the goroutine that takes it out.
	refused    error        // by the Runner: no task may run except to end
	started    bool         // it has a goroutine, which waits with parker
	taken      bool         // it was taken from the lot, and counts as searching
	unwatched  bool         // it has rested since it last told the stall watch
	answered   bool         // it took a task of the global queue first: its own are next
	coroutines []*coroutine // idle ones
	clock      int64        // the time, a few tasks ago: see tick
	rng        uint32
	registrar  registrar
	parker     park.Parker
	outer      *outerTask  // in place of parker, of a Run within a task
	patience   func() bool // ends the time for which the worker is awaited

	place  place // in the lot
	record       // the stall watch's
	ended  bool  // set with the watch's mutex by a spare worker that ends
}

// newWorker returns a worker whose index is that in the list of workers.
func (e *Executor) newWorker(index int, kind workerKind) *worker {
	return &worker{exec: e, kind: kind, rng: uint32(index), registrar: registrar{shards: e.shardsOf(index)}}
}

// A workerKind says what a worker does when there is nothing to do.
type workerKind uint8

const (
	ownWorker    workerKind = iota // waits on its own goroutine
	runWorker                      // waits on the caller's of Run
	runnerWorker                   // gives its goroutine back to the Runner
	spareWorker                    // as an own one, until it is dismissed
)

const (
	// clockInterval is how many times a worker looks for a task before it reads
	// the clock.
	clockInterval = 64
	// globalInterval is how many times it does before it looks into the global
	// queue first without having been called: for so many tasks at most does the
	// next one from outside wait while all workers have their own to do, and the
	// n-th for n times as many.
	globalInterval = 8
	// turnsPerRound is how many times it does before it has taken a task of its own that
	// is not in the line of the woken ones, and one of the global queue, if there are any:
	// for so many tasks at most does the next one that has not begun wait, while woken
	// tasks keep coming.
	turnsPerRound    = 2 * globalInterval
	ownOthersTurn    = turnsPerRound / 4
	globalOthersTurn = 3 * turnsPerRound / 4
	// maxCalled is how many workers are called by a wake from outside if none
	// is idle. One of so many will soon be through with its task; to call them
	// all would take too long where there are many.
	maxCalled = 4
)

// loop runs tasks until the executor has stopped, or the worker has nothing to do
// and does not wait on this goroutine.
//
//go:noinline
func (w *worker) loop() {
	w.home.set(w, atomics.Goroutine())
	w.tick()
	w.unwatched = true
	for turn := 1; ; turn++ {
		t := w.find()
		if t == nil {
			return
		}
		w.run(t)
		if w.kind == spareWorker && w.dismissed.Load() != 0 {
			w.exec.retire(w)
			return
		}
		if turn == runnerTurn && w.kind == runnerWorker {
			w.giveBack()
			return
		}
	}
}

// run polls t, which the caller took out of its queue.
//
// It is task.poll in one frame: a processor predicts where a return leads by the
// calls it has seen, and after a switch of stacks it is wrong in every frame there
// is, up to the loop.
func (w *worker) run(t *task) {
	if w.refused != nil {
		t.cancelAs(&cancellation{cause: w.refused, all: true})
	}
	if !t.state.begin() {
		return // it was canceled before it ran
	}
	w.home.hold()
	f := t.fiber()
	if f != nil {
		f.worker = w
	}
	t.polls++
	if t.isObserved() {
		if t.pollObserved() {
			return
		}
	} else {
		if f != nil && f.mount() {
			f.co.resume()
		}
		if (f == nil || f.unmount()) && t.target().poll() {
			return
		}
	}
	if t.state.pause() {
		// Rule 1 of the state: it was woken while running. It stands aside,
		// so that a task that wakes itself does not starve the others.
		if w.aside {
			w.aside = false
			w.exec.global.pushAside(t)
			w.exec.lot.notify()
		} else {
			w.queued(w.queue.pushAside(t))
		}
		w.exec.unwindSoon(t)
	}
}

// find returns the next task to run. It rests as long as there is none, and
// returns nil when this goroutine is the worker's no more.
func (w *worker) find() *task {
	searching := w.taken
	w.taken = false
	for {
		t := w.takeOwn()
		if w.bypassed.Load() != 0 { // set before takeOwn, or not at all
			w.exec.arm() // it is back
		}
		if t == nil && !searching {
			searching = w.exec.lot.search(w.exec.size)
		}
		if t == nil && searching {
			t = w.search()
		}
		if t != nil {
			if searching && w.exec.lot.found() && w.exec.hasWork() {
				w.exec.lot.notify()
			}
			if w.unwatched {
				w.unwatched = false
				w.exec.arm()
			}
			return t
		}
		if !w.rest(searching) {
			return nil
		}
		searching = w.taken
		w.taken = false
	}
}

// takeOwn takes a task from the worker's queue or the global one.
func (w *worker) takeOwn() *task {
	if w.ticks%clockInterval == 0 {
		w.tick()
	}
	// The sizes are only hints here: takeGlobal looks again, with the lock.
	global := &w.exec.global
	globalFirst, othersFirst := false, false
	if w.ticks%(turnsPerRound/4) == 0 {
		switch w.ticks % turnsPerRound {
		case ownOthersTurn:
			othersFirst = true
		case globalOthersTurn:
			woken := global.woken.Load() // without any, every look there is the others' turn
			globalFirst = woken > 0 && global.size.Load() > woken
			othersFirst = globalFirst
		default:
			globalFirst = global.size.Load() > 0
		}
	}
	rival := global
	if w.answered {
		rival = nil
		w.answered = false
	} else if w.called.Load() != 0 {
		w.called.Store(0) // 1 → 0, and then it looks
		globalFirst, othersFirst = global.size.Load() > 0, false
	}
	w.queue.mu.Lock()
	w.ticks++
	if !globalFirst {
		// If there is none, w.task stays until there is, or until the worker
		// rests: the stall watch would take it for idle.
		var t *task
		if !othersFirst {
			t = w.queue.takeSlotLocked()
		}
		if t == nil {
			t = w.queue.takeLocked(othersFirst, rival)
		}
		if t != nil {
			w.task = t
			w.polls++
			w.queue.mu.Unlock()
			return t
		}
	}
	own := w.queue.sizeLocked() > 0
	w.queue.mu.Unlock()
	w.answered = own
	t := w.takeGlobal(othersFirst, !globalFirst && !own)
	if t == nil && own {
		w.queue.mu.Lock()
		if t = w.queue.takeLocked(false, nil); t != nil {
			w.task = t
			w.polls++
		}
		w.queue.mu.Unlock()
	}
	return t
}

// takeGlobal takes a task from the global queue, and if share is set the worker's
// share of the others. A worker with tasks of its own takes none: they would go
// behind all of those.
func (w *worker) takeGlobal(othersFirst, share bool) *task {
	var more backlog
	q := &w.exec.global
	n := 0
	if share && w.bypassed.Load() == 0 {
		n = min(int(q.size.Load())/max(w.exec.size, len(*w.exec.active.Load())), stealLimit)
	}
	t := q.pop(othersFirst, n, &more)
	if t != nil {
		w.accept(t, &more)
	}
	return t
}

// search looks at the other workers' queues once.
func (w *worker) search() *task {
	ws := *w.exec.active.Load()
	w.rng = w.rng*1664525 + 1013904223
	start := int(w.rng >> 16)
	var more backlog
	for i := range ws {
		v := ws[(start+i)%len(ws)]
		if v == w {
			continue
		}
		if t := v.queue.steal(&more); t != nil {
			stolen := uint64(1 + more.size())
			w.accept(t, &more)
			w.queue.mu.Lock()
			w.steals += stolen
			w.queue.mu.Unlock()
			return t
		}
	}
	return nil
}

// accept notes that the worker runs t next, and puts what came with it into its
// queue.
func (w *worker) accept(t *task, more *backlog) {
	n := more.size()
	w.queue.mu.Lock()
	w.task = t
	w.polls++
	w.queue.backlog.append(more)
	w.queue.mu.Unlock()
	if n > 0 {
		w.queued(true) // an idle worker may have looked for them while they were in more
	}
}

// rest waits in the lot until there may be something to do, and reports whether
// this goroutine still is the worker's. The order of its steps is the lot's
// protocol.
func (w *worker) rest(searching bool) bool {
	e := w.exec
	w.queue.mu.Lock()
	w.task = nil
	w.parks++
	w.queue.mu.Unlock()
	w.unwatched = true
	w.home.weigh() // in the lot the worker is whoever's takes it out
	e.lot.enter(w)
	if searching {
		e.lot.searching.Add(-1)
	}
	work, full := e.survey()
	if !work && full {
		e.watchSlots() // a worker may keep what is in its slot waiting
	}
	if (work || e.isStopped() || w.dismissed.Load() != 0) && e.lot.leave(w) {
		if e.isStopped() {
			return false
		}
		if w.dismissed.Load() != 0 {
			e.retire(w)
			return false
		}
		// Whether enough others search or not, this one must now: if it had to
		// ask it might come here again at once, and again.
		e.lot.searching.Add(1)
		w.taken = true
	} else if w.kind == runnerWorker {
		return false
	} else {
		w.park()
		w.taken = true
	}
	w.home.set(w, atomics.Goroutine())
	w.tick()
	return true
}

// tick reads the clock, in nanoseconds since the executor began. A worker does so
// every clockInterval tasks: reading it costs a third of what a task does.
func (w *worker) tick() { w.clock = int64(time.Since(w.exec.began)) }

// needsGoroutine reports whether resume will start a goroutine, or have one
// started.
func (w *worker) needsGoroutine() bool { return w.kind == runnerWorker || !w.started }

// resume makes a worker that was taken from the lot search for a task.
func (w *worker) resume() {
	switch {
	case w.kind == runnerWorker:
		w.await()
		w.submit()
	case w.started:
		w.unpark()
	default:
		w.started, w.taken = true, true
		w.start()
	}
}

// start gives the worker a goroutine, which has been counted.
func (w *worker) start() {
	go func() {
		returned := false
		defer func() {
			if !returned {
				// A future that a task polls has called Goexit. The task has
				// ended with that; the worker goes on elsewhere.
				w.home.weigh()
				w.exec.goroutines.Add(1)
				w.start()
			}
			w.exec.goroutines.Done()
		}()
		pprof.SetGoroutineLabels(w.exec.labels) // in place of the starter's
		w.loop()
		returned = true
	}()
}

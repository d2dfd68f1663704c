//go:build interleave

package executor

import (
	"testing"

	"github.com/go-await/await/internal/interleave/planted"
)

// Wrong versions of the state machine, of the lot's protocol and of what else the
// models run. Each was thought of as a slip that a test without the right order of
// steps would not notice.
var bugs = []planted.Bug{
	// The state.
	{
		Name: "task queued again by a wake while it is running",
		File: "state.go",
		Old:  `	return s.word.Or(scheduled) == 0`,
		New:  `	return s.word.Or(scheduled)&scheduled == 0`,
		Run:  `TestModelWakeWhileRunning`,
	},
	{
		Name: "load and store instead of one step in wake",
		File: "state.go",
		Old:  `	return s.word.Or(scheduled) == 0`,
		New: `	old := s.word.Load()
	s.word.Store(old | scheduled)
	return old == 0`,
		Run: `TestModelWakeFromOutside`,
	},
	{
		Name: "wake while running forgotten by pause",
		File: "state.go",
		Old:  `	return s.word.Add(^running+1)&scheduled != 0`,
		New: `	s.word.Store(0)
	return false`,
		Run: `TestModelWakeFromOutside`,
	},
	{
		Name: "wake between the look and the store of pause",
		File: "state.go",
		Old:  `	return s.word.Add(^running+1)&scheduled != 0`,
		New: `	woken := s.word.Load()&scheduled != 0
	if woken {
		s.word.Store(scheduled)
	} else {
		s.word.Store(0)
	}
	return woken`,
		Run: `TestModelWakeFromOutside`,
	},
	{
		Name: "begin keeps the task scheduled",
		File: "state.go",
		Old:  `s.word.CompareAndSwap(w, running) ||`,
		New:  `s.word.CompareAndSwap(w, w|running) ||`,
		Run:  `TestModelWakeFromOutside`,
	},
	{
		Name: "task woken after its end",
		File: "state.go",
		Old:  `func (s *state) end() { s.word.Or(ended) }`,
		New:  `func (s *state) end() { s.word.And(^(running | scheduled)) }`,
		Run:  `TestModelWakeWhileRunning`,
	},
	{
		Name: "look at a task that somebody has just woken",
		File: "state.go",
		Old:  `	return s.word.CompareAndSwap(0, running)`,
		New: `	if s.word.Load() != 0 {
		return false
	}
	s.word.Store(running)
	return true`,
		Run: `TestModelInspect`,
	},
	{
		Name: "wake during a look forgotten",
		File: "dump.go",
		Old: `	if t.state.pause() {
		t.schedule() // it was woken meanwhile
	}`,
		New: `	t.state.pause()`,
		Run: `TestModelInspect`,
	},
	{
		Name: "task woken while running not queued",
		File: "worker.go",
		Old:  `			w.queued(w.queue.pushAside(t))`,
		New:  ``,
		Run:  `TestModelWakeFromOutside`,
	},
	{
		Name: "task canceled before it ran that has just begun",
		File: "state.go",
		Old:  `	return s.word.CompareAndSwap(scheduled|fresh, running|fresh)`,
		New: `	if s.word.Load() != scheduled|fresh {
		return false
	}
	s.word.Store(running | fresh)
	return true`,
		Run: `TestModelCancelAndBegin`,
	},
	{
		Name: "task begun that has just been revoked",
		File: "state.go",
		Old:  `	return w&^fresh == scheduled && s.word.CompareAndSwap(w, running) || s.dropEntry()`,
		New: `	if w&^fresh == scheduled {
		s.word.Store(running)
		return true
	}
	return s.dropEntry()`,
		Run: `TestModelCancelAndBegin`,
	},
	{
		Name: "entry of a revoked task forgotten at its end",
		File: "state.go",
		Old:  `func (s *state) end() { s.word.Or(ended) }`,
		New:  `func (s *state) end() { s.word.Swap(ended) }`,
		Run:  `TestModelCancelAndBegin`,
	},
	{
		Name: "dead entry run",
		File: "worker.go",
		Old: `	if !t.state.begin() {
		return // it was canceled before it ran
	}`,
		New: `	t.state.begin()`,
		Run: `TestModelCancelAndBegin`,
	},
	{
		Name: "executor over before the canceler of its last task has left",
		File: "task.go",
		Old: `		t.shard.exec.enter()
		defer t.shard.exec.leave()
`,
		New: ``,
		Run: `TestModelCancelAndOver`,
	},
	{
		Name: "end of the last visitor not noticed",
		File: "visitor.go",
		Old:  `	e.release()`,
		New:  `	e.open.Add(-1)`,
		Run:  `TestModelCancelAndOver`,
	},
	// The lot.
	{
		Name: "notify before the task is in its queue",
		File: "executor.go",
		Old: `	e.global.push(t)
	e.lot.notify()
}`,
		New: `	e.lot.notify()
	e.global.push(t)
}`,
		Run: `TestModelWakeFromOutside`,
	},
	{
		Name: "last look before the worker enters the lot",
		File: "worker.go",
		Old: `	e.lot.enter(w)
	if searching {
		e.lot.searching.Add(-1)
	}
	work, full := e.survey()`,
		New: `	work, full := e.survey()
	e.lot.enter(w)
	if searching {
		e.lot.searching.Add(-1)
	}`,
		Run: `TestModelWakeFromOutside`,
	},
	{
		Name: "last look before the worker stops searching",
		File: "worker.go",
		Old: `	e.lot.enter(w)
	if searching {
		e.lot.searching.Add(-1)
	}
	work, full := e.survey()`,
		New: `	e.lot.enter(w)
	work, full := e.survey()
	if searching {
		e.lot.searching.Add(-1)
	}`,
		Run: `TestModelWakeFromOutside`,
	},
	{
		Name: "no last look",
		File: "worker.go",
		Old:  `	work, full := e.survey()`,
		New:  `	work, full := false, false`,
		Run:  `TestModelWakeFromOutside`,
	},
	{
		Name: "worker that was taken from the lot goes on by itself",
		File: "lot.go",
		Old: `	if !w.place.taken {
		return false`,
		New: `	if !w.place.taken {
		return true`,
		Run: `TestModelWakeFromOutside`,
	},
	{
		Name: "several resume workers, and only one is counted",
		File: "lot.go",
		Old:  `l.searching.CompareAndSwap(0, 1) {`,
		New:  `l.searching.Swap(1) != 7 {`,
		Run:  `TestModelTwoSpawners`,
	},
	{
		Name: "search not ended by who finds nobody to resume",
		File: "lot.go",
		Old: `		l.searching.Add(-1)
	}
}

// search`,
		New: `		return
	}
}

// search`,
		Run: `TestModelWakeFromOutside`,
	},
	{
		Name: "no second look by who has found nobody to resume",
		File: "lot.go",
		Old: `		l.searching.Add(-1)
	}
}

// search`,
		New: `		l.searching.Add(-1)
		return
	}
}

// search`,
		Run: `TestModelNotifyOfNobody`,
	},
	{
		Name: "next worker not resumed by the one that has found a task",
		File: "worker.go",
		Old:  `if searching && w.exec.lot.found() && w.exec.hasWork() {`,
		New:  `if searching && w.exec.lot.found() && false {`,
		Run:  `TestModelBlockedBeside`,
	},
	{
		Name: "look for the next worker's task before the search has ended",
		File: "worker.go",
		Old:  `if searching && w.exec.lot.found() && w.exec.hasWork() {`,
		New:  `if work := w.exec.hasWork(); searching && w.exec.lot.found() && work {`,
		Run:  `TestModelBlockedBeside`,
	},
	{
		Name: "nobody told of a single task that came with another",
		File: "worker.go",
		Old:  `	if n > 0 {`,
		New:  `	if n > 1 {`,
		Run:  `TestModelBlockedBeside`,
	},
	{
		Name: "nobody told of a task behind the next one",
		File: "queue.go",
		Old:  `	more := q.next != nil || q.backlog.size() > 0`,
		New:  `	more := q.backlog.size() > 0`,
		Run:  `TestModelYieldToBlocking`,
	},
	{
		Name: "worker asks whether it may search for what it has seen",
		File: "worker.go",
		Old: `		e.lot.searching.Add(1)
		w.taken = true`,
		New: ``,
		Run: `TestModelSearchersEnough`,
	},
	// The lines of the queues.
	{
		Name: "task that is woken behind those that have not begun",
		File: "queue.go",
		Old:  `	if t.polls == 0 {`,
		New:  `	if true {`,
		Run:  `TestModelWokenBeforeUnbegun`,
	},
	{
		Name: "task that is woken from outside behind the worker's own that have not begun",
		File: "worker.go",
		Old:  `	rival := global`,
		New:  `	var rival *globalQueue`,
		Run:  `TestModelWokenBeforeUnbegun`,
	},
	{
		Name: "task that has not begun starved in its worker's queue",
		File: "worker.go",
		Old: `	case ownOthersTurn:
			othersFirst = true`,
		New: ``,
		Run: `TestModelUnbegunNotStarved`,
	},
	{
		Name: "task that has not begun starved in the global queue",
		File: "worker.go",
		Old:  `		othersFirst = globalFirst`,
		New:  ``,
		Run:  `TestModelUnbegunNotStarved`,
	},
	{
		Name: "task that is woken while it runs behind all that have not begun",
		File: "queue.go",
		Old:  `	case b.passed < asideLimit:`,
		New:  `	case true:`,
		Run:  `TestModelAside`,
	},
	// The slots.
	{
		Name: "idle workers counted before the slot is full",
		File: "executor.go",
		Old: `		more := w.queue.push(t)
		if w.bypassed.Load() != 0 { // after the push: see bypass
			w.spill()
		} else if e.lot.idleCount.Load() != 0 {`,
		New: `		idle := e.lot.idleCount.Load() != 0
		more := w.queue.push(t)
		if w.bypassed.Load() != 0 { // after the push: see bypass
			w.spill()
		} else if idle {`,
		Run: `TestModelSlot$`,
	},
	{
		Name: "look at the slots before the worker is idle",
		File: "worker.go",
		Old: `	e.lot.enter(w)
	if searching {
		e.lot.searching.Add(-1)
	}
	work, full := e.survey()`,
		New: `	_, full := e.survey()
	e.lot.enter(w)
	if searching {
		e.lot.searching.Add(-1)
	}
	work, _ := e.survey()`,
		Run: `TestModelSlot$`,
	},
	{
		Name: "last look at the slots before it says that none is to come",
		File: "slot.go",
		Old: `	e.slots.armed.Store(0)
	if _, full := e.survey(); full`,
		New: `	_, full := e.survey()
	e.slots.armed.Store(0)
	if full`,
		Run: `TestModelSlotAtLastLook`,
	},
	{
		Name: "idle workers counted before the last look says that none is to come",
		File: "slot.go",
		Old: `	e.slots.armed.Store(0)
	if _, full := e.survey(); full && e.lot.idleCount.Load() != 0 &&`,
		New: `	idle := e.lot.idleCount.Load() != 0
	e.slots.armed.Store(0)
	if _, full := e.survey(); full && idle &&`,
		Run: `TestModelSlotAtLastLook`,
	},
	{
		Name: "no look at the slots after the first",
		File: "slot.go",
		Old: `	e.lookAtSlots()
	e.lookLater()`,
		New: `	e.lookAtSlots()
	e.goroutines.Done()`,
		Run: `TestModelSlotLater`,
	},
	{
		Name: "no worker told of what was in a slot",
		File: "slot.go",
		Old: `			e.lot.notify()
		} else`,
		New: `		} else`,
		Run: `TestModelSlot$`,
	},
	// Cancellation, the register and the end.
	{
		Name: "wake before the cancellation can be seen",
		File: "task.go",
		Old: `	if !t.canceled.CompareAndSwap(nil, c) {
		return
	}`,
		New: `	t.waker.Wake()
	if t.canceled.CompareAndSwap(nil, c) {
		return
	}`,
		Run: `TestModelFiberDone`,
	},
	{
		Name: "result before the end",
		File: "handle.go",
		Old: `	h.state.end()
	h.endTrace()
	if err != nil {
		h.failed(err, means)
	}
	h.settle(v, err)
`,
		New: `	if err != nil {
		h.failed(err, means)
	}
	h.settle(v, err)
	h.state.end()
	h.endTrace()
`,
		Run: `TestModelResult`,
	},
	{
		Name: "result before the task is counted out",
		File: "handle.go",
		Old: `	if h.shard != nil {
		h.unregister()
	}
	h.state.end()
	h.endTrace()
	if err != nil {
		h.failed(err, means)
	}
	h.settle(v, err)
`,
		New: `	h.state.end()
	h.endTrace()
	if err != nil {
		h.failed(err, means)
	}
	h.settle(v, err)
	if h.shard != nil {
		h.unregister()
	}
`,
		Run: `TestModelResult`,
	},
	{
		Name: "task registered with a closed shard",
		File: "shard.go",
		Old:  `	if s.admits > as || as == children && s.live == 0 {`,
		New:  `	if as == children && s.live == 0 {`,
		Run:  `TestModelShutdownAndSpawn`,
	},
	{
		Name: "last task of a closed shard not noticed",
		File: "shard.go",
		Old: `	s.live--
	last := s.admits != everyone && s.live == 0`,
		New: `	last := s.admits != everyone && s.live == 0
	s.live--`,
		Run: `TestModelShutdownAndSpawn`,
	},
	{
		Name: "shard that is empty when it is closed not noticed",
		File: "shard.go",
		Old:  `	last := s.admits == everyone && s.live == 0`,
		New:  `	last := s.admits != everyone && s.live == 0`,
		Run:  `TestModelWakeFromOutside`,
	},
	{
		Name: "shard that is closed again counted again",
		File: "shard.go",
		Old:  `	last := s.admits == everyone && s.live == 0`,
		New:  `	last := s.live == 0`,
		Run:  `TestModelCloseAndChild`,
	},
	{
		Name: "child entered into a shard that is drained",
		File: "shard.go",
		Old:  `	if s.admits > as || as == children && s.live == 0 {`,
		New:  `	if s.admits > as {`,
		Run:  `TestModelShutdownAndChild`,
	},
	// Coroutines.
	{
		Name: "cancellation hidden by a context that is being made",
		File: "fiber.go",
		Old:  `		f.cancelContext(c.cause)`,
		New:  `		_ = c`,
		Run:  `TestModelFiberDone`,
	},
	{
		Name: "cancellation not looked for once the context is made",
		File: "fiber.go",
		Old: `	if c := f.task.canceled.Load(); c != nil {
		in.cancel(c.cause)
	}`,
		New: ``,
		Run: `TestModelFiberDone`,
	},
	// Submissions.
	{
		Name: "look at stopped before the submission can be withdrawn",
		File: "runner.go",
		Old: `	w.phase.Store(submitted)
	if w.exec.isStopped() {`,
		New: `	stopped := w.exec.isStopped()
	w.phase.Store(submitted)
	if stopped {`,
		Run: `TestModelBlockedSubmit`,
	},
	{
		Name: "submission withdrawn that has begun",
		File: "runner.go",
		Old:  `	if w.phase.CompareAndSwap(submitted, absent) {`,
		New:  `	if w.phase.Swap(absent) != absent {`,
		Run:  `TestModelWithdraw`,
	},
	{
		Name: "submission begun that was withdrawn",
		File: "runner.go",
		Old:  `	if !w.phase.CompareAndSwap(submitted, looping) {`,
		New:  `	if w.phase.Swap(looping) == looping {`,
		Run:  `TestModelWithdraw`,
	},
	{
		Name: "worker given up, and nobody resumed in its place",
		File: "runner.go",
		Old:  `w.exec.lot.found() && w.exec.hasWork() {`,
		New:  `w.exec.lot.found() && false {`,
		Run:  `TestModelOverdue$`,
	},
	{
		Name: "worker given up that its Runner has called",
		File: "runner.go",
		Old:  `	if w.awaited.CompareAndSwap(1, 0) &&`,
		New:  `	if w.awaited.Swap(0) <= 1 &&`,
		Run:  `TestModelOverdueAndCalled`,
	},
	{
		Name: "worker that was given up searches on a count that it lost",
		File: "runner.go",
		Old:  `	if w.taken = w.awaited.Swap(0) != 0; w.taken {`,
		New:  `	if w.taken = w.awaited.Swap(0) <= 1; w.taken {`,
		Run:  `TestModelOverdueAndCalled`,
	},
	{
		Name: "over before it is stopped",
		File: "shard.go",
		Old: `		e.stopped.Store(1) // seen by workers before they rest
		e.whenOver()`,
		New: `		e.whenOver()
		e.stopped.Store(1)`,
		Run: `TestModelDrained`,
	},
	// Unwinding.
	{
		Name: "look at the queues before the timer is said not to be set",
		File: "unwind.go",
		Old: `	u.armed.Store(0) // 1 → 0, and then it looks
	e.collectDoomed()
`,
		New: `	e.collectDoomed()
	u.armed.Store(0)
`,
		Run: `TestModelUnwindingOfTwo`,
	},
	{
		Name: "timer set before the task is in its queue",
		File: "task.go",
		Old: `	e.schedule(t)
	e.unwindSoon(t)
`,
		New: `	e.unwindSoon(t)
	e.schedule(t)
`,
		Run: `TestModelUnwinding$`,
	},
	{
		Name: "cancellation of a task in a queue forgotten",
		File: "task.go",
		Old: `		t.shard.exec.unwindSoon(t)
	}
}
`,
		New: `	}
}
`,
		Run: `TestModelUnwinding$`,
	},
	{
		Name: "timer not set for what is left to others",
		File: "unwind.go",
		Old: `	if u.queue.size.Load() != 0 {
		e.armUnwinding()
	}
`,
		New: ``,
		Run: `TestModelUnwindingBlocks`,
	},
	// Spare workers.
	{
		Name: "spare taken out of the lot and not resumed",
		File: "spare.go",
		Old: `		w.resume()
`,
		New: ``,
		Run: `TestModelDismissSpare`,
	},
	{
		Name: "task left to a spare that ends",
		File: "spare.go",
		Old: `	if e.hasWork() {
		e.lot.notify() // on behalf`,
		New: `	if false {
		e.lot.notify() // on behalf`,
		Run: `TestModelDismissSpare`,
	},
	{
		Name: "spare counted with those that have ended and with the others",
		File: "stats.go",
		Old: `	ws, s := *e.workers.Load(), e.watch.gone // a worker is in one of the two
	e.watch.mu.Unlock()`,
		New: `	s := e.watch.gone
	e.watch.mu.Unlock()
	ws := *e.workers.Load()`,
		Run: `TestModelStatsOfSpare`,
	},
	{
		Name: "worker bypassed after its queue has been emptied",
		File: "spare.go",
		Old: `	w.bypassed.Store(1) // 0 → 1, then look at the queue; a push does it the other way round
	w.spill()`,
		New: `	w.spill()
	w.bypassed.Store(1)`,
		Run: `TestModelBypass$`,
	},
	{
		Name: "no worker told of what was queued by one that is bypassed",
		File: "spare.go",
		Old: `		w.exec.global.pushAll(&all)
		w.exec.lot.notify()`,
		New: `		w.exec.global.pushAll(&all)`,
		Run: `TestModelBypass$`,
	},
	{
		Name: "worker that is back not bypassed before others know it",
		File: "spare.go",
		Old: `	e.active.Store(&active) // seen by workers that look for work from now on
	for _, w := range back {
		if w.dismissed.Load() == 0 {
			w.bypassed.Store(0) // 1 → 0: others look into its queue now
		}
	}`,
		New: `	for _, w := range back {
		if w.dismissed.Load() == 0 {
			w.bypassed.Store(0)
		}
	}
	e.active.Store(&active)`,
		Run: `TestModelBypassedIsBack`,
	},
	{
		Name: "wake during a newcomer's look forgotten",
		File: "consumer.go",
		Old: `		if t.state.pause() {
			t.schedule() // it was woken meanwhile
		}`,
		New: `		t.state.pause()`,
		Run: `TestModelTwoTasksReceive`,
	},
}

// Every one of them must be caught.
func TestModelPlantedBugs(t *testing.T) {
	planted.Check(t, "^TestModel", bugs)
}

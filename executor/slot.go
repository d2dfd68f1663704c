package executor

import (
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/go-await/await/internal/atomics"
)

// A slotWatch lets an idle worker run the task in another worker's next slot, if
// that worker computes or blocks instead of taking it.
//
// A task that makes another one runnable suspends soon, most often, and then its own
// worker runs that one at a fraction of what it costs to wake another worker. So a push
// into the slot wakes no worker. If one is idle, the push starts a look, on a goroutine
// of its own. A look notes how often each worker with a full slot has looked for a task,
// yields, and compares. A worker that has not come back meanwhile is busy: the task in
// its slot goes to its list, where the idle worker finds it. After that the looks follow
// each other every slotInterval, as long as a slot is full and a worker is idle.
//
// So a busy worker's next task begins as soon as an idle worker has been woken, or after
// slotInterval, if workers found to make progress were looked at just before. Each look
// wakes a thread. With one look in a millisecond, to spawn and await a task took 1.11 to
// 1.17 of what it took without (BenchmarkGoAndWait). So looks that give nothing away become
// rarer, down to one in eight slotIntervals, until one gives a task away. The stall
// threshold does not matter. In Run no worker is idle while a task runs, and there is no
// look.
//
// # How no task is left behind
//
// While a slot is full and a worker is idle, a look is to come:
//
//   - A push fills the slot, then loads the number of idle workers, then armed.
//   - A worker that rests enters the lot, then looks at the slots, then loads armed.
//   - The last look stores that none is to come, then looks at the slots and the number
//     of idle workers once more.
//
// Atomic operations and locks are totally ordered. So of a push and a worker that rests
// one sees the other. It starts a look, or finds one to come. If that is the last one, its
// store comes later, and it sees what they did before.
type slotWatch struct {
	// armed is 1 while a look is to come. The goroutine that makes it 1 starts the look.
	// Executor.goroutines counts the look, with those that follow it, as one.
	armed atomics.Uint32

	// vain is how many looks in a row have given nothing away, maxVain at most. It belongs
	// to the look.
	vain int

	mu   atomics.Mutex // guards the rest
	stop func() bool   // stops the timer of the next look; nil before the first
	over bool
}

// slotInterval is the time between two looks. A timer that is due sooner would come no
// earlier while the runtime waits in epoll, which counts in milliseconds.
const slotInterval = time.Millisecond

// After every patientLooks looks in vain the time between two looks doubles, until there
// were maxVain.
const (
	patientLooks = 8
	maxVain      = 3 * patientLooks
)

// interval returns the time to the next look.
func (s *slotWatch) interval() time.Duration { return slotInterval << (s.vain / patientLooks) }

// watchSlots starts a look, unless one is to come.
func (e *Executor) watchSlots() {
	// 0 → 1: one caller starts the look.
	if e.slots.armed.Load() == 0 && e.slots.armed.CompareAndSwap(0, 1) {
		e.goroutines.Add(1)
		atomics.Go(e.firstLook)
	}
}

// firstLook is a look that a push or a worker that rests has started. Another one
// follows in any case, so that there is one start in slotInterval at most.
func (e *Executor) firstLook() {
	pprof.SetGoroutineLabels(e.labels) // in place of the starter's
	e.lookAtSlots()
	e.lookLater()
}

// laterLook is a look that comes from the timer.
func (e *Executor) laterLook() {
	if e.lookAtSlots() {
		e.lookLater()
		return
	}
	// 1 → 0: a push or a worker that rests starts the next look, or is seen now.
	e.slots.armed.Store(0)
	if _, full := e.survey(); full && e.lot.idleCount.Load() != 0 && e.slots.armed.CompareAndSwap(0, 1) {
		e.lookLater()
		return
	}
	e.goroutines.Done()
}

// lookLater sets the timer for the next look, whose count is the caller's.
func (e *Executor) lookLater() {
	s := &e.slots
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		e.goroutines.Done()
		return
	}
	s.stop = atomics.AfterFunc(s.interval(), e.laterLook)
}

// stopLooking ends the looks. One that is going on is still counted.
func (e *Executor) stopLooking() {
	s := &e.slots
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.stop != nil && s.stop() {
		e.goroutines.Done()
	}
}

// lookAtSlots gives away what is in the slots of busy workers, and reports whether there
// are both full slots of others and idle workers left.
func (e *Executor) lookAtSlots() bool {
	for first := true; ; first = false {
		given, full := e.giveSlots()
		if given {
			e.slots.vain = 0
			e.lot.notify()
		} else if first {
			e.slots.vain = min(e.slots.vain+1, maxVain)
		}
		if given || !full || !first {
			return (given || full) && e.lot.idleCount.Load() != 0
		}
		runtime.Gosched()
	}
}

// giveSlots moves what is in the slots of workers that have not come back since the call
// before to where an idle worker may take it. It reports whether it has moved anything,
// and whether a slot of another worker is full.
func (e *Executor) giveSlots() (given, full bool) {
	for _, w := range *e.active.Load() {
		w.queue.mu.Lock()
		switch {
		case w.queue.next == nil:
		case w.ticks == w.slotTicks:
			w.queue.shareLocked()
			given = true
		default:
			w.slotTicks = w.ticks
			full = true
		}
		w.queue.mu.Unlock()
	}
	return given, full
}

package executor

import "github.com/go-await/await/internal/atomics"

// A state is the life of a task in one word. Four bits give seven states:
//
//	                    wake                     begin
//	      idle ─────────────────▶ scheduled ─────────────────▶ running
//	       ▲                          ▲                        ▲ │ │ │
//	       │                          │ pause (woken)     wake │ │ │ │ end
//	       │                          └──────────── woken ◀────┼─┘ │ │
//	       └─────────── pause ─────────────────────────────────┼───┘ ▼
//	                                          begin            │   ended
//	      (a new task) ────────────▶ fresh ────────────────────┘     ▲
//	                                   │                             │
//	                                   └── revoke ──▶ revoked ───────┘ end
//
//	idle                 0                    it waits for a wake
//	fresh                scheduled | fresh    it is in exactly one queue, and has
//	                                          never run
//	scheduled            scheduled            it is in exactly one queue
//	running              running              one worker polls it, or a reader
//	                                          looks at it (inspect: idle → running)
//	woken while running  scheduled | running  the same, and it polls again
//	revoked              running | fresh      it was canceled before it ran, and the
//	                                          canceler ends it; its queue entry is dead
//	ended                ended | …            final; the other bits mean nothing any
//	                                          more, except fresh: the dead entry is
//	                                          still in its queue
//
// # Rules
//
//  1. Who makes the task scheduled puts it into a queue: that is wake when it
//     reports true, pause when it reports true, and the spawn. So a task is in at
//     most one queue, once.
//  2. Who took the task out of its queue makes it running, with begin. So does who
//     finds it idle, with inspect, and who cancels it while it is fresh, with revoke.
//     The one that made it running owns every field that has no lock or atomic of its
//     own, until pause or end, and does not touch the task after a pause.
//  3. A wake is never lost: it schedules an idle task, makes a running one run
//     again, and finds a scheduled one before its next poll.
//  4. Nothing leads out of ended: a wake after the end does nothing.
//  5. A queue entry is taken once. The fresh bit is there until the first entry is
//     taken. If begin finds the task revoked or ended, the entry is dead: begin clears
//     the bit and reports false, and the caller drops the entry.
//
// Every transition is one atomic read-modify-write, and synchronizes with the
// ones before it: what a waker wrote before wake is seen by the poll it causes,
// and what one worker wrote during a poll is seen by the worker of the next.
type state struct{ word atomics.Uint32 }

const (
	scheduled uint32 = 1 << iota
	running
	ended
	fresh // the queue entry of the spawn has not been taken
)

// wake notes a wake and reports whether the caller must put the task into a
// queue: idle → scheduled. Otherwise a poll is to come anyway, or the task has
// ended.
func (s *state) wake() bool {
	return s.word.Or(scheduled) == 0
}

// begin starts a poll of a task whose queue entry the caller has taken, and reports
// whether it did: fresh or scheduled → running. A wake from now on means another
// poll. If the task was revoked the entry is dropped (rule 5).
func (s *state) begin() bool {
	// Only revoke changes the word of a task in a queue.
	w := s.word.Load()
	// → running: the poll sees what was written before the wakes so far.
	return w&^fresh == scheduled && s.word.CompareAndSwap(w, running) || s.dropEntry()
}

// dropEntry takes the dead entry of a task that was revoked. It returns false. A
// task that has none was run too often, and stays as it is.
func (s *state) dropEntry() bool {
	// revoked or ended → the same without fresh: the entry is taken once.
	if w := s.word.And(^fresh); w&fresh == 0 {
		panic("executor: run of a task that is " + stateName(w))
	}
	return false
}

// revoke makes the caller the one that ends a task that has never run, and reports
// whether it did: fresh → revoked.
func (s *state) revoke() bool {
	// begin and revoke meet here: one of them makes the task running.
	return s.word.CompareAndSwap(scheduled|fresh, running|fresh)
}

// pause ends a poll that was not ready and reports whether the caller must put
// the task into a queue: running → idle, or woken → scheduled.
func (s *state) pause() bool {
	// The bit is set and nobody else clears it: subtracting is clearing.
	return s.word.Add(^running+1)&scheduled != 0
}

// end ends the task: running, woken or revoked → ended.
func (s *state) end() { s.word.Or(ended) }

// inspect makes an idle task running without a wake, so that the caller may read
// it, and reports whether it did. The caller lets go with pause.
func (s *state) inspect() bool {
	return s.word.CompareAndSwap(0, running)
}

// isEnded reports whether the task has ended.
func (s *state) isEnded() bool { return s.word.Load()&ended != 0 }

// isScheduled reports whether the task is in a queue and can run.
func (s *state) isScheduled() bool { return s.word.Load()&^fresh == scheduled }

// schedule makes a new task fresh, for its spawner to put into a queue. No other
// goroutine knows the task yet.
func (s *state) schedule() { atomics.Init(&s.word, scheduled|fresh) }

func stateName(w uint32) string {
	switch {
	case w == 0:
		return "idle"
	case w == scheduled|fresh:
		return "fresh"
	case w == scheduled:
		return "scheduled"
	case w == running:
		return "running"
	case w == running|scheduled:
		return "woken"
	case w&ended != 0:
		return "ended"
	case w&^scheduled == running|fresh:
		return "revoked"
	default:
		return "impossible"
	}
}

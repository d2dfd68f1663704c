package executor

import "github.com/go-await/await/internal/atomics"

// A state is the life of a task in one word. Three bits give five states:
//
//	                    wake                     begin
//	      idle ─────────────────▶ scheduled ─────────────────▶ running
//	       ▲ ▲                        ▲                        │  │  │
//	       │ │                        │ pause (woken)     wake │  │  │ end
//	       │ │                        └──────────── woken ◀────┘  │  │
//	       │ └───────── pause ────────────────────────────────────┘  ▼
//	       └──────── (a spawned task starts as scheduled)          ended
//
//	idle                 0                    it waits for a wake
//	scheduled            scheduled            it is in exactly one queue
//	running              running              one worker polls it, or somebody
//	                                          looks at it (inspect: idle → running)
//	woken while running  scheduled | running  the same, and it polls again
//	ended                ended                final; a late wake adds scheduled,
//	                                          which means nothing any more
//
// # Rules
//
//  1. Whoever makes the task scheduled puts it into a queue: that is wake when it
//     reports true, pause when it reports true, and the spawn. So a task is in at
//     most one queue, once.
//  2. Whoever took the task out of its queue makes it running, with begin, as does
//     whoever finds it idle with inspect, and then owns every field that has no lock
//     or atomic of its own, until pause or end. It does not touch the task after a
//     pause.
//  3. A wake is never lost: it schedules an idle task, makes a running one run
//     again, and finds a scheduled one before its next poll.
//  4. Nothing leads out of ended: a wake after the end does nothing.
//
// Every transition is one atomic read-modify-write, and synchronizes with the
// ones before it: what a waker wrote before wake is seen by the poll it causes,
// and what one worker wrote during a poll is seen by the worker of the next.
type state struct{ word atomics.Uint32 }

const (
	scheduled uint32 = 1 << iota
	running
	ended
)

// wake notes a wake and reports whether the caller must put the task into a
// queue: idle → scheduled. Otherwise a poll is to come anyway, or the task has
// ended.
func (s *state) wake() bool {
	return s.word.Or(scheduled) == 0
}

// begin starts a poll: scheduled → running. A wake from now on means another
// poll.
func (s *state) begin() {
	// Nobody else changes a scheduled task. One that is not was run too often,
	// and stays as it is.
	if !s.word.CompareAndSwap(scheduled, running) {
		panic("executor: run of a task that is " + stateName(s.word.Load()))
	}
}

// pause ends a poll that was not ready and reports whether the caller must put
// the task into a queue: running → idle, or woken → scheduled.
func (s *state) pause() bool {
	// The bit is set and nobody else clears it: subtracting is clearing.
	return s.word.Add(^running+1)&scheduled != 0
}

// end ends the task: running or woken → ended.
func (s *state) end() { s.word.Swap(ended) }

// inspect makes an idle task running without a wake, so that the caller may read
// it, and reports whether it did. The caller lets go with pause.
func (s *state) inspect() bool {
	return s.word.CompareAndSwap(0, running)
}

// isEnded reports whether the task has ended.
func (s *state) isEnded() bool { return s.word.Load()&ended != 0 }

// schedule is the state of a task that its spawner is about to put into a queue.
// Nobody else knows the task yet.
func (s *state) schedule() { s.word.Store(scheduled) }

func stateName(w uint32) string {
	switch w {
	case 0:
		return "idle"
	case scheduled:
		return "scheduled"
	case running:
		return "running"
	case running | scheduled:
		return "woken"
	case ended, ended | scheduled:
		return "ended"
	default:
		return "impossible"
	}
}

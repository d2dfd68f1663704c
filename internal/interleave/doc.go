// Package interleave is a model checker: it runs a small concurrent program
// again and again, each time with its atomic steps in another order, until no
// order is left that could make a difference.
//
// # A model
//
// A model is a function that builds the things under test, starts goroutines
// with [Model.Go], waits for them and looks at what has become of them:
//
//	func TestSwapIsSeen(t *testing.T) {
//		interleave.Check(t, func(m *interleave.Model) {
//			var x interleave.Uint32
//			m.Go("store", func() { x.Store(1) })
//			m.Go("swap", func() { x.Swap(2) })
//			m.Wait()
//			if x.Load() == 0 {
//				m.Fatalf("both writes were lost")
//			}
//		})
//	}
//
// The code under test uses the types of this package, which have the methods of
// their namesakes in sync/atomic and sync. Outside a model they behave as those
// do, so that a build tag that makes package atomics alias them leaves the rest
// of the program working.
//
// One goroutine runs at a time. Before each operation on one of the types it
// stops, and the checker decides who goes on: that is a step. The order of the
// search is depth-first.
//
// There is no time. [AfterFunc] is a goroutine of the model that may fire at any
// moment until it is stopped, and a [Context] runs its callbacks at any moment
// after its end. Any other event of the environment can be written as a goroutine
// that makes it happen.
//
// # What is found
//
//   - a panic, a Fatalf and a Goexit that is not the model's end;
//   - a deadlock: goroutines are left and none of them can go on. A lost
//     wake-up shows as one;
//   - a livelock: the program has not ended after 1000 steps;
//   - a data race: two accesses to plain memory, marked with [Read] and [Write],
//     of which one is a write and neither happens before the other. "Happens
//     before" is as in the Go memory model, kept in vector clocks as FastTrack
//     does (Flanagan and Freund, 2009);
//   - anything left behind, such as a waiter that is still registered, by what
//     the model asserts after [Model.Wait].
//
// A failure comes with the sequence of its steps, each with the line of the code
// under test, and a short string that replays it: see [Check]. The checker looks
// for one with as few preemptions as there can be.
//
// # What is not explored twice
//
// Two orders of steps that differ only in the order of steps that do not touch
// the same object, or only read it, lead to the same state. Each state has a
// hash that depends on nothing else (it is computed from each goroutine's steps
// and the writes that they saw), and a state that was seen before is not
// explored again. CHESS calls this happens-before caching (Musuvathi and Qadeer,
// 2008). It needs 8 bytes and a bit per state, and two states of a run are taken
// for one with a probability of 1 in 10^19 per pair.
//
// For programs that are too large even so, [Preemptions] limits how often a
// goroutine that could go on is made to wait for another one. Most bugs need no
// more than two. Switches at a goroutine's end or when it blocks are free.
//
// # What a model must keep to
//
//   - It is deterministic but for the order of steps: no time, no randomness, no
//     iteration over maps, no state kept from one run to the next.
//   - Its goroutines block in this package's types and nowhere else: not on a
//     channel, a sync.Mutex or a timer. Coroutines of iter.Pull are fine, their
//     steps are those of the goroutine that resumes them.
//   - What its goroutines share they share through this package's types, or in
//     plain memory that is ordered by them.
//
// Plain accesses are no steps: in a program without data races their order
// cannot be seen, and in one with a race the race is reported.
//
// # What cannot be found
//
// Go's atomics are sequentially consistent, and so are the steps of a model;
// there is no weak memory to explore. Accesses to plain memory that bear no mark
// are not checked. Bugs that need more goroutines, steps or preemptions than the
// model has are not found; neither are those of things that are not modelled,
// such as the garbage collector.
//
// The idea and the manner of use come from loom, the model checker for Rust.
package interleave

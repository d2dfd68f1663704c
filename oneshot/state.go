package oneshot

import (
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// A channel is what a Sender and its Receiver share, and all there is: both are
// the same memory under two types. Two words hold its state.
//
// # The state word: what the receiver can expect
//
//	          receiver waits                sender ends
//	nil ◀──────────────────────▶ waker ──────────────────┐
//	 │                            │                      ▼
//	 ├────────────────────────────│──▶ message ──▶ received
//	 ├────────────────────────────│──▶ failed ───▶ received
//	 ├────────────────────────────│──▶ disconnected ▶ received
//	 └──────────▶ closed ◀────────┘        (any of them ▶ closed)
//
// The arrows to message, failed and disconnected are a single swap by the
// sender, which publishes its result and takes the waker at once: there is no
// state in which one side waits for the other to finish a step.
//
// # The claim word: who may end the sender's side
//
//	nil ──▶ spent | failure record | watched record ──▶ (claim inside the record)
//
// It leaves nil once and then never changes. Whoever makes it spent, or a
// failure, is the one sender; a watched record, put there by Closed or Context,
// has a claim word of its own that goes the same way.
//
// # Rules
//
//  1. value belongs to the sender that won the claim until it makes the state
//     message; then to whoever takes the state away from message.
//  2. The state is made message, failed or disconnected once, by the claim's
//     winner, so that a sender's swap finds nil, a waker or closed.
//  3. Whoever replaces a waker by one of the sender's states, or by closed
//     through Close, wakes it, once.
//  4. A sender that finds closed takes its result back. If that fails a receive
//     had been quicker, and the message counts as delivered.
//  5. The state of a guarded Sender's own channel is elsewhere, from the start
//     and for ever; its claim word holds a record that names the real one.
type channel[T any] struct {
	value T // first, so that an empty T takes no room
	state atomics.Pointer[future.Waker]
	claim atomics.Pointer[record]
}

// The states besides nil (no message, nobody waits) and the address of a waker
// (no message, and whoever ends this state wakes it).
var (
	message      future.Waker // value is there               → received, closed
	failed       future.Waker // the claim holds an error     → received, closed
	disconnected future.Waker // the sender is gone           → received, closed
	received     future.Waker // the result was taken         → closed
	closed       future.Waker // the receiver is gone         final but for rule 4
	elsewhere    future.Waker // a guarded Sender's, rule 5   final
)

// stateName decodes a state for tests and panics.
func stateName(s *future.Waker) string {
	switch s {
	case nil:
		return "empty"
	case &message:
		return "message"
	case &failed:
		return "failed"
	case &disconnected:
		return "disconnected"
	case &received:
		return "received"
	case &closed:
		return "closed"
	case &elsewhere:
		return "elsewhere"
	default:
		return "waiting"
	}
}

// A record is what the claim word points to.
type record struct {
	err      error                   // of a failure: what the receiver gets
	target   any                     // of a guarded Sender: its *channel[T]
	watched  bool                    // the claim goes on in the next field
	claim    atomics.Pointer[record] // of a watched record
	watchers atomics.Pointer[watcher]
}

// spent is the claim of a Send or Close.
var spent record

// claimSender makes the caller the one sender, with r as its mark, and reports
// whether it is. It takes at most three atomic steps.
func (c *channel[T]) claimSender(r *record) bool {
	// nil → r: from here on the value is the caller's (rule 1).
	if c.claim.CompareAndSwap(nil, r) {
		return true
	}
	// The word has left nil and is final. A watched record has a word of its
	// own: nil → r there.
	w := c.claim.Load()
	return w.watched && w.claim.CompareAndSwap(nil, r)
}

// claimed returns the mark of the sender that won the claim, or nil.
func (c *channel[T]) claimed() *record {
	r := c.claim.Load()
	if r != nil && r.watched {
		r = r.claim.Load()
	}
	return r
}

// publish ends the sender's side: the state becomes s, which is message, failed
// or disconnected. Only the winner of the claim calls it. It reports whether the
// receiver was there to see it. It takes one atomic step, two if the receiver
// has closed.
func (c *channel[T]) publish(s *future.Waker) bool {
	// nil, waker or closed → s: publishes the value or the error to the
	// receive that sees s, and takes the waker.
	switch old := c.state.Swap(s); old {
	case nil:
		return true
	case &closed:
		// s → closed, rule 4.
		return !c.state.CompareAndSwap(s, &closed)
	default:
		old.Wake() // rule 3
		return true
	}
}

// wait puts w in the state word so that the sender's end wakes it, and reports
// whether it is there. Otherwise the state is final, or changed at the same
// moment by a receive that should not have been running. It takes one atomic
// step besides the load that gave cur, which is nil or a waker.
func (c *channel[T]) wait(cur, w *future.Waker) bool {
	// nil or older waker → w: what the receiver wrote before is published to
	// whoever takes w.
	return c.state.CompareAndSwap(cur, w)
}

// unwait takes w out of the state word again and reports whether it was there:
// if so, nobody will wake it.
func (c *channel[T]) unwait(w *future.Waker) bool {
	return c.state.CompareAndSwap(w, nil) // waker → nil
}

// take ends the receiver's side with the result of state s, which is final. It
// takes one atomic step, and another load if it lost to a racing receive.
func (c *channel[T]) take(s *future.Waker) (v T, err error) {
	switch s {
	case &message:
		// message → received: the value is the caller's (rule 1).
		if c.state.CompareAndSwap(s, &received) {
			atomics.Read(unsafe.Pointer(&c.value))
			v = c.value
			c.drop()
			return v, nil
		}
	case &failed:
		// failed → received: the error is the caller's.
		if c.state.CompareAndSwap(s, &received) {
			r := c.claimed()
			err, r.err = r.err, nil
			return v, err
		}
	case &disconnected:
		return v, ErrDisconnected
	case &received:
		return v, ErrReceived
	case &closed:
		return v, ErrClosed
	default:
		panic("oneshot: take in state " + stateName(s))
	}
	// Another receive was quicker, or Close was.
	if c.state.Load() == &closed {
		return v, ErrClosed
	}
	return v, ErrReceived
}

// drop lets the value go. The caller owns it (rule 1).
func (c *channel[T]) drop() {
	var zero T
	atomics.Write(unsafe.Pointer(&c.value))
	c.value = zero
}

// isFinal reports whether s is a state in which there is nothing to wait for.
func isFinal(s *future.Waker) bool {
	switch s {
	case &message, &failed, &disconnected, &received, &closed:
		return true
	}
	return false
}

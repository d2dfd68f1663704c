package core

import (
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// A Channel is what a Sender and its Receiver share, and all there is: both are
// the same memory under two types. Two words hold its state. Its methods are those
// of both ends.
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
// The arrows to message, failed and disconnected are a single step by the sender,
// a swap, which publishes its result and takes the waker at once: there is no
// state in which one side waits for the other to finish a step. (Send tries a
// compare-and-swap first if it saw nil; that step is shorter.)
//
// # The claim word: who may end the sender's side
//
//	nil ──▶ spent | failure record ──▶ late
//	 ├────▶ gone ──────────────────────▶ late
//	 ├────▶ held ──▶ nil | gone         (of a call in a queue, see Hold)
//	 └────▶ outer record, whose claim word goes on from nil in the same way
//
//	any of the others ──▶ outer record, whose claim word goes on from there
//
// What makes it spent, or a failure, is the one sender. A receiver that closes
// makes it gone, so that no sender comes any more, or late if there is one. (A
// Sender that is closed after its receiver makes gone late too: it was used.) An
// outer record is put there, once, by Closed, Context and OnClose, which
// need none once the word has left nil, or by OnDrop, whatever the word is.
//
// # Rules
//
//  1. The result, which is value and the err of the claim's record, belongs to
//     the sender that won the claim until it makes the state message or failed;
//     then to what takes the state away from there. Its owner lets it go.
//  2. The state is made message, failed or disconnected once, by the claim's
//     winner, so that a sender's swap finds nil, a waker or closed.
//  3. What replaces a waker by a final state wakes it, once. A waiter is woken
//     by what replaces it at all, and an older waker that it had replaced is
//     put back or woken.
//  4. No receive takes the result of a sender that is late: closed is final,
//     although a sender that finds it shows its result until it has taken it
//     back. Close makes the claim late before it makes the state closed, and lets
//     go what it finds there. Cancel, which leaves a result that has come, does so
//     after; if the sender cannot take its result back a receive was quicker even
//     so, and the result counts as delivered.
//  5. The state of a guarded Sender's own channel is guarded, from the start
//     to the end; the real one is that of the guard around it.
//  6. A message that is let go without a receive is dropped by what lets it go: by
//     a Close that takes the state away from message, and by a refused Deliver. A
//     refused Send leaves it to its caller.
type Channel[T any] struct {
	value T // first, so that an empty T takes no room
	state atomics.Pointer[future.Waker]
	claim atomics.Pointer[record]
}

// The states besides nil (no message, nothing waits) and the address of a waker
// (no message, and what ends this state wakes it).
var (
	message      future.Waker // value is there               → received, closed
	failed       future.Waker // and the claim has an error   → received, closed
	disconnected future.Waker // the sender is gone           → received, closed
	received     future.Waker // the result was taken         → closed
	closed       future.Waker // the receiver is gone         final, but see rule 4
	guarded      future.Waker // a guarded Sender's, rule 5   final
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
	case &guarded:
		return "guarded"
	default:
		return "waiting"
	}
}

// State names the state as the receiver sees it, for String.
func (c *Channel[T]) State() string {
	if c == nil {
		return "nil"
	}
	return stateName(c.channel().visibleState())
}

// A record is what the claim word points to.
type record struct {
	err      error                   // of a failure: what the receiver gets
	outer    bool                    // the claim goes on in the next field
	claim    atomics.Pointer[record] // of an outer record
	watchers atomics.Pointer[watcher]
	drops    atomics.Pointer[dropper]
}

// The claims besides nil (no sender yet), the record of a failure and an outer one.
var (
	spent record // of a Send or Close                              → late
	held  record // in a queue, see Hold                            → nil, gone
	gone  record // the receiver closed before any sender           → late
	late  record // the receiver has closed, the Sender was used   final
)

// takeErr returns the error and lets it go. The caller owns it (rule 1).
func (r *record) takeErr() error {
	atomics.Read(unsafe.Pointer(&r.err))
	err := r.err
	atomics.Write(unsafe.Pointer(&r.err))
	r.err = nil
	return err
}

// claimSender makes the caller the one sender, with r as its mark, and reports
// whether it is. It takes at most three atomic steps. Send has the first of them
// written out, and those of publish, since they are too large to be inlined.
func (c *Channel[T]) claimSender(r *record) bool {
	// nil → r: from here on the value is the caller's (rule 1).
	return c.claim.CompareAndSwap(nil, r) || c.replaceInner(nil, r)
}

// replaceInner replaces the claim of an outer record, once the claim word has left
// nil, and reports whether there was one with the claim old.
func (c *Channel[T]) replaceInner(old, r *record) bool {
	// An outer record is never replaced. old → r in its own word.
	o := c.claim.Load()
	return o.outer && o.claim.CompareAndSwap(old, r)
}

// claimed returns the claim, that of the record if there is an outer one.
func (c *Channel[T]) claimed() *record {
	r := c.claim.Load()
	if r != nil && r.outer {
		r = r.claim.Load()
	}
	return r
}

// rejectSenders keeps results away from a receiver that closes. It takes at most
// five atomic steps, two more if it races with OnDrop, and three for one that is held.
func (c *Channel[T]) rejectSenders() {
	// nil → gone: no sender will claim.
	if atomics.CompareAndSwapStatic(&c.claim, nil, &gone) {
		return
	}
	r := c.claim.Load()
	if r == nil || r == &held { // nil: released meanwhile
		if c.rejectHeld(&c.claim) {
			return
		}
		r = c.claim.Load()
	}
	if !r.outer {
		// spent or failure → late. A sender does not change the claim any more
		// once it has won it.
		if r == &gone || r == &late || c.claim.CompareAndSwap(r, &late) {
			return
		}
		// Another Close made it late, or OnDrop put an outer record before it.
		if r = c.claim.Load(); !r.outer {
			return
		}
	}
	// nil → gone, or anything else → late, in the outer record. There too only
	// rejectSenders changes the claim of a sender.
	if r.claim.CompareAndSwap(nil, &gone) {
		return
	}
	inner := r.claim.Load()
	if inner == nil || inner == &held {
		if c.rejectHeld(&r.claim) {
			return
		}
		inner = r.claim.Load()
	}
	if inner != &gone {
		r.claim.Store(&late)
	}
}

// visibleState returns the state as the receiver may see it: closed if there is a result
// that is late.
func (c *Channel[T]) visibleState() *future.Waker {
	s := c.state.Load()
	if isFinal(s) && c.claimed() == &late {
		return &closed
	}
	return s
}

// publish ends the sender's side: the state becomes s, which is message, failed
// or disconnected, and what waits for that is woken. Only the winner of the
// claim calls it. It returns ErrClosed if the receiver was not there to see it.
// It takes two atomic steps, three if the receiver has closed.
func (c *Channel[T]) publish(s *future.Waker) error {
	// nil, waker or closed → s: publishes the value or the error to the
	// receive that sees s, and takes the waker.
	return c.published(c.state.Swap(s), s)
}

// published is what publish does after its swap, which found old.
func (c *Channel[T]) published(old, s *future.Waker) (err error) {
	if old == &closed {
		old = nil
		// s → closed, rule 4.
		if c.state.CompareAndSwap(s, &closed) {
			err = ErrClosed
			c.letGo(s)
		}
	}
	// The claim is ours, or late, or an outer record that holds one of these.
	if r := c.claim.Load(); r.outer {
		r.settleAfter(old, s != &message)
	} else {
		old.Settle(s != &message) // rule 3
	}
	return err
}

// takeMessage reports whether s is the message of a plain Send that did not come
// late, and the value is the caller's.
func (c *Channel[T]) takeMessage(s *future.Waker) bool {
	// message → received: the value is the caller's (rule 1).
	return s == &message && c.claim.Load() == &spent && atomics.CompareAndSwapStatic(&c.state, s, &received)
}

// move moves the value to v. The caller owns it (rule 1).
func (c *Channel[T]) move(v *T) {
	atomics.Read(unsafe.Pointer(&c.value))
	*v = c.value
	atomics.Write(unsafe.Pointer(&c.value))
	c.value = *new(T)
}

// take ends the receiver's side with the result of state s, which is final: the
// message goes to v, also one that came with an error, and anything else is the
// error. It looks at the claim, which takes two loads if it is in an outer record,
// and changes the state. If it lost to a racing receive it looks again.
func (c *Channel[T]) take(s *future.Waker, v *T) error {
	o := c.claim.Load()
	r := o
	if o != nil && o.outer {
		r = o.claim.Load()
	}
	if r == &late {
		return ErrClosed // rule 4
	}
	switch s {
	case &message:
		// message → received: the value is the caller's (rule 1).
		if atomics.CompareAndSwapStatic(&c.state, s, &received) {
			c.move(v)
			if o.outer {
				o.letGoDrops()
			}
			return nil
		}
	case &failed:
		// failed → received: the value and the error are the caller's (rule 1).
		if c.state.CompareAndSwap(s, &received) {
			c.move(v)
			if o.outer {
				o.letGoDrops()
			}
			return r.takeErr()
		}
	case &disconnected:
		if o.outer {
			o.letGoDrops()
		}
		return ErrDisconnected
	case &received:
		return ErrReceived
	case &closed:
		return ErrClosed
	default:
		panic("oneshot: take in state " + stateName(s))
	}
	// Another receive was quicker, or Close was.
	if c.visibleState() == &closed {
		return ErrClosed
	}
	return ErrReceived
}

// letGo forgets the result that came with s, so that nothing it refers to is
// kept alive. The caller took the state away from s and owns it (rule 1).
func (c *Channel[T]) letGo(s *future.Waker) {
	switch s {
	case &message, &failed:
		var zero T
		atomics.Write(unsafe.Pointer(&c.value))
		c.value = zero
	}
	if s == &failed {
		if r := c.claimed(); r != &late { // which has let go of the record
			r.takeErr()
		}
	}
}

// isFinal reports whether s is a state in which there is nothing to wait for. It has
// a type parameter so that it is inlined everywhere, as [atomics.Read].
func isFinal[W *future.Waker](s W) bool {
	switch (*future.Waker)(s) {
	case &message, &failed, &disconnected, &received, &closed:
		return true
	}
	return false
}

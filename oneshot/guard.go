package oneshot

import (
	"runtime"
	"time"
	"unsafe"
)

// NewGuarded is [New] with a safety net: if the Sender becomes unreachable
// without having been used, its receiver gets [ErrDisconnected] soon after the
// next garbage collection. A Sender is reachable, and so in use, as long as a
// goroutine may still call one of its methods or waits for its [Sender.Closed].
// The context of [Sender.Context] does not keep it. A future of Closed that is left
// pending, and not cancelled, under a combinator, Chan or Share leads back to the
// Sender: until it is cancelled neither end is collected.
//
// The net acts late: close explicitly where you can. To create, send and receive
// costs about eight times what it costs with New, and five allocations instead of
// one: there is a second object, of the size of the first and 24 bytes, and a
// cleanup is registered, which the use of the Sender takes back. That takes a lock
// of the runtime for a moment, so Send and Close of such a Sender are not
// wait-free. One that is collected unused costs its cleanup.
//
// Cleanups run outside every synctest bubble, and to wake a goroutine of a
// bubble from outside is a fatal error of the runtime. So NewGuarded called in a
// bubble sets up no net, and synctest reports the receiver that waits for ever.
// The fatal error remains for a channel made outside a bubble whose receiver
// waits in one: there, close explicitly.
func NewGuarded[T any]() (*Sender[T], *Receiver[T]) {
	if inBubble() {
		return New[T]()
	}
	c := new(channel[T])
	g := &guard[T]{channel: c}
	g.sender.state.Store(&elsewhere)
	g.cleanup = runtime.AddCleanup(g, (*channel[T]).disconnect, c)
	return (*Sender[T])(&g.sender), (*Receiver[T])(c)
}

// A guard is the Sender's own memory, so that it can be collected while the
// channel lives. Its sender says where that is by its state (rule 5).
type guard[T any] struct {
	sender  channel[T] // of which only the state is used
	channel *channel[T]
	cleanup runtime.Cleanup
}

// guard returns the guard of tx, or nil if it has none.
func (tx *Sender[T]) guard() *guard[T] {
	if (*channel[T])(tx).state.Load() != &elsewhere { // final, rule 5
		return nil
	}
	// SAFETY: only NewGuarded makes a state elsewhere, that of the first field
	// of a guard. tx points to it and keeps the whole guard.
	return (*guard[T])(unsafe.Pointer(tx))
}

// channel returns the channel of tx, which is tx itself unless tx is guarded.
func (tx *Sender[T]) channel() *channel[T] {
	if g := tx.guard(); g != nil {
		return g.channel
	}
	return (*channel[T])(tx)
}

// release takes back the cleanup of tx, whose claim the caller has won. Until
// then tx was in use: the cleanup has not run, or has lost the claim.
func (tx *Sender[T]) release() {
	if g := tx.guard(); g != nil {
		g.cleanup.Stop()
		runtime.KeepAlive(g)
	}
}

// inBubble reports whether the caller is in a synctest bubble: there, and
// nowhere else, time.Now returns no reading of the monotonic clock.
func inBubble() bool {
	now := time.Now()
	return now == now.Round(0)
}

package core

import (
	"runtime"
	"time"
	"unsafe"
)

// NewGuarded returns a channel as its sender and as its receiver is to use it. If
// the former becomes unreachable without having been used, the latter gets
// [ErrDisconnected]. Within a synctest bubble it is a plain channel twice.
func NewGuarded[T any]() (tx, rx *Channel[T]) {
	if inBubble() {
		c := new(Channel[T])
		return c, c
	}
	c := new(Channel[T])
	g := &guard[T]{channel: c}
	g.sender.state.Store(&guarded)
	g.cleanup = runtime.AddCleanup(g, (*Channel[T]).collected, c)
	return &g.sender, c
}

// A guard is the Sender's own memory, so that it can be collected while the
// channel lives. Its sender says where that is by its state (rule 5).
type guard[T any] struct {
	sender  Channel[T] // of which only the state is used
	channel *Channel[T]
	cleanup runtime.Cleanup
}

// guard returns the guard of tx, or nil if it has none.
func (tx *Channel[T]) guard() *guard[T] {
	if tx.state.Load() != &guarded { // final, rule 5
		return nil
	}
	// SAFETY: only NewGuarded makes a state guarded, that of the first field
	// of a guard. tx points to it and keeps the whole guard.
	return (*guard[T])(unsafe.Pointer(tx))
}

// channel returns the channel of tx, which is tx itself unless tx is guarded.
func (tx *Channel[T]) channel() *Channel[T] {
	if g := tx.guard(); g != nil {
		return g.channel
	}
	return tx
}

// release takes back the cleanup of tx, whose claim the caller has won. Until
// then tx was in use: the cleanup has not run, or has lost the claim.
func (tx *Channel[T]) release() {
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

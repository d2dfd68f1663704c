package oneshot

import "runtime"

// New returns the two ends of a channel for one message. Both are one
// allocation: two words and the message, 24 bytes for an int.
//
// If the Sender is dropped without being used the receiver waits for ever:
// defer its Close, or use [NewGuarded].
func New[T any]() (*Sender[T], *Receiver[T]) {
	c := new(channel[T])
	return (*Sender[T])(c), (*Receiver[T])(c)
}

// NewGuarded is [New] with a safety net: if the Sender becomes unreachable
// without having been used, its receiver gets [ErrDisconnected] soon after the
// next garbage collection. A Sender is reachable, and so in use, as long as a
// goroutine may still call one of its methods or waits for its [Sender.Closed].
//
// The net costs a second allocation, of the size of the first plus a record, and
// the registration of a cleanup, and it acts late: close explicitly where you
// can. The cleanup runs outside every synctest bubble, so that a
// goroutine of a bubble cannot be woken by it: there, close explicitly.
func NewGuarded[T any]() (*Sender[T], *Receiver[T]) {
	c := new(channel[T])
	g := &guard[T]{record: record{target: c}}
	g.sender.state.Store(&elsewhere)
	g.sender.claim.Store(&g.record)
	runtime.AddCleanup(g, (*channel[T]).disconnect, c)
	return (*Sender[T])(&g.sender), (*Receiver[T])(c)
}

// A guard is the Sender's own memory, so that it can be collected while the
// channel lives.
type guard[T any] struct {
	sender channel[T] // elsewhere: rule 5
	record record
}

package oneshot

import (
	"unsafe"

	"github.com/go-await/await/internal/core"
)

// New returns the two ends of a channel for one message. Both are one
// allocation: two words and the message, 24 bytes for an int.
//
// If the Sender is dropped without being used the receiver waits without end:
// defer its Close, or use [NewGuarded].
func New[T any]() (*Sender[T], *Receiver[T]) {
	c := new(core.Channel[T])
	return sender(c), receiver(c)
}

// NewGuarded is [New] with a safety net: if the Sender becomes unreachable
// without having been used, its receiver gets [ErrDisconnected] soon after the
// next garbage collection. A Sender is reachable, and so in use, as long as a
// goroutine may still call one of its methods or waits for its [Sender.Closed].
// The context of [Sender.Context] does not keep it. A future of Closed that is left
// pending, and not canceled, under a combinator, Chan or Share leads back to the
// Sender: until it is canceled neither end is collected.
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
// bubble sets up no net, and synctest reports the receiver that waits without end.
// The fatal error remains for a channel made outside a bubble whose receiver
// waits in one: there, close explicitly.
func NewGuarded[T any]() (*Sender[T], *Receiver[T]) {
	tx, rx := core.NewGuarded[T]()
	return sender(tx), receiver(rx)
}

// sender returns c as its sender sees it.
func sender[T any](c *core.Channel[T]) *Sender[T] {
	// SAFETY: a Sender is a Channel and nothing else.
	return (*Sender[T])(unsafe.Pointer(c))
}

// receiver returns c as its receiver sees it.
func receiver[T any](c *core.Channel[T]) *Receiver[T] {
	// SAFETY: a Receiver is a Channel and nothing else.
	return (*Receiver[T])(unsafe.Pointer(c))
}

// Package oneshot is a channel for exactly one message.
//
// The sender never blocks. The receiver can try, block, wait with a limit, or be
// awaited as a [future.Future]. Each side learns when the other goes away.
//
// The idea is that of the Rust crate oneshot by Linus Färnstrand; the state
// machine is another one: with a garbage collector a single atomic pointer can be
// the waiting waker or the state that replaces it, so that no side ever spins.
//
// # Concurrency properties
//
// Send synchronizes before the receive that returns its message. Send, TryRecv,
// both Close methods, HasMessage and IsClosed are wait-free: a bounded number of
// atomic steps, whatever the other side does. No method panics on any sequence
// of calls, unless a waker that was given to Poll panics: then the message is
// delivered first and the panic goes on in the caller of Send.
//
// # Cost
//
// A channel is one allocation of two words and the message. A Receiver that is
// polled waits in that memory: a pending receive has no goroutine, no timer and
// no further allocation.
package oneshot

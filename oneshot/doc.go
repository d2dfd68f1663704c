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
// Send synchronizes before the receive that returns its message. Send, SendResult,
// TryRecv, both Close methods, HasMessage, IsOver and IsClosed are wait-free: a
// bounded number of atomic steps, whatever the other side does; of the Sender of
// [NewGuarded] not quite. No method panics on any sequence of calls, unless a waker
// that was given to Poll panics, or a function of OnClose or OnDrop: then the message
// is delivered, or the receiver closed, first and the panic goes on in the caller. A
// nil Sender, Receiver, function or context is a panic that says so.
//
// Nothing spins. Nothing blocks but the receives that wait, which is durably
// blocking in testing/synctest bubbles; in a task they suspend the task. Send,
// SendResult, Fail, both Close methods and Cancel call the wakers themselves.
//
// # Cost
//
// A channel is one allocation of two words and the message. A Receiver that is
// polled waits in that memory: a pending receive has no goroutine, no timer and
// no further allocation. [NewGuarded] costs more.
//
// # Testing
//
// The code runs under this module's model checker (build tag interleave), which
// tries every order of the atomic steps of small programs, under delays at those
// steps (build tag delay), and against a plain reference: every short sequence of
// operations, longer ones by fuzzing. TestHammer sends as many messages as its
// flag -oneshot.hammer says.
package oneshot

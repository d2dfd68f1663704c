// Package future is a vocabulary for results that are not there yet.
//
// A [Future] is polled with a [Waker] and wakes it when a further poll may make
// progress, as in Rust. [Await] turns a future into its result: it suspends the
// task it is called in, or blocks the goroutine when there is no task.
//
// # Concurrency properties
//
// Polling a future is for one goroutine at a time, and none of the methods of a
// future in this package blocks. Wakers may be used by any number of goroutines
// at once. Nothing here starts a goroutine unless its documentation says so.
//
// # Nil and cancelled
//
// A nil future, wherever one is taken, behaves as Failed(ErrNil). A nil
// function given to a constructor is a panic at the call. Whoever stops waiting
// for a future calls [Cancel] on it, which tells its producer.
package future

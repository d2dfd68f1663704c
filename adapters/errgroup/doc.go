// Package errgroup is golang.org/x/sync/errgroup whose functions may return
// values.
//
// A [Group] has upstream's methods with upstream's meaning, so that changing the
// import path of a program changes nothing else in it. [Go] and [TryGo] run a
// function that returns a value and give a future for it, which is there as soon
// as that function has ended, while the others go on; so does [Do] for a function without
// a value. A value that comes with an error arrives with it. [GoTask] runs a task of an
// executor, or of a group of its, as one of the group.
//
// # Why this is not a wrapper
//
// The limit of a group counts tasks of an executor as well as goroutines, Go at
// the limit must be able to suspend a task, and [Group.WaitFuture] must learn of
// the last end without a goroutine that waits for it. Upstream's Group hides its
// semaphore and its counter and blocks on both. So this one has its own, and the
// tests of this package run the test-suite of upstream on it, unchanged.
//
// # Panics
//
// The method [Group.Go] does what upstream's does: a panic of the function ends
// the program, and runtime.Goexit ends the function without an error. The
// function [Go] has a receiver to tell: a panic is the [*future.PanicError] of its
// receiver, Goexit is [future.ErrGoexit], and either is a failure of the group.
//
// # Concurrency properties
//
// The methods of a group may be called by any number of goroutines at once, with
// the exceptions that upstream makes: SetLimit only while nothing is active, and
// the first Go before a Wait. Nothing here starts a goroutine besides those of
// the functions. Go at the limit and Wait suspend the task whose own goroutine calls
// them, whatever context the group has, and otherwise block the goroutine.
//
// # Cost
//
// The methods allocate what upstream's do, except that a Group is 128 bytes instead
// of 64, and that WithContext makes one allocation more, as does the first goroutine
// that waits for a place. The functions Go and TryGo make one more than the methods,
// for the receiver, of 24 bytes for an int, and Do makes two more. GoTask makes three more than
// [executor.Go], six if the group has a context and a limit, and WaitFuture a
// receiver.
//
// # Testing
//
// A group works in a testing/synctest bubble if it is made in it.
package errgroup

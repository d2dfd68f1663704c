// Package futuretest helps to test code that polls, wakes or is polled: wakers
// that count, record or panic; a [Probe], which is a future moved by hand; a
// [Harness], which polls a future step by step; and [TestFuture], which runs any
// future through random schedules and checks it against the rules of
// [future.Future].
//
// # Concurrency properties
//
// Wakers and the methods of Counter, Recorder and Probe may be used by any
// number of goroutines at once, except that a Probe is polled and canceled as
// any future is: by one at a time. A Harness belongs to one goroutine.
//
// # Testing
//
// Everything here works inside and outside a testing/synctest bubble. What is
// waited for in vain is an error after ten seconds, or at once, by the clock of
// a bubble.
package futuretest

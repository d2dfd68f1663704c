// Package ants gives the results of what runs on an ants pool as futures.
//
// [Submit], [SubmitContext] and [Do] call a function on a worker of a pool and return
// the receiver of its result: what the function returns, a value that comes with an error
// too. [Map] and [MapUnordered] do that for each value of a sequence, as a loop.
// [NewPoolWithFunc] makes a pool for one function, and [NewExecutor] an executor on a pool.
//
// # A full pool
//
// Upstream's Submit blocks when a blocking pool is full. That is back-pressure
// for a goroutine that only produces, and a deadlock for a task that occupies the
// worker it waits for, or holds up the executor that would free it. A function
// cannot tell on which of them it is called. So the functions here never wait for
// a worker: what finds none is queued, as memory, without a goroutine of its own,
// and the first worker that has done a job of ours takes it. Back-pressure is
// had where it is asked for: a pool made with MaxBlockingTasks refuses what would
// make the queue longer, a nonblocking pool queues nothing.
//
// While something is queued there is one goroutine for the pool, which blocks in
// upstream's Submit in place of all callers: so the queue takes its turn with
// whatever else is submitted to the pool, grows with Tune, and learns of Release.
// It ends when a worker accepts it.
//
// There is one moment at which Submit may wait all the same: when a submission that
// does not go through this package, or the goroutine that submits for the queue,
// takes the last free worker, or Tune takes it away, between our look at the pool and
// our call of its Submit.
//
// # A pool that is released
//
// Calls that have begun run to their end, as upstream has it, and their receivers
// get the result. What is queued is refused with ants.ErrPoolClosed within the
// release: or a millisecond later, if it was queued at that very moment and the
// pool's signal was missed. After Reboot the pool is used again.
//
// # Concurrency properties
//
// All functions may be called by any number of goroutines at once, workers of the
// same pool included. What a caller did before Submit happens before its function
// is called, and what the function did before the result is received.
//
// # Cost
//
// Submit is one allocation, of 64 bytes for an int: the call, with its receiver. That
// is all there is while it is queued. Once its receiver is closed the function is let
// go, and calls whose receivers are closed are at most half of a queue and a few.
// SubmitContext makes seven allocations more, of 320 bytes, the context included, and Do one.
// Map allocates nothing per value, only when it has to wait, and holds as many as are in flight.
//
// # Testing
//
// Everything works in a testing/synctest bubble if the pool is made and released
// in it. To import this package is to import ants, whose default pool has two
// goroutines from then on: a test that looks for leaks tells them from those of a
// forgotten pool by taking note of what is there before the first test, with
// goleak.IgnoreCurrent.
package ants

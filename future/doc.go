// Package future provides composable futures: values that become available later.
//
// A [Future] is polled with a [Waker] and wakes it when a further poll may make
// progress, as in Rust. [Await] turns a future into its result: it suspends the
// task it is called in, or blocks the goroutine when there is no task.
//
// Futures that are there from the start, or come from elsewhere: [Ready],
// [Failed], [Never], [Func], [Lazy], [Go], [GoContext], [Do], [After], [At], [Done],
// [FromChan]. One future made of another: [Map], [Then], [Catch], [OrElse],
// [Finally], [Timeout], [Deadline], [WithContext], [Owned], [Borrow]. One made of
// many: [All], [Settle], [Race], [Any], [Join2] to [Join4], [Select2] to [Select4], and
// [Set] for a number that changes; [Slice] makes their arguments of receivers or handles.
// Many made of one: [Share]. Out of futures again: [Await], [Chan], and the
// loops [Completed], [Buffered] and [BufferedUnordered].
//
// # Polling and waking
//
// A combinator of one source, and of few, hands its waker on to them: a wake
// costs nothing on the way. A combinator of many has a waker for each child, and
// polls those that were woken and no others. A future that is polled with a nil
// waker is asked whether it is ready and nothing else.
//
// # Panics and cancellation
//
// A panic in a callback, like one in any Poll, goes on to the consumer that polled, which
// cancels the future (rule 5): it ends the task, or reaches the caller of Await.
// [Go], [Chan] and [Share], which have no such caller, make it a [*PanicError].
// Canceling goes down to the leaves: children, timers, callbacks, producers.
// What a combinator does not need any more it cancels exactly once.
//
// A result that a future has when it is canceled is not lost: one Poll after Cancel
// gives it (rule 4), through all combinators of one source. What the sources of a
// combinator of many came to after its last Poll is discarded. A value that has to be
// closed or given back when it is discarded is put into [Owned].
//
// # Loops
//
// A function that returns a [Then], [OrElse] or [Lazy] whose function calls it again is
// a loop. It takes constant memory and stack. When many rounds in a row are ready at
// once, the future wakes itself after 128 of them, so that others run and a
// cancellation is seen.
//
// # Concurrency properties
//
// Polling a future is for one goroutine at a time, and none of the methods of a
// future in this package blocks. A future has one consumer: a second one that comes
// while the first waits gets [ErrBusy]. [Await] and the loops suspend the task whose
// own goroutine calls them, whatever context they are given. Wakers may be used by any
// number of goroutines at once, and are called with no lock held. What a producer did before it woke
// synchronizes before the Poll that sees the result. Only [Go], [GoContext],
// [Do], [FromChan] and [Chan] start goroutines; their documentation says for how long.
// Package context starts one more for each child and callback of a context that
// is not the standard library's.
//
// # Cost
//
// A combinator of one source is one object, of 32 bytes for a Map of ints; Share
// makes two, Join2 three, Select3 four. (Bytes are those of 64-bit machines, here and in the other
// packages.) The wide ones hold 56 bytes for each child, and All
// and Settle 16 in place of them for one that is a [Settler]. What waits for a time
// or a context has a timer or a callback from the first Poll that finds it pending
// until it is over: three allocations, of some 140 bytes. Await allocates nothing in
// a task, nor for what is ready; where it has to block a goroutine it allocates what
// wakes that, and a channel if its context can end.
//
// # Testing
//
// Package [github.com/go-await/await/future/futuretest] has wakers that count, a
// future that is moved by hand, and a check of the rules for futures of yours.
// Everything here works in a testing/synctest bubble.
//
// # Nil and canceled
//
// A nil future, wherever one is taken, behaves as one that has failed with an error
// which names the argument and is [ErrNil]. A nil function, context, sequence or
// channel is a panic at the call, with a text that begins with "future: ". A consumer
// that stops waiting for a future calls [Cancel] on it, which tells its producer.
package future

// Package executor runs tasks on a few workers.
//
// A task is either straight-line code that suspends where it awaits ([Go]) or a
// future that is polled ([Spawn]). Both are seen through a [Handle], which is a
// future itself. [Run] is an executor on the calling goroutine, [WithRunner] one
// on somebody else's pool, and [NewRunnable] the kit for writing one.
//
// # Concurrency properties
//
// A task runs on one worker at a time, and what happens in one of its polls
// happens before the next. It is polled again exactly when it was woken: a wake
// during a poll leads to another, and wakes before a poll coalesce. A task that
// keeps waking itself goes to the back of the queue each time. A wake never
// blocks, and never runs the task it wakes.
package executor

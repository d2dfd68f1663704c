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
//
// # Observing
//
// A task that keeps its worker for long is reported with its stack, and others
// take over; see [WithStallThreshold]. [Executor.Stats] counts, [Executor.Tasks]
// lists the live tasks with what they await and where, and [Executor.Dump] writes
// both for people. Profiles carry the executor's name and the task's as the labels
// "executor" and "task", and execution traces a task for each task and a region
// for each poll. Only names cost something before somebody asks: a task with one
// allocates its labels when it is spawned.
package executor

// Package executor runs tasks on a few workers.
//
// A task is either straight-line code that suspends where it awaits ([Go], and [Do] for
// code without a value) or a future that is polled ([Spawn]). Both are seen through a
// [Handle], which is a future itself. Tasks are started on a [Spawner]: an [Executor], or
// the [TaskGroup] of a [Scope] or [Supervise], which wait for their tasks; [GoContext]
// starts one where the caller's task runs. [Run] is an executor on the calling goroutine,
// [WithRunner] one on the goroutines of another pool, and [NewRunnable] the kit for
// writing one.
//
// # Errors
//
// The result of a task is what its function or future returned, a value that comes with
// an error included. A panic is a [*future.PanicError]. A task that was canceled and
// returns the cause, the error of its context, or an error that wraps one of them has not
// failed: its scope goes on, and nothing is logged. A task that an executor does not take
// ends with [ErrRefused], one that Close cancels with [ErrClosed]; both are
// context.Canceled by errors.Is. A task that was canceled before it began has run nothing
// of its function, also not its deferred calls; a function of [OnTaskEnd] is called for
// every task.
//
// Functions of this package panic, with a text that begins with "executor: ", if they are
// given nil where that has no meaning, or a zero Executor, TaskGroup, Handle or Runnable.
// A function of [OnTaskEnd] or [Handle.OnDrop], and a handler of the log, that panics ends
// neither a worker nor the process.
//
// # Concurrency properties
//
// A wait of this module that a task's own goroutine calls suspends the task, whatever
// context it is given; the context says when to give up.
//
// A task runs on one worker at a time, and what happens in one of its polls
// happens before the next. It is polled again exactly when it was woken: a wake
// during a poll leads to another, and wakes before a poll coalesce. A task that
// keeps waking itself lets others run each time. A task that waited and is woken or
// canceled goes before those that have not begun, however many these are, and does not
// starve them. A wake never blocks, and never runs the task it wakes.
//
// # Cost
//
// A task of Spawn is one allocation, of 128 bytes for an int: task, handle and
// result. One of Go is one of 352 bytes, and needs a coroutine while it runs: one
// that an earlier task has left, of which a worker keeps 64, or a new one, which is a
// goroutine with its stack. Awaiting, yielding and waking allocate nothing. Most of the
// time goes into suspending and resuming a coroutine, some four times what the turn
// of a polled task takes. An executor whose tasks all wait uses no processor; its
// workers are goroutines that are parked, once there was work for them.
//
// # Testing
//
// An executor works in a testing/synctest bubble if it is made and closed in it: its
// tasks that wait are durably blocked there, and what time they see is the bubble's.
// In Run no two tasks run at the same time, so a test of one needs no locks. After
// Close or Shutdown no goroutine is left, for goleak to say so. A task that is to be
// moved step by step is a Runnable, whose test decides when it runs.
//
// # Observing
//
// If a task keeps its worker, others take over, and after a second it is reported with
// the line where it is; see [WithStallThreshold]. [Executor.Stats] counts, [Executor.Tasks]
// lists the live tasks with what they await and where, and [Executor.Dump] writes
// both for people. Profiles carry the executor's name and the task's as the labels
// "executor" and "task", and execution traces a task for each task and a region
// for each poll (of a Spawn without options from before the trace, only the
// regions). Only names cost something before that is asked for: a task with one
// allocates its labels when it is spawned.
package executor

package ants

// A Pool runs functions on workers of its own: *ants.Pool, *ants.MultiPool, or a
// pool of yours. Submit returns nil if it will call task, once, and otherwise
// the reason why it will not. A Submit that panics or calls runtime.Goexit has
// refused, with the [*future.PanicError] or [future.ErrGoexit]. If it has begun the
// call all the same, the call counts, and the panic goes to slog.Default. What a
// Submit does wrong besides comes to nothing: a task that is called twice runs once,
// and one that is called after a refusal does not run.
//
// # Full pools
//
// What this package promises about full pools holds for the pools of ants, for
// types that embed one, and for every other Pool that has their methods Cap,
// Running, Waiting and IsClosed, if its Submit does not block while Running is
// less than Cap, and if it can be compared and is equal to itself. Any other is foreign.
// The functions of
// this package call Submit of a foreign pool, and of one that has no limit or does
// not block, themselves: they block if it does. Only [Map] of a foreign pool has a
// goroutine do so. If one of the four methods panics while calls are queued or run, no
// worker counts as free, and the panic goes to slog.Default.
//
// # Types that embed a pool
//
// A type may embed a pool of ants, at any depth, and have a Submit of its own: to
// count, or to add something to each task. Values of such types can be made for each
// call. All values that embed one pool share its queue. The queue keeps none of them.
//
// A call has the value that was given with it. If a worker is free, the call goes
// through the Submit of its value. If no worker is free, the call is queued, and the
// Submit of the first call's value asks the pool for a worker. A worker that comes, or
// that has done a call, takes the first call in the queue, whatever its value is. An
// error of a Submit refuses calls with the same value only.
//
// So a Submit of such a type sees few of the calls while the pool is busy. To count or to
// time each call, do so in its function and with [OnEnd].
type Pool interface {
	Submit(task func()) error
}

// A gauge tells how full a pool is, as the pools of ants do.
type gauge interface {
	Cap() int // negative: no limit
	Running() int
	Waiting() int
	IsClosed() bool
}

// A multi is a pool that consists of several.
type multi interface {
	FreeByIndex(i int) (int, error)
}

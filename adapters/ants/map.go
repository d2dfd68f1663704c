package ants

import (
	"context"
	"iter"
)

// Map calls fn for each value of seq on the workers of p and returns the results
// in the order of seq, as a loop:
//
//	for r, err := range ants.Map(ctx, pool, urls, fetch) { … }
//
// seq is run by the goroutine of the loop, ahead of the results: Map takes at
// most as many values as p has workers, and a few (64), that have not come out of
// the loop as results. So it needs no more memory for a million values than for
// a thousand, and a slow loop slows it down. For a pool without a limit it makes
// at most 128 calls at a time. A seq that blocks holds back the results that are
// there, too.
//
// An error of fn concerns its own value: the loop gets it and goes on. So do a
// panic in fn, a [*future.PanicError], and runtime.Goexit, [future.ErrGoexit].
//
// When ctx ends nothing is waited for any more. The results that are there are given,
// up to the first that is not, and then context.Cause(ctx) as the last pair. The error
// of a pool that has been released, or has no worker and does not let the loop wait for
// one, ends the loop too, as its last pair.
//
// The context of fn descends from ctx and ends with the loop. When the loop ends,
// by break as well, Map waits for the calls that have begun. No call begins after
// that.
//
// In a task of an executor the loop suspends the task while it waits; anywhere
// else it blocks the goroutine. On a worker of p that is not a task it keeps that
// worker, and so must have others. Of a pool that does not block Map keeps a worker
// until the loop ends, since it could not be sure to have it again.
//
// Map panics if ctx, p, seq or fn is nil. It starts no goroutine besides what [Submit]
// may, and on a foreign [Pool] one at a time that waits for a worker, and allocates
// nothing per value, only when it has to wait. Its workers make one call after the
// other until others wait for them. Each range over the result is a run of its own.
func Map[A, R any](ctx context.Context, p Pool, seq iter.Seq[A], fn func(ctx context.Context, a A) (R, error)) iter.Seq2[R, error] {
	return mapSeq("Map", ctx, p, seq, fn, true)
}

// MapUnordered is [Map] that gives the results as they come, and all that are there
// when ctx ends.
func MapUnordered[A, R any](ctx context.Context, p Pool, seq iter.Seq[A], fn func(ctx context.Context, a A) (R, error)) iter.Seq2[R, error] {
	return mapSeq("MapUnordered", ctx, p, seq, fn, false)
}

func mapSeq[A, R any](caller string, ctx context.Context, p Pool, seq iter.Seq[A], fn func(ctx context.Context, a A) (R, error), ordered bool) iter.Seq2[R, error] {
	switch {
	case ctx == nil:
		panic("ants: " + caller + ": ctx is nil")
	case seq == nil:
		panic("ants: " + caller + ": seq is nil")
	case fn == nil:
		panic("ants: " + caller + ": fn is nil")
	}
	routeOf(caller, p) // panics if there is no pool
	return func(yield func(R, error) bool) {
		m := newMapping(caller, ctx, p, fn, ordered)
		defer m.stop()
		for a := range seq {
			m.add(a)
			if !m.deliver(yield, true) {
				return
			}
		}
		m.deliver(yield, false)
	}
}

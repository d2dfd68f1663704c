package core

import (
	"context"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// suspend is block and blockContext for a task: w is its waker, and turn is that of
// its Enter. Like a waiter it puts back the waker s that it replaces, or wakes it.
func suspend(
	ctx context.Context, state *word, s *future.Waker, limit time.Duration,
	self any, task future.Suspender, w *future.Waker, turn uint32,
) (*future.Waker, error) {
	// s → w: from here on the task is woken by what takes w out (rule 3).
	if !state.CompareAndSwap(s, w) {
		return blocked(state, s, false)
	}
	var expired *atomics.Uint32
	if limit != 0 {
		expired = new(atomics.Uint32)
		stop := atomics.AfterFunc(limit, func() {
			expired.Store(1) // read by the task, which this wakes
			w.Wake()
		})
		defer stop() // too late for a timer that has fired: the task is woken for nothing
	}
	for {
		turn = task.Suspend(ctx, self, turn)
		switch now := state.Load(); {
		case isFinal(now):
		case expired != nil && expired.Load() == 1, ctx.Err() != nil:
			unwait(state, w, s)
		case now != w:
			return now, ErrBusy
		default:
			continue // woken for nothing
		}
		return blocked(state, s, true)
	}
}

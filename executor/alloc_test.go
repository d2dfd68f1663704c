//go:build !race && !delay && !interleave

package executor_test

import (
	"context"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/budget"
	"github.com/go-await/await/internal/gid"
	"github.com/go-await/await/oneshot"
)

// A twice is a future that is ready at every second poll, for ever, and wakes its
// task in between.
type twice struct{ polls int }

func (f *twice) Poll(w *future.Waker) (int, bool, error) {
	f.polls++
	if f.polls%2 == 0 {
		return 1, true, nil
	}
	w.Wake()
	return 0, false, nil
}

// What a task may allocate, of all that is not the user's own.
func TestAllocations(t *testing.T) {
	budget.Check(t)
	ready, later := future.Future[int](new(always)), future.Future[int](new(twice))
	fn := func(context.Context) (int, error) { return 1, nil }
	spawned := func(ctx context.Context, h *executor.Handle[int]) {
		if v, err := future.Await(ctx, h); v != 1 || err != nil {
			t.Errorf("%d, %v", v, err)
		}
	}
	tests := []struct {
		name, reason string
		budget       float64
		do           func(ctx context.Context, e *executor.Executor)
	}{
		{"yield", "it only goes to the back of the queue", 0, func(ctx context.Context, e *executor.Executor) {
			_ = executor.Yield(ctx)
		}},
		{"await what is ready", "there is nothing to wait for", 0, func(ctx context.Context, e *executor.Executor) {
			_, _ = future.Await(ctx, ready)
		}},
		{"await what is not", "the waker is part of the task", 0, func(ctx context.Context, e *executor.Executor) {
			_, _ = future.Await(ctx, later)
		}},
		{"oneshot", "the message itself", 1, func(ctx context.Context, e *executor.Executor) {
			tx, rx := oneshot.New[int]()
			_ = tx.Send(1)
			_, _ = future.Await(ctx, rx)
		}},
		{"spawn", "the task with its handle is one object", 1, func(ctx context.Context, e *executor.Executor) {
			spawned(ctx, executor.Spawn(e, ready))
		}},
		{"spawn what waits", "a wake is no object", 1, func(ctx context.Context, e *executor.Executor) {
			spawned(ctx, executor.Spawn(e, later))
		}},
		{"go", "so it is with its context and its function; the coroutine was there", 1, func(ctx context.Context, e *executor.Executor) {
			spawned(ctx, executor.Go(e, fn))
		}},
		{"cancel", "the task, the cause, and what is left of a failure", 4, func(ctx context.Context, e *executor.Executor) {
			h := executor.Go(e, fn)
			h.Cancel()
			for !h.Done() {
				_ = executor.Yield(ctx)
			}
		}},
		{"stats", "numbers", 0, func(ctx context.Context, e *executor.Executor) { _ = e.Stats() }},
	}
	if testing.AllocsPerRun(10, func() { gid.Current() }) > 0 {
		t.Skip("to ask which goroutine this is allocates here, as the fallback does")
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			n, err := result(t, func(ctx context.Context) (float64, error) {
				e := executor.FromContext(ctx)
				return testing.AllocsPerRun(100, func() { tc.do(ctx, e) }), nil
			})
			if err != nil || n > tc.budget {
				t.Errorf("%s: %v allocations, want %v at most; %v", tc.reason, n, tc.budget, err)
			}
		})
	}
}

// An always is a future that is ready at every poll.
type always struct{}

func (*always) Poll(*future.Waker) (int, bool, error) { return 1, true, nil }

package executor_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// A task's end is told once, whichever way it ends, after its result is there.
func TestOnTaskEnd(t *testing.T) {
	doom := errors.New("doom")
	type start func(e *executor.Executor, opt executor.TaskOption) *executor.Handle[int]
	goes := func(fn func(ctx context.Context) (int, error)) start {
		return func(e *executor.Executor, opt executor.TaskOption) *executor.Handle[int] {
			return executor.Go(e, fn, opt)
		}
	}
	spawns := func(f future.Future[int]) start {
		return func(e *executor.Executor, opt executor.TaskOption) *executor.Handle[int] {
			return executor.Spawn(e, f, opt)
		}
	}
	tests := []struct {
		name, reason string
		start        start
		closed       bool
		want         func(error) bool
	}{
		{"value", "no error", goes(func(context.Context) (int, error) { return 1, nil }), false,
			func(err error) bool { return err == nil }},
		{"error", "the task's own", goes(func(context.Context) (int, error) { return 0, doom }), false,
			func(err error) bool { return err == doom }},
		{"panic", "is an error as well", goes(func(context.Context) (int, error) { panic(doom) }), false,
			func(err error) bool { return errors.Is(err, doom) }},
		{"future", "a task without a function ends, too", spawns(future.Failed[int](doom)), false,
			func(err error) bool { return err == doom }},
		{"closed", "a task that never began has ended", goes(func(context.Context) (int, error) { return 1, nil }), true,
			func(err error) bool { return err == executor.ErrRefused }},
		{"future, closed", "nor did this one begin", spawns(future.Never[int]()), true,
			func(err error) bool { return err == executor.ErrRefused }},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			e := executor.New(executor.WithWorkers(1))
			defer e.Close()
			if tc.closed {
				e.Close()
			}
			told := make(chan error, 2)
			h := tc.start(e, executor.OnTaskEnd(func(err error) { told <- err }))
			err := <-told
			if !tc.want(err) {
				t.Errorf("%s: told %v", tc.reason, err)
			}
			if _, ready, rerr := h.Poll(nil); !ready || rerr != err {
				t.Errorf("%s: the result is %v, %v", tc.reason, ready, rerr)
			}
			e.Close()
			if len(told) != 0 {
				t.Errorf("%s: told again: %v", tc.reason, <-told)
			}
		})
	}
}

func TestTaskContext(t *testing.T) {
	type key struct{}
	doom := errors.New("doom")
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	parent, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "v"))
	waiting := make(chan any)
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		waiting <- ctx.Value(key{})
		return future.Await(ctx, future.Never[int]())
	}, executor.TaskContext(parent))
	s := executor.Spawn(e, future.Never[int](), executor.TaskContext(parent))
	if v := <-waiting; v != "v" {
		t.Errorf("value of the parent: %v", v)
	}
	cancel(doom)
	for i, h := range []*executor.Handle[int]{h, s} {
		if _, err := future.Await(t.Context(), h); err != doom {
			t.Errorf("%d: %v, want the parent's cause", i, err)
		}
	}
	later, cancelLater := context.WithTimeout(t.Context(), time.Hour)
	defer cancelLater()
	until, _ := later.Deadline()
	if d, err := future.Await(t.Context(), executor.Go(e, func(ctx context.Context) (time.Time, error) {
		d, _ := ctx.Deadline()
		return d, nil
	}, executor.TaskContext(later))); !d.Equal(until) || err != nil {
		t.Errorf("its deadline is %v, the parent's %v; %v", d, until, err)
	}
	late := executor.Go(e, func(ctx context.Context) (int, error) { return 1, ctx.Err() }, executor.TaskContext(parent))
	if v, err := future.Await(t.Context(), late); v != 1 || err != context.Canceled {
		t.Errorf("begun after its parent had ended: %v, %v, want 1 and Canceled", v, err)
	}
}

package executor_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

func inTask(t *testing.T, fn func(ctx context.Context) error) error {
	t.Helper()
	_, err := executor.Run(t.Context(), func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) })
	return err
}

func TestScopeWaitsForAll(t *testing.T) {
	ended := 0
	err := inTask(t, func(ctx context.Context) error {
		err := executor.Scope(ctx, func(g *executor.TaskGroup) error {
			for range 10 {
				executor.GoIn(g, func(ctx context.Context) (int, error) {
					err := executor.Yield(ctx)
					executor.SpawnIn(g, future.Ready(1))
					ended++
					return 0, err
				})
			}
			return nil
		})
		if ended != 10 {
			t.Errorf("%d of 10 tasks had ended when Scope returned", ended)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestScopeFirstErrorCancelsTheRest(t *testing.T) {
	boom := errors.New("boom")
	canceled := 0
	pending := func() *oneshot.Receiver[int] { _, rx := oneshot.New[int](); return rx }
	err := inTask(t, func(ctx context.Context) error {
		return executor.Scope(ctx, func(g *executor.TaskGroup) error {
			rx := pending()
			h := executor.SpawnIn(g, future.Future[int](rx))
			for range 5 {
				executor.GoIn(g, func(ctx context.Context) (int, error) {
					v, err := future.Await(ctx, future.Future[int](pending()))
					if err == boom {
						canceled++
					}
					return v, err
				})
			}
			executor.GoIn(g, func(ctx context.Context) (int, error) { return 0, boom })
			_, err := future.Await(g.Context(), h)
			if err != boom {
				t.Errorf("fn's await: %v, want the failure", err)
			}
			return err
		})
	})
	if err != boom || canceled != 5 {
		t.Errorf("error %v, %d of 5 tasks saw the cause", err, canceled)
	}
}

func TestScopePanics(t *testing.T) {
	for _, where := range []string{"task", "fn"} {
		_ = inTask(t, func(ctx context.Context) error {
			others := 0
			defer func() {
				var p *future.PanicError
				if !errors.As(recover().(error), &p) || p.Value != "boom" {
					t.Errorf("%s: recovered %v", where, p)
				}
				if others != 1 {
					t.Errorf("%s: the other task had not ended", where)
				}
			}()
			return executor.Scope(ctx, func(g *executor.TaskGroup) error {
				executor.GoIn(g, func(ctx context.Context) (int, error) {
					_, rx := oneshot.New[int]()
					v, err := future.Await(ctx, rx)
					others++
					return v, err
				})
				if where == "fn" {
					panic("boom")
				}
				executor.GoIn(g, func(ctx context.Context) (int, error) { panic("boom") })
				return nil
			})
		})
	}
}

func TestScopeNestedAndHandleCanceled(t *testing.T) {
	err := inTask(t, func(ctx context.Context) error {
		return executor.Scope(ctx, func(outer *executor.TaskGroup) error {
			return executor.Scope(outer.Context(), func(inner *executor.TaskGroup) error {
				h := executor.GoIn(inner, func(ctx context.Context) (int, error) {
					_, rx := oneshot.New[int]()
					return future.Await(ctx, rx)
				})
				executor.Yield(outer.Context())
				h.CancelCause(errors.New("this one only"))
				return nil
			})
		})
	})
	if err != nil {
		t.Errorf("a task cancelled through its handle failed the scope: %v", err)
	}
	if err := executor.Scope(t.Context(), func(*executor.TaskGroup) error { return nil }); err != executor.ErrNoExecutor {
		t.Errorf("outside a task: %v", err)
	}
}

func TestScopeOverRefuses(t *testing.T) {
	err := inTask(t, func(ctx context.Context) error {
		var kept *executor.TaskGroup
		if err := executor.Scope(ctx, func(g *executor.TaskGroup) error { kept = g; return nil }); err != nil {
			return err
		}
		_, err := future.Await(ctx, executor.GoIn(kept, func(context.Context) (int, error) { return 1, nil }))
		return err
	})
	if err != executor.ErrClosed {
		t.Errorf("a task for a scope that is over: %v", err)
	}
}

package errgroup_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// What waits on a task's own goroutine suspends the task, whatever context the group
// was made with: Run has one goroutine for all its tasks, and an executor with one
// worker no other.
func TestTaskIsSuspendedWithAnyContext(t *testing.T) {
	groups := map[string]func(ctx context.Context) *errgroup.Group{
		"zero":       func(context.Context) *errgroup.Group { return new(errgroup.Group) },
		"background": func(context.Context) *errgroup.Group { return withContext(context.Background()) },
		"the task's": withContext,
		"derived": func(ctx context.Context) *errgroup.Group {
			return withContext(context.WithValue(context.Background(), tenantKey{}, 1))
		},
	}
	runs := map[string]func(ctx context.Context, fn func(ctx context.Context) (int, error)) (int, error){
		"Run": func(ctx context.Context, fn func(ctx context.Context) (int, error)) (int, error) {
			return executor.Run(ctx, fn)
		},
		"executor": func(ctx context.Context, fn func(ctx context.Context) (int, error)) (int, error) {
			e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
			defer e.Close()
			return future.Await(ctx, executor.Go(e, fn))
		},
	}
	waits := map[string]func(g *errgroup.Group, e *executor.Executor) error{
		"Wait": func(g *errgroup.Group, e *executor.Executor) error {
			sleep(g, e)
			return g.Wait()
		},
		"Group.Go": func(g *errgroup.Group, e *executor.Executor) error {
			g.SetLimit(1)
			sleep(g, e)
			g.Go(func() error { return nil })
			return g.Wait()
		},
		"Go": func(g *errgroup.Group, e *executor.Executor) error {
			g.SetLimit(1)
			sleep(g, e)
			rx := errgroup.Go(g, func() (int, error) { return 1, nil })
			_, err := rx.Recv()
			return err
		},
		"GoTask": func(g *errgroup.Group, e *executor.Executor) error {
			g.SetLimit(1)
			sleep(g, e)
			sleep(g, e)
			return g.Wait()
		},
	}
	for name, group := range groups {
		for where, run := range runs {
			for what, wait := range waits {
				t.Run(name+"/"+where+"/"+what, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						var beside atomic.Bool
						_, err := run(t.Context(), func(ctx context.Context) (int, error) {
							e := executor.FromContext(ctx)
							h := executor.Go(e, func(context.Context) (int, error) {
								beside.Store(true)
								return 0, nil
							})
							if err := wait(group(ctx), e); err != nil {
								return 0, err
							}
							if !beside.Load() {
								t.Error("the wait blocked the worker: the task beside it did not run")
							}
							return future.Await(ctx, h)
						})
						if err != nil {
							t.Error(err)
						}
					})
				})
			}
		}
	}
}

type tenantKey struct{}

func withContext(ctx context.Context) *errgroup.Group {
	g, _ := errgroup.WithContext(ctx)
	return g
}

// sleep adds a task to g that needs the worker.
func sleep(g *errgroup.Group, e *executor.Executor) {
	errgroup.GoTask(g, e, func(ctx context.Context) (int, error) {
		_, err := future.Await(ctx, future.After(time.Second))
		return 0, err
	})
}

// A goroutine that a task has started is not the task's own, and blocks.
func TestGoroutineOfTaskBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
			g, _ := errgroup.WithContext(ctx)
			g.SetLimit(1)
			g.Go(func() error { time.Sleep(time.Second); return nil })
			return future.Await(ctx, future.Go(func() (int, error) {
				g.Go(func() error { return nil })
				return 0, g.Wait()
			}))
		})
		if err != nil {
			t.Error(err)
		}
	})
}

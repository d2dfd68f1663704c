package executor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// spawn starts fn as a Runnable of l.
func (l *loop) spawn(t *testing.T, fn func(ctx context.Context) (int, error), opts ...executor.TaskOption) *executor.Handle[int] {
	r, h := executor.NewRunnableFunc(t.Context(), fn, l.schedule, opts...)
	r.Schedule()
	return h
}

// What a task of an executor does with its context, one of the kit does too.
func TestKitTasksHaveASpawner(t *testing.T) {
	boom := errors.New("boom")
	one := func(context.Context) (int, error) { return 1, nil }
	tests := []struct {
		name, reason string
		fn           func(ctx context.Context) (int, error)
		v            int
		err          error
	}{
		{"Scope", "it waits for its tasks", func(ctx context.Context) (sum int, err error) {
			err = executor.Scope(ctx, func(g *executor.TaskGroup) error {
				for range 3 {
					executor.Do(g, func(ctx context.Context) error {
						err := executor.Yield(ctx)
						sum++
						return err
					})
				}
				executor.Spawn(g, future.Ready(1))
				return nil
			})
			return sum, err
		}, 3, nil},
		{"Scope fails", "a failure cancels the others", func(ctx context.Context) (int, error) {
			return 0, executor.Scope(ctx, func(g *executor.TaskGroup) error {
				executor.Go(g, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
				executor.Spawn(g, future.Never[int]())
				executor.Go(g, func(context.Context) (int, error) { return 0, boom })
				return nil
			})
		}, 0, boom},
		{"scopes nest", "a child is a task of the kit too", func(ctx context.Context) (v int, err error) {
			err = executor.Scope(ctx, func(g *executor.TaskGroup) error {
				executor.Do(g, func(ctx context.Context) error {
					return executor.Scope(ctx, func(g *executor.TaskGroup) error {
						executor.Do(g, func(context.Context) error { v = 4; return nil })
						return nil
					})
				})
				return nil
			})
			return v, err
		}, 4, nil},
		{"Supervise", "all errors", func(ctx context.Context) (int, error) {
			err := executor.Supervise(ctx, func(g *executor.TaskGroup) error {
				executor.Go(g, func(context.Context) (int, error) { return 0, boom })
				return nil
			})
			if errors.Is(err, boom) {
				err = boom
			}
			return 0, err
		}, 0, boom},
		{"GoContext", "on the executor of the context", func(ctx context.Context) (int, error) {
			return future.Await(ctx, executor.GoContext(ctx, one))
		}, 1, nil},
		{"FromContext", "as in any task", func(ctx context.Context) (int, error) {
			e := executor.FromContext(ctx)
			a, b := executor.Go(e, one), executor.Spawn(e, future.Ready(2))
			vs, err := future.Await(ctx, future.All[int](a, b))
			return vs[0] + vs[1], err
		}, 3, nil},
		{"errgroup", "its Wait suspends the task", func(ctx context.Context) (int, error) {
			g, gctx := errgroup.WithContext(ctx)
			h := errgroup.GoTask(g, executor.FromContext(gctx), func(ctx context.Context) (int, error) { return 5, executor.Yield(ctx) })
			if err := g.Wait(); err != nil {
				return 0, err
			}
			return future.Await(ctx, h)
		}, 5, nil},
		{"woken from outside", "schedule is called for a child too", func(ctx context.Context) (int, error) {
			tx, rx := oneshot.New[int]()
			h := executor.Spawn(executor.FromContext(ctx), future.Map(rx, func(v int) (int, error) { return v + 1, nil }))
			_ = executor.Yield(ctx) // it waits now
			_ = tx.Send(6)
			return future.Await(ctx, h)
		}, 7, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			l := new(loop)
			h := l.spawn(t, tc.fn)
			waitFor(t, "its end", func() bool { l.run(); return h.Done() })
			if v, ready, err := h.Poll(nil); v != tc.v || !ready || err != tc.err {
				t.Errorf("%s: got %d, %v, %v; want %d, true, %v", tc.reason, v, ready, err, tc.v, tc.err)
			}
		})
	}
}

// The executor in the context of a kit task holds what the task starts there, and runs
// it with the author's schedule function. Its Close cancels that and waits for it.
func TestKitExecutor(t *testing.T) {
	l := new(loop)
	var e *executor.Executor
	var children []*executor.Handle[int]
	h := l.spawn(t, func(ctx context.Context) (int, error) {
		e = executor.FromContext(ctx)
		if again := executor.FromContext(ctx); again != e {
			t.Errorf("a second executor: %p, want %p", again, e)
		}
		if err := e.Close(); err != executor.ErrOwnTask {
			t.Errorf("Close by the task: got %v, want ErrOwnTask", err)
		}
		children = append(children,
			executor.Go(e, func(ctx context.Context) (int, error) {
				if err := e.Close(); err != executor.ErrOwnTask {
					t.Errorf("Close by a child: got %v, want ErrOwnTask", err)
				}
				if got := executor.FromContext(ctx); got != e {
					t.Errorf("the child's executor: %p, want the parent's, %p", got, e)
				}
				return never(ctx)
			}, executor.TaskName("child")),
			executor.Spawn(e, future.Never[int]()))
		executor.Spawn(e, future.Func(func(*future.Waker) (int, bool, error) {
			if err := e.Close(); err != executor.ErrOwnTask {
				t.Errorf("Close by the Poll of a child: got %v, want ErrOwnTask", err)
			}
			return 0, true, nil
		}), executor.OnTaskEnd(func(error) {
			if err := e.Close(); err != executor.ErrOwnTask {
				t.Errorf("Close at the end of a child: got %v, want ErrOwnTask", err)
			}
		}))
		return 1, nil
	}, executor.TaskName("parent"))
	l.run()
	if v, ready, err := h.Poll(nil); v != 1 || !ready || err != nil {
		t.Fatalf("the parent: got %d, %v, %v; want 1, true, nil", v, ready, err)
	}
	if s := e.Stats(); s.Live != 2 || s.Spawned != 3 || s.Workers != 0 {
		t.Errorf("stats: got %+v, want 3 tasks, 2 of them alive, and no workers", s)
	}
	ids := map[uint64]bool{}
	for task := range e.Tasks() {
		ids[task.ID] = true
		if task.State != executor.StateWaiting || task.ID == 0 {
			t.Errorf("task: got %+v, want one that waits and has an identity", task)
		}
	}
	if len(ids) != 2 {
		t.Errorf("tasks: got the identities %v, want two", slices.Collect(maps.Keys(ids)))
	}
	var dump strings.Builder
	if err := e.Dump(&dump); err != nil || !strings.Contains(dump.String(), `"child"`) || !strings.Contains(dump.String(), "executor parent") {
		t.Errorf("dump: got %q, %v", dump.String(), err)
	}
	closed := make(chan error)
	go func() { closed <- e.Close() }()
	waitFor(t, "the children to end", func() bool { l.run(); return children[0].Done() && children[1].Done() })
	if err := <-closed; err != nil {
		t.Errorf("Close: got %v, want nil", err)
	}
	for i, c := range children {
		if _, _, err := c.Poll(nil); err != executor.ErrClosed {
			t.Errorf("child %d: got %v, want ErrClosed", i, err)
		}
	}
	if _, _, err := executor.Spawn(e, future.Ready(1)).Poll(nil); err != executor.ErrRefused {
		t.Errorf("a task afterwards: got %v, want ErrRefused", err)
	}
}

// After the end of a kit task its context has no executor: nothing would run its tasks.
func TestKitTaskThatHasEnded(t *testing.T) {
	l := new(loop)
	var kept context.Context
	l.spawn(t, func(ctx context.Context) (int, error) { kept = ctx; return 1, nil })
	l.run()
	if e := executor.FromContext(kept); e != nil {
		t.Errorf("got %p, want nil", e)
	}
	if _, _, err := executor.GoContext(kept, never).Poll(nil); err != executor.ErrNoExecutor {
		t.Errorf("GoContext: got %v, want ErrNoExecutor", err)
	}
}

// A failure that no consumer takes is in the author's log, with name and identity; those
// of the tasks that a kit task starts too.
func TestKitFailuresAreLogged(t *testing.T) {
	log := new(logBuffer)
	l := new(loop)
	h := l.spawn(t, func(ctx context.Context) (int, error) {
		executor.Go(executor.FromContext(ctx), func(context.Context) (int, error) { return 0, errors.New("of the child") }, executor.TaskName("child")).Detach()
		return 0, errors.New("of the parent")
	}, executor.TaskName("parent"), executor.TaskLogger(slog.New(slog.NewTextHandler(log, nil))))
	h.Detach()
	l.run()
	for _, who := range []string{"parent", "child"} {
		if s := log.String(); !strings.Contains(s, fmt.Sprintf("task=%s error=\"of the %s\"", who, who)) || strings.Contains(s, "id=0") {
			t.Errorf("got the log %q, want the failure of the %s, and identities", s, who)
		}
	}
}

// TaskLogger and TaskContext count for tasks of an executor and for Runnables of futures.
func TestTaskOptionsOfEveryKind(t *testing.T) {
	e, elog := logged(executor.WithWorkers(1))
	log := new(logBuffer)
	executor.Spawn(e, future.Failed[int](errors.New("boom")), executor.TaskLogger(slog.New(slog.NewTextHandler(log, nil)))).Detach()
	_ = e.Close()
	if !strings.Contains(log.String(), "boom") || elog.String() != "" {
		t.Errorf("the task's log has %q, the executor's %q; want the failure in the former", log.String(), elog.String())
	}
	l := new(loop)
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	r, h := executor.NewRunnable(future.Never[int](), l.schedule, executor.TaskContext(ctx))
	r.Schedule()
	l.run()
	cancel(cause)
	waitFor(t, "the end", func() bool { l.run(); return h.Done() })
	if _, _, err := h.Poll(nil); err != cause {
		t.Errorf("a Runnable whose context has ended: got %v, want its cause", err)
	}
}

// schedule can tell a task that was woken while it ran from one that had waited.
func TestWokenWhileRunning(t *testing.T) {
	var got []bool
	l := new(loop)
	schedule := func(r *executor.Runnable) {
		got = append(got, r.WokenWhileRunning())
		l.schedule(r)
	}
	tx, rx := oneshot.New[int]()
	tx2, rx2 := oneshot.New[int]()
	r, _ := executor.NewRunnableFunc(t.Context(), func(ctx context.Context) (int, error) {
		_, _ = future.Await(ctx, rx)  // it had waited
		_ = executor.Yield(ctx)       // woken by itself
		_, _ = future.Await(ctx, rx2) // it had waited
		// The poll of the other task wakes it, and its end wakes this one.
		return future.Await(ctx, executor.Spawn(executor.FromContext(ctx), future.Func(yieldOnce())))
	}, schedule)
	r.Schedule()
	l.run()
	_ = tx.Send(1)
	l.run()
	_ = tx2.Send(1)
	l.run()
	want := []bool{false, false, true, false, false, true, false}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

package executor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// The same function starts tasks on an executor and in a group, whose Scope waits for
// them; so does a type that embeds one of the two.
func TestSpawnerIsAnExecutorOrAGroup(t *testing.T) {
	type service struct{ *executor.Executor }
	start := func(s executor.Spawner) (sum func(ctx context.Context) (int, error)) {
		a := executor.Go(s, func(context.Context) (int, error) { return 20, nil })
		b := executor.Spawn(s, future.Ready(22))
		c := executor.Do(s, func(context.Context) error { return nil })
		return func(ctx context.Context) (int, error) {
			vs, err := future.Await(ctx, future.All[int](a, b))
			_, err2 := future.Await(ctx, c)
			if err := errors.Join(err, err2); err != nil {
				return 0, err
			}
			return vs[0] + vs[1], nil
		}
	}
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	for _, s := range []executor.Spawner{e, service{e}} {
		if v, err := start(s)(t.Context()); v != 42 || err != nil {
			t.Errorf("on %T: got %d, %v, want 42, nil", s, v, err)
		}
	}
	err := inTask(t, func(ctx context.Context) error {
		var sum func(context.Context) (int, error)
		err := executor.Scope(ctx, func(g *executor.TaskGroup) error {
			sum = start(g)
			return nil
		})
		if v, err := sum(ctx); v != 42 || err != nil {
			t.Errorf("in a group: got %d, %v, want 42, nil", v, err)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Do's result is the function's error.
func TestDoGivesTheError(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	boom := errors.New("boom")
	if _, err := future.Await(t.Context(), executor.Do(e, func(context.Context) error { return boom })); err != boom {
		t.Errorf("got %v, want %v", err, boom)
	}
}

// A task of GoContext is on the executor of its context, and has what that has.
func TestGoContextDescendsFromItsContext(t *testing.T) {
	type key struct{}
	e := executor.New(executor.WithWorkers(1), executor.WithName("this"))
	defer e.Close()
	cause := errors.New("enough")
	_, err := future.Await(t.Context(), executor.Do(e, func(ctx context.Context) (err error) {
		pprof.Do(ctx, pprof.Labels("request", "7"), func(ctx context.Context) {
			ctx, stop := context.WithDeadline(context.WithValue(ctx, key{}, "value"), time.Now().Add(time.Hour))
			defer stop()
			ctx, cancel := context.WithCancelCause(ctx)
			until, _ := ctx.Deadline()
			_, err = future.Await(ctx, executor.GoContext(ctx, func(ctx context.Context) (int, error) {
				if v := ctx.Value(key{}); v != "value" {
					t.Errorf("value %v, want that of the context", v)
				}
				if d, _ := ctx.Deadline(); !d.Equal(until) {
					t.Errorf("deadline %v, want %v", d, until)
				}
				if got := executor.FromContext(ctx); got != e {
					t.Errorf("executor %v, want that of the context", got)
				}
				if v, _ := pprof.Label(ctx, "request"); v != "7" {
					t.Errorf("label %q in the context, want 7", v)
				}
				if s := labelsOfThis(t); !strings.Contains(s, `"request":"7"`) || !strings.Contains(s, `"executor":"this"`) {
					t.Errorf("labels of the goroutine: %s, want those of the context", s)
				}
				return 0, nil
			}))
			h := executor.GoContext(ctx, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
			cancel(cause)
			if _, herr := future.Await(context.WithoutCancel(ctx), h); herr != cause {
				t.Errorf("got %v once the context had ended, want its cause", herr)
			}
		})
		return err
	}))
	if err != nil {
		t.Error(err)
	}
}

// labelsOfThis returns the labels line of the profile of goroutines that has this test.
func labelsOfThis(t *testing.T) string {
	var b strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(b.String(), "\n\n") {
		if strings.Contains(block, "labelsOfThis") {
			lines := strings.Split(block, "\n")
			return lines[slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "# labels") || l == lines[len(lines)-1] })]
		}
	}
	return ""
}

// Outside a task there is no executor: the handle says so, and the task's hooks are told.
func TestGoContextOutsideATask(t *testing.T) {
	var told error
	h := executor.GoContext(t.Context(), func(context.Context) (int, error) {
		t.Error("the function runs")
		return 1, nil
	}, executor.OnTaskEnd(func(err error) { told = err }))
	if v, err := future.Await(t.Context(), h); v != 0 || err != executor.ErrNoExecutor || told != err {
		t.Errorf("got %d, %v, and the hook %v; want 0 and ErrNoExecutor", v, err, told)
	}
}

// A failure spares the siblings; all errors come out, in their order.
func TestSuperviseSparesTheSiblings(t *testing.T) {
	errA, errB, errFn := errors.New("a"), errors.New("b"), errors.New("fn")
	fails := func(err error) func(context.Context) (int, error) {
		return func(context.Context) (int, error) { return 0, err }
	}
	tests := []struct {
		name, reason string
		fn           func(g *executor.TaskGroup) error
		want         []error
	}{
		{"none fails", "there is nothing to say", func(*executor.TaskGroup) error { return nil }, nil},
		{"two fail", "each for itself", func(g *executor.TaskGroup) error {
			executor.Go(g, fails(errA))
			_ = executor.Yield(g.Context())
			executor.Go(g, fails(errB))
			return nil
		}, []error{errA, errB}},
		{"fn fails", "it is no different", func(g *executor.TaskGroup) error {
			executor.Go(g, fails(errA))
			_ = executor.Yield(g.Context())
			return errFn
		}, []error{errA, errFn}},
		{"fn returns a task's", "one failure is told once", func(g *executor.TaskGroup) error {
			h := executor.Go(g, fails(errA))
			_ = executor.Yield(g.Context())
			executor.Go(g, fails(errB))
			_ = executor.Yield(g.Context())
			_, err := future.Await(g.Context(), h)
			return err
		}, []error{errA, errB}},
		{"canceled", "that is no failure", func(g *executor.TaskGroup) error {
			executor.Go(g, func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			}).CancelCause(errA)
			return nil
		}, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			spared := false
			err := inTask(t, func(ctx context.Context) error {
				return executor.Supervise(ctx, func(g *executor.TaskGroup) error {
					executor.Go(g, func(ctx context.Context) (int, error) {
						for range 10 {
							if err := executor.Yield(ctx); err != nil {
								return 0, err
							}
						}
						spared = true
						return 0, nil
					})
					return tc.fn(g)
				})
			})
			if want := errors.Join(tc.want...); fmt.Sprint(err) != fmt.Sprint(want) || !spared {
				t.Errorf("%s: got %v, and the sibling ended by itself: %v; want %v, true", tc.reason, err, spared, want)
			}
			for _, w := range tc.want {
				if !errors.Is(err, w) {
					t.Errorf("%s: %v is not %v", tc.reason, err, w)
				}
			}
		})
	}
}

// The end of the context of Supervise cancels all tasks, which is one error.
func TestSuperviseEndsWithItsContext(t *testing.T) {
	cause := errors.New("enough")
	err := inTask(t, func(ctx context.Context) error {
		ctx, cancel := context.WithCancelCause(ctx)
		return executor.Supervise(ctx, func(g *executor.TaskGroup) error {
			for range 3 {
				executor.Go(g, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
			}
			_ = executor.Yield(ctx)
			cancel(cause)
			return nil
		})
	})
	if !errors.Is(err, cause) || err.Error() != cause.Error() {
		t.Errorf("got %q, want the cause, once", err)
	}
}

// A panic of a task spares the others and comes out in the end; one of fn cancels them.
func TestSupervisePanics(t *testing.T) {
	for _, inFn := range []bool{false, true} {
		var sibling error
		var recovered any
		_ = inTask(t, func(ctx context.Context) error {
			defer func() { recovered = recover() }()
			return executor.Supervise(ctx, func(g *executor.TaskGroup) error {
				executor.Go(g, func(ctx context.Context) (int, error) {
					_, sibling = future.Await(ctx, future.After(time.Millisecond))
					return 0, nil
				})
				_ = executor.Yield(ctx)
				if inFn {
					panic("boom")
				}
				executor.Go(g, func(context.Context) (int, error) { panic("boom") })
				return nil
			})
		})
		p, ok := recovered.(*future.PanicError)
		if !ok || p.Value != "boom" || (sibling != nil) != inFn {
			t.Errorf("in fn %v: recovered %v, the sibling ends with %v", inFn, recovered, sibling)
		}
	}
}

// A task for a scope that has ended is told so, and not that the executor is closed.
func TestTaskAfterItsScope(t *testing.T) {
	err := inTask(t, func(ctx context.Context) error {
		var g *executor.TaskGroup
		if err := executor.Scope(ctx, func(group *executor.TaskGroup) error { g = group; return nil }); err != nil {
			return err
		}
		_, err := future.Await(ctx, executor.Spawn(g, future.Ready(1)))
		return err
	})
	if err != executor.ErrScopeEnded || errors.Is(err, executor.ErrClosed) {
		t.Errorf("got %v, which is ErrClosed: %v; want ErrScopeEnded", err, errors.Is(err, executor.ErrClosed))
	}
}

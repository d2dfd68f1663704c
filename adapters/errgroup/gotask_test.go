package errgroup_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

func ExampleGoTask() {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()

	g, ctx := errgroup.WithContext(context.Background())
	quote := errgroup.GoTask(g, e, func(ctx context.Context) (int, error) {
		// Waiting, the task holds no worker.
		return future.Await(ctx, future.Map(future.After(time.Millisecond),
			func(struct{}) (int, error) { return 42, nil }))
	})
	check := errgroup.GoTask(g, e, func(ctx context.Context) (bool, error) { return true, nil })

	q, err := future.Await(ctx, quote)
	fmt.Println(q, err)
	fmt.Println(g.Wait())
	c, err := future.Await(context.Background(), check)
	fmt.Println(c, err)
	// Output:
	// 42 <nil>
	// <nil>
	// true <nil>
}

// At most a hundred of many jobs are tasks at a time: the loop waits for a place.
func ExampleGoTask_limit() {
	e := executor.New()
	defer e.Close()

	g, ctx := errgroup.WithContext(context.Background())
	g.SetLimit(100)
	var done atomic.Int32
	for range 10_000 {
		if ctx.Err() != nil {
			break // a job has failed: no further ones
		}
		errgroup.GoTask(g, e, func(ctx context.Context) (int, error) {
			done.Add(1)
			return 0, executor.Yield(ctx)
		})
	}
	fmt.Println(g.Wait(), done.Load())
	// Output: <nil> 10000
}

func ExampleGroup_WaitFuture() {
	g := new(errgroup.Group)
	g.Go(func() error { return errors.New("no luck") })
	// Wait with a limit, and without a goroutine that waits.
	_, err := future.Await(context.Background(), future.Timeout(g.WaitFuture(), time.Minute))
	fmt.Println(err)
	// Output: no luck
}

func ExampleGroup_TryGo() {
	g := new(errgroup.Group)
	g.SetLimit(1)
	hold := make(chan struct{})
	fmt.Println(g.TryGo(func() error { <-hold; return nil }))
	fmt.Println(g.TryGo(func() error { return nil })) // is not called: there is no place
	close(hold)
	fmt.Println(g.Wait())
	// Output:
	// true
	// false
	// <nil>
}

func ExampleTryGo() {
	g := new(errgroup.Group)
	g.SetLimit(1)
	hold := make(chan struct{})
	first, ok := errgroup.TryGo(g, func() (string, error) { <-hold; return "first", nil })
	fmt.Println(ok)
	_, ok = errgroup.TryGo(g, func() (string, error) { return "second", nil })
	fmt.Println(ok)
	close(hold)
	fmt.Println(first.Recv())
	// Output:
	// true
	// false
	// first <nil>
}

func newExecutor(t testing.TB, workers int) *executor.Executor {
	e := executor.New(executor.WithWorkers(workers))
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestGoTaskOutcomes(t *testing.T) {
	tests := []struct {
		name, reason string
		fn           func(ctx context.Context) (int, error)
		want         int
		err          func(error) bool
	}{
		{"value", "the usual case",
			func(context.Context) (int, error) { return 1, nil }, 1, func(err error) bool { return err == nil }},
		{"error", "fails the group",
			func(context.Context) (int, error) { return 1, errDoom }, 0, func(err error) bool { return err == errDoom }},
		{"panic", "somebody awaits the result",
			func(context.Context) (int, error) { panic(errDoom) }, 0, func(err error) bool {
				var p *future.PanicError
				return errors.As(err, &p) && errors.Is(err, errDoom)
			}},
		{"goexit", "a result that cannot come is an error",
			func(context.Context) (int, error) { runtime.Goexit(); return 1, nil }, 0,
			func(err error) bool { return err == future.ErrGoexit }},
	}
	for _, tc := range tests {
		for _, limit := range []int{-1, 1} {
			t.Run(fmt.Sprintf("%s/limit=%d", tc.name, limit), func(t *testing.T) {
				e := newExecutor(t, 1)
				g, ctx := errgroup.WithContext(t.Context())
				g.SetLimit(limit)
				h := errgroup.GoTask(g, e, tc.fn)
				werr := g.Wait()
				v, ready, err := h.Poll(nil)
				if !ready || err != werr {
					t.Errorf("%s: the handle has %v, %v; Wait %v", tc.reason, ready, err, werr)
				}
				if !tc.err(err) || err == nil && v != tc.want {
					t.Errorf("%s: %v, %v", tc.reason, v, err)
				}
				want := werr
				if want == nil {
					want = context.Canceled
				}
				if got := context.Cause(ctx); got != want {
					t.Errorf("%s: cause %v, want %v", tc.reason, got, want)
				}
				g.SetLimit(2) // panics if a place was not given back
			})
		}
	}
}

// A task that does not begin ends all the same.
func TestGoTaskOnClosedExecutor(t *testing.T) {
	e := executor.New()
	e.Close()
	var g errgroup.Group
	g.SetLimit(1)
	h := errgroup.GoTask(&g, e, func(context.Context) (int, error) { return 1, nil })
	if err := g.Wait(); err != executor.ErrRefused {
		t.Errorf("Wait: %v", err)
	}
	if _, err := future.Await(t.Context(), h); err != executor.ErrRefused {
		t.Errorf("the task: %v", err)
	}
}

// One failure reaches everybody: functions and tasks through the context, each
// receiver and handle through its own result, and nobody hangs.
func TestFailureReachesAll(t *testing.T) {
	e := newExecutor(t, 2)
	g, ctx := errgroup.WithContext(t.Context())
	var all []future.Future[int]
	for range 10 {
		all = append(all,
			errgroup.Go(g, func() (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) }),
			errgroup.GoTask(g, e, func(ctx context.Context) (int, error) {
				return future.Await(ctx, future.Never[int]())
			}))
	}
	late := errgroup.Go(g, func() (int, error) { <-ctx.Done(); return 1, nil })
	g.Go(func() error { return errDoom })
	if err := g.Wait(); err != errDoom {
		t.Errorf("Wait: %v", err)
	}
	for i, f := range all {
		if _, err := future.Await(t.Context(), f); err != errDoom {
			t.Errorf("%d: %v, want the group's failure", i, err)
		}
	}
	if v, err := late.TryRecv(); v != 1 || err != nil {
		t.Errorf("a result of its own, in spite of the failure: %v, %v", v, err)
	}
}

// The end of the context after a Wait without failure is nobody's failure.
func TestSuccessIsNotCancellation(t *testing.T) {
	e := newExecutor(t, 2)
	g, ctx := errgroup.WithContext(t.Context())
	rx := errgroup.Go(g, func() (int, error) { return 1, nil })
	h := errgroup.GoTask(g, e, func(context.Context) (int, error) { return 2, nil })
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if ctx.Err() == nil {
		t.Error("the context lives after Wait")
	}
	if v, err := future.Await(t.Context(), rx); v != 1 || err != nil {
		t.Errorf("receiver: %v, %v", v, err)
	}
	if v, err := future.Await(t.Context(), h); v != 2 || err != nil {
		t.Errorf("handle: %v, %v", v, err)
	}
}

// A task at the limit is suspended: its only worker runs the tasks that it waits
// for.
func TestTaskAtTheLimitIsSuspended(t *testing.T) {
	e := newExecutor(t, 1)
	top := executor.Go(e, func(ctx context.Context) (int, error) {
		g, _ := errgroup.WithContext(ctx)
		g.SetLimit(2)
		var n atomic.Int32
		for i := range 20 {
			switch i % 3 {
			case 0:
				errgroup.GoTask(g, e, func(ctx context.Context) (int, error) { n.Add(1); return 0, executor.Yield(ctx) })
			case 1:
				errgroup.Go(g, func() (int, error) { n.Add(1); return 0, nil })
			case 2:
				g.Go(func() error { n.Add(1); return nil })
			}
		}
		err := g.Wait()
		return int(n.Load()), err
	})
	if v, err := future.Await(t.Context(), top); v != 20 || err != nil {
		t.Errorf("%v, %v", v, err)
	}
}

// Tasks that add to their own group at its limit go on, and never more than limit
// are active.
func TestNestedAtTheLimit(t *testing.T) {
	for _, limit := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("limit=%d", limit), func(t *testing.T) {
			e := newExecutor(t, 1)
			var g errgroup.Group
			g.SetLimit(limit)
			var active, most, total atomic.Int32
			enter := func() {
				total.Add(1)
				if n := active.Add(1); n > most.Load() {
					most.Store(n)
				}
			}
			leaf := func() error { enter(); active.Add(-1); return nil }
			var task func(ctx context.Context, depth int) (int, error)
			task = func(ctx context.Context, depth int) (int, error) {
				enter()
				defer active.Add(-1)
				for _, add := range []func(){
					func() { g.Go(leaf) },
					func() { errgroup.Go(&g, func() (int, error) { return 0, leaf() }) },
					func() {
						if depth > 0 {
							errgroup.GoTask(&g, e, func(ctx context.Context) (int, error) { return task(ctx, depth-1) })
							errgroup.GoTask(&g, e, func(ctx context.Context) (int, error) { return task(ctx, depth-1) })
						}
					},
				} {
					active.Add(-1) // it is not active while it waits
					add()
					active.Add(1)
				}
				return 0, executor.Yield(ctx)
			}
			errgroup.GoTask(&g, e, func(ctx context.Context) (int, error) { return task(ctx, 4) })
			if err := g.Wait(); err != nil {
				t.Error(err)
			}
			if n := total.Load(); n != 31*3 {
				t.Errorf("%d calls, want %d", n, 31*3)
			}
			if n := most.Load(); int(n) > limit {
				t.Errorf("%d active at once", n)
			}
			g.SetLimit(limit + 1) // panics if a place was not given back
		})
	}
}

// Tasks that await what they have added to their own group keep their places
// meanwhile. Those that are awaited get one even so.
func TestNestedAtTheLimitWithResults(t *testing.T) {
	for _, limit := range []int{1, 2, 4} {
		for _, workers := range []int{1, 4} {
			t.Run(fmt.Sprintf("limit=%d/workers=%d", limit, workers), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := newExecutor(t, workers)
					var g errgroup.Group
					g.SetLimit(limit)
					var tree func(ctx context.Context, depth int) (int, error)
					tree = func(ctx context.Context, depth int) (int, error) {
						if depth == 0 {
							return 1, nil
						}
						sum := 0
						var parts []future.Future[int]
						for range 2 {
							parts = append(parts,
								errgroup.GoTask(&g, e, func(ctx context.Context) (int, error) { return tree(ctx, depth-1) }),
								errgroup.Go(&g, func() (int, error) { return 1, nil }))
						}
						for _, part := range parts {
							v, err := future.Await(ctx, part)
							if err != nil {
								return 0, err
							}
							sum += v
						}
						return sum, nil
					}
					var tops []future.Future[int]
					for range 3 {
						tops = append(tops, errgroup.GoTask(&g, e, func(ctx context.Context) (int, error) { return tree(ctx, 4) }))
					}
					if err := g.Wait(); err != nil {
						t.Error(err)
					}
					for _, top := range tops { // 1, 4, 10, 22, 46
						if v, err := future.Await(t.Context(), top); v != 46 || err != nil {
							t.Errorf("%v, %v, want 46", v, err)
						}
					}
				})
			})
		}
	}
}

// Waiting is by the clock of a bubble: nothing in it blocks otherwise.
func TestInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, ctx := errgroup.WithContext(t.Context())
		g.SetLimit(2)
		start := time.Now()
		for range 6 {
			g.Go(func() error { time.Sleep(time.Hour); return nil })
		}
		rx := errgroup.Go(g, func() (time.Duration, error) { return time.Since(start), nil })
		if _, err := future.Await(ctx, rx); err != nil {
			t.Error(err)
		}
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d != 3*time.Hour {
			t.Errorf("6 hours of work, 2 at a time, took %v", d)
		}
	})
}

// In a TaskGroup the context of a task has the values of the TaskGroup's, and ends
// with that of the errgroup too.
func TestGoTaskInTaskGroup(t *testing.T) {
	e := newExecutor(t, 1)
	top := executor.Go(e, func(ctx context.Context) (int, error) {
		ctx = context.WithValue(ctx, tenantKey{}, 7)
		var got any
		err := executor.Supervise(ctx, func(tasks *executor.TaskGroup) error {
			g, _ := errgroup.WithContext(ctx)
			g.SetLimit(2)
			errgroup.GoTask(g, tasks, func(ctx context.Context) (int, error) {
				got = ctx.Value(tenantKey{})
				return future.Await(ctx, future.Never[int]())
			})
			errgroup.GoTask(g, tasks, func(context.Context) (int, error) { return 0, errDoom })
			return g.Wait()
		})
		if !errors.Is(err, errDoom) {
			t.Errorf("got %v, want %v", err, errDoom)
		}
		if got != 7 {
			t.Errorf("the value of the context: got %v, want 7", got)
		}
		return 0, nil
	})
	if _, err := future.Await(t.Context(), top); err != nil {
		t.Error(err)
	}
}

// A value that embeds an executor is one: the context of a task has the group's values.
func TestGoTaskOnTypeThatEmbeds(t *testing.T) {
	type named struct{ *executor.Executor }
	e := newExecutor(t, 1)
	g, _ := errgroup.WithContext(context.WithValue(t.Context(), tenantKey{}, 7))
	h := errgroup.GoTask(g, named{e}, func(ctx context.Context) (any, error) { return ctx.Value(tenantKey{}), nil })
	if v, err := future.Await(t.Context(), h); v != 7 || err != nil {
		t.Errorf("the value of the context: got %v, %v, want 7, nil", v, err)
	}
	if err := g.Wait(); err != nil {
		t.Errorf("Wait: got %v, want nil", err)
	}
}

// A TaskGroup that takes no more tasks has refused: the group has failed, and Wait
// does not wait for what never began.
func TestGoTaskInEndedTaskGroup(t *testing.T) {
	_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
		var ended *executor.TaskGroup
		if err := executor.Scope(ctx, func(tasks *executor.TaskGroup) error { ended = tasks; return nil }); err != nil {
			return 0, err
		}
		var g errgroup.Group
		h := errgroup.GoTask(&g, ended, func(context.Context) (int, error) { return 1, nil })
		if err := g.Wait(); !errors.Is(err, executor.ErrScopeEnded) {
			t.Errorf("Wait: got %v, want %v", err, executor.ErrScopeEnded)
		}
		return future.Await(ctx, h)
	})
	if !errors.Is(err, executor.ErrScopeEnded) {
		t.Errorf("the handle: got %v, want %v", err, executor.ErrScopeEnded)
	}
}

// Tasks of a custom executor have groups, too: their own executor runs the tasks.
func TestGoTaskInKitTask(t *testing.T) {
	queue := make(chan *executor.Runnable, 100)
	r, h := executor.NewRunnableFunc(t.Context(), func(ctx context.Context) (int, error) {
		g, _ := errgroup.WithContext(ctx)
		g.SetLimit(1)
		sum := 0
		for i := range 3 {
			errgroup.GoTask(g, executor.FromContext(ctx), func(ctx context.Context) (int, error) {
				sum += i + 1
				return 0, executor.Yield(ctx)
			})
		}
		err := g.Wait()
		return sum, err
	}, func(r *executor.Runnable) { queue <- r })
	r.Schedule()
	for !h.Done() {
		(<-queue).Run()
	}
	if v, err := future.Await(t.Context(), h); v != 6 || err != nil {
		t.Errorf("got %v, %v, want 6, nil", v, err)
	}
}

// The limit bounds what is queued, for a producer that is a task, which is suspended, and
// for one that is a goroutine, which blocks. When the group's context ends a producer that
// waits goes on as soon as a task of the group has ended, and knows by the context.
func TestLimitBoundsWhatIsQueued(t *testing.T) {
	const limit, jobs = 8, 1000
	for _, cancels := range []bool{false, true} {
		for _, inTask := range []bool{false, true} {
			t.Run(fmt.Sprintf("canceled=%v/in a task=%v", cancels, inTask), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := newExecutor(t, 1)
					parent, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					started := 0
					produce := func() error {
						g, ctx := errgroup.WithContext(parent)
						g.SetLimit(limit)
						for range jobs {
							if ctx.Err() != nil {
								break
							}
							errgroup.GoTask(g, e, func(ctx context.Context) (struct{}, error) {
								return future.Await(ctx, future.After(time.Second))
							})
							started++
							if live := e.Stats().Live; live > limit+1 { // the producer may be one
								t.Errorf("%d tasks live, want at most %d", live, limit+1)
							}
						}
						return g.Wait()
					}
					result := make(chan error, 1)
					if inTask {
						executor.Do(e, func(context.Context) error { result <- produce(); return nil })
					} else {
						go func() { result <- produce() }()
					}
					synctest.Wait()
					if started != limit {
						t.Fatalf("%d tasks were started before any has ended, want %d", started, limit)
					}
					// The only worker is free.
					if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
						t.Error(err)
					}
					wantErr, want := error(nil), jobs
					if cancels {
						cancel(errDoom)
						wantErr, want = errDoom, limit+1 // the one that waited for a place starts
					}
					if err := <-result; err != wantErr || started != want {
						t.Errorf("got %v and %d tasks, want %v and %d", err, started, wantErr, want)
					}
				})
			})
		}
	}
}

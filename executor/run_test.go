package executor_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// Tasks of Run share what they like without locks: here a counter, a slice and a
// map, which the race detector watches. They also wait for goroutines outside.
func TestRunSharesWithoutLocks(t *testing.T) {
	const tasks, turns = 50, 20
	count, seen, order := 0, map[int]int{}, []int(nil)
	v, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
		e := executor.FromContext(ctx)
		var fs []future.Future[int]
		for i := range tasks {
			if i%2 == 0 {
				fs = append(fs, executor.Go(e, func(ctx context.Context) (int, error) {
					for turn := range turns {
						count++
						seen[i]++
						order = append(order, i)
						var f future.Future[int] = future.Ready(0)
						switch turn % 3 {
						case 1:
							f = future.Go(func() (int, error) { return 0, nil }) // wakes from outside
						case 2:
							f = later(ctx, 0)
						}
						if _, err := future.Await(ctx, f); err != nil {
							return 0, err
						}
						if err := executor.Yield(ctx); err != nil {
							return 0, err
						}
					}
					return 1, nil
				}))
				continue
			}
			fs = append(fs, executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
				count++
				seen[i]++
				order = append(order, i)
				if seen[i] == turns {
					return 1, true, nil
				}
				if seen[i]%2 == 0 {
					go w.Wake()
				} else {
					w.Wake()
				}
				return 0, false, nil
			})))
		}
		vs, err := future.Await(ctx, future.All(fs...))
		return len(vs), err
	})
	if v != tasks || err != nil || count != tasks*turns || len(order) != count || len(seen) != tasks {
		t.Errorf("%d, %v: counted %d turns, noted %d, of %d tasks", v, err, count, len(order), len(seen))
	}
}

// What Run returns, and what becomes of the tasks that are left.
func TestRunEnds(t *testing.T) {
	var panicked *future.PanicError
	tests := []struct {
		name, reason string
		fn           func(ctx context.Context) (int, error)
		want         func(v int, err error) bool
		left         error // the result of a task that was left waiting
	}{
		{"value", "tasks that are left are cancelled",
			func(context.Context) (int, error) { return 7, nil },
			func(v int, err error) bool { return v == 7 && err == nil }, executor.ErrClosed},
		{"error", "the function's own",
			func(context.Context) (int, error) { return 7, errCause },
			func(v int, err error) bool { return err == errCause }, executor.ErrClosed},
		{"panic", "is an error, as in any task",
			func(context.Context) (int, error) { panic("boo") },
			func(_ int, err error) bool { return errors.As(err, &panicked) && panicked.Value == "boo" }, executor.ErrClosed},
		{"goexit", "the caller's goroutine is not the task's",
			func(context.Context) (int, error) { runtime.Goexit(); return 0, nil },
			func(_ int, err error) bool { return err == future.ErrGoexit }, executor.ErrClosed},
		{"context", "its end is the end of the function's",
			func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) },
			func(_ int, err error) bool { return err == errCause }, executor.ErrClosed},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Hour, func() { cancel(errCause) })
				var left *executor.Handle[int]
				var e *executor.Executor
				cleaned := false
				v, err := executor.Run(ctx, func(ctx context.Context) (int, error) {
					e = executor.FromContext(ctx)
					left = executor.Go(e, func(ctx context.Context) (int, error) {
						defer func() {
							_, err := future.Await(context.WithoutCancel(ctx), future.After(time.Minute))
							cleaned = err == nil
						}()
						return future.Await(ctx, future.Never[int]())
					})
					if err := executor.Yield(ctx); err != nil {
						return 0, err
					}
					return tc.fn(ctx)
				})
				if !tc.want(v, err) {
					t.Errorf("%s: %d, %v", tc.reason, v, err)
				}
				if _, ready, err := left.Poll(nil); !ready || err != tc.left || !cleaned {
					t.Errorf("what was left: ready %v, %v, cleaned %v", ready, err, cleaned)
				}
				if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != executor.ErrRefused {
					t.Errorf("a task for an executor that is over: %v", err)
				}
				if err := e.Close(); err != nil {
					t.Error(err)
				}
				cancel(nil)
			})
		})
	}
}

// Run within a task is a world of its own; the task's context works in it.
func TestRunNested(t *testing.T) {
	e := executor.New(executor.WithWorkers(2))
	defer e.Close()
	outer := executor.Go(e, func(ctx context.Context) (int, error) {
		return executor.Run(ctx, func(ctx context.Context) (int, error) {
			inner := executor.FromContext(ctx)
			if inner == e {
				return 0, errors.New("the same executor")
			}
			a := executor.Go(inner, func(ctx context.Context) (int, error) { return 1, executor.Yield(ctx) })
			b := executor.Go(e, func(ctx context.Context) (int, error) { return 2, executor.Yield(ctx) })
			return future.Await(ctx, future.Map(future.All[int](a, b), func(vs []int) (int, error) { return vs[0] + vs[1], nil }))
		})
	})
	if v, err := future.Await(t.Context(), outer); v != 3 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
	never := executor.Go(e, func(ctx context.Context) (int, error) {
		return executor.Run(ctx, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
	})
	never.CancelCause(errCause)
	if _, err := future.Await(t.Context(), never); err != errCause {
		t.Errorf("cancelled: %v", err)
	}
}

// A future that exits takes Run's goroutine with it, after the rest has unwound.
func TestRunGoexitOfFuture(t *testing.T) {
	unwound, exited := false, make(chan bool)
	go func() {
		defer close(exited)
		_, _ = executor.Run(t.Context(), func(ctx context.Context) (int, error) {
			executor.Spawn(executor.FromContext(ctx), future.Func(func(*future.Waker) (int, bool, error) {
				runtime.Goexit()
				return 0, true, nil
			}))
			_, err := future.Await(ctx, future.Never[int]())
			unwound = err == future.ErrGoexit
			return 0, err
		})
		t.Error("Run returned")
	}()
	<-exited
	if !unwound {
		t.Error("the function has not unwound")
	}
}

// A task whose futures are always ready lets the others run all the same.
func TestBudget(t *testing.T) {
	v, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
		tx, rx := oneshot.New[int]()
		executor.Go(executor.FromContext(ctx), func(context.Context) (int, error) { return 0, tx.Send(1) })
		for n := 1; ; n++ {
			if _, err := future.Await(ctx, future.Ready(1)); err != nil || rx.HasMessage() {
				return n, err
			}
		}
	})
	if err != nil || v > 200 {
		t.Errorf("%d awaits before another task ran, %v", v, err)
	}
}

// Tasks that keep waking themselves, and pairs that keep waking each other, starve
// neither tasks in the same queue nor those that come from outside.
func TestFairness(t *testing.T) {
	tests := []struct {
		name, reason string
		greedy       func(e *executor.Executor, over *bool)
	}{
		{"yield", "it goes to the back", func(e *executor.Executor, over *bool) {
			executor.Go(e, func(ctx context.Context) (int, error) {
				for !*over && executor.Yield(ctx) == nil {
				}
				return 0, nil
			})
		}},
		{"self-waking", "it goes to the back", func(e *executor.Executor, over *bool) {
			executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
				w.Wake()
				return 0, *over, nil
			}))
		}},
		{"pair", "the next-slot has a limit", func(e *executor.Executor, over *bool) {
			var wakers [2]*future.Waker
			for i := range wakers {
				executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
					wakers[i] = w
					wakers[1-i].Wake()
					return 0, *over, nil
				}))
			}
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
				e, over := executor.FromContext(ctx), false
				tc.greedy(e, &over)
				// What is awaited is resolved from the inside and from outside, and spawned outside.
				for range 20 {
					if _, err := future.Await(ctx, later(ctx, 1)); err != nil {
						return 0, err
					}
					if _, err := future.Await(ctx, future.Go(func() (int, error) { return 1, nil })); err != nil {
						return 0, err
					}
					if _, err := future.Await(ctx, future.Go(func() (int, error) {
						return future.Await(ctx, executor.Spawn(e, future.Ready(1)))
					})); err != nil {
						return 0, err
					}
				}
				over = true
				return 0, nil
			})
			if err != nil {
				t.Errorf("%s: %v", tc.reason, err)
			}
		})
	}
}

// What is woken from outside does not wait behind the tasks that are queued, and
// a stream of it does not keep these from running.
func TestFromOutside(t *testing.T) {
	const n = 10
	got, err := executor.Run(t.Context(), func(ctx context.Context) (order []string, _ error) {
		e := executor.FromContext(ctx)
		var senders []*oneshot.Sender[int]
		// next wakes the next of n tasks, from outside, before it returns.
		next := func() {
			if len(senders) > 0 {
				done := make(chan struct{})
				go func(tx *oneshot.Sender[int]) {
					_ = tx.Send(1)
					close(done)
				}(senders[0])
				senders = senders[1:]
				<-done
			}
		}
		var hs []future.Future[int]
		add := func(h future.Future[int]) { hs = append(hs, h) }
		for range n {
			tx, rx := oneshot.New[int]()
			senders = append(senders, tx)
			add(executor.Go(e, func(ctx context.Context) (int, error) {
				_, err := future.Await(ctx, rx)
				order = append(order, "outside")
				next()
				return 0, err
			}))
		}
		if err := executor.Yield(ctx); err != nil { // until they wait
			return nil, err
		}
		for range n {
			add(executor.Go(e, func(context.Context) (int, error) {
				order = append(order, "own")
				return 0, nil
			}))
		}
		next()
		_, err := future.Await(ctx, future.All(hs...))
		return order, err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, who := range got {
		if want := []string{"outside", "own"}[i%2]; who != want {
			t.Fatalf("they ran in the order %v", got)
		}
	}
	if len(got) != 2*n {
		t.Errorf("%d of %d ran", len(got), 2*n)
	}
}

// Several tasks that come from outside each wait for some of the worker's own, and
// not for all of those once more. In a bubble the worker never counts as stuck, however
// busy the machine is.
func TestManyFromOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const own, outside = 1000, 16
		var waited []int
		_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
			e := executor.FromContext(ctx)
			polls, over := 0, false
			for range own {
				executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
					polls++
					w.Wake()
					return 0, over, nil
				}))
			}
			hs := make([]future.Future[int], outside)
			var others sync.WaitGroup
			others.Go(func() {
				for i := range hs {
					hs[i] = executor.Spawn(e, future.Lazy(func() future.Future[int] {
						waited = append(waited, polls)
						return future.Ready(1)
					}))
				}
			})
			others.Wait()
			_, err := future.Await(ctx, future.All(hs...))
			over = true
			return 0, err
		})
		if err != nil || len(waited) != outside {
			t.Fatalf("got %d tasks from outside and %v, want %d", len(waited), err, outside)
		}
		for i, n := range waited {
			if n > 8*(i+1) {
				t.Fatalf("the tasks from outside waited for %v polls of others, want at most 8 more each", waited)
			}
		}
	})
}

// Tasks that come from outside while Run ends are refused, or cancelled with the rest.
func TestSpawnBesideRun(t *testing.T) {
	for range 5 {
		over := make(chan error, 1)
		go func() {
			_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
				e, many := executor.FromContext(ctx), make(chan bool)
				go func() {
					told := executor.OnTaskEnd(func(error) {}) // that one is refused is no failure
					for n := 0; !executor.Spawn(e, future.Never[int](), told).Done(); n++ {
						if n == 1000 {
							close(many)
						}
					}
				}()
				<-many
				return 1, nil
			})
			over <- err
		}()
		select {
		case err := <-over:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("Run waits for a task that nobody has cancelled")
		}
	}
}

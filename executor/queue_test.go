package executor_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// outside calls f on a goroutine that runs no task, and waits for it.
func outside(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// inside calls f.
func inside(f func()) { f() }

// Tasks that wait are woken or canceled once many others have been spawned and have not
// begun: at most a few of those begin before the last one that was woken goes on.
func TestWokenTaskGoesBeforeUnbegun(t *testing.T) {
	const waiting, unbegun = 10, 10_000
	type tasks struct {
		senders []*oneshot.Sender[int]
		handles []*executor.Handle[int]
	}
	executors := []struct {
		name string
		run  func(ctx context.Context, fn func(ctx context.Context) (int, error)) (int, error)
	}{
		{"New", runOn(func() *executor.Executor {
			return executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
		})},
		{"WithRunner", runOn(func() *executor.Executor {
			return executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0), executor.WithRunner(goRunner{}))
		})},
		{"Run", executor.Run[int]},
	}
	wakes := []struct {
		name string
		do   func(ts tasks)
	}{
		{"sent", func(ts tasks) {
			for _, tx := range ts.senders {
				_ = tx.Send(1)
			}
		}},
		{"canceled", func(ts tasks) {
			for _, h := range ts.handles {
				h.CancelCause(errCause)
			}
		}},
	}
	sides := []struct {
		name string
		do   func(func())
	}{{"outside", outside}, {"inside", inside}}
	for _, ex := range executors {
		for _, wake := range wakes {
			for _, spawner := range sides {
				for _, waker := range sides {
					t.Run(ex.name+"/"+wake.name+" "+waker.name+"/spawned "+spawner.name, func(t *testing.T) {
						var begun, before atomic.Int32 // a canceled task may unwind beside a worker on a Runner
						_, err := ex.run(t.Context(), func(ctx context.Context) (int, error) {
							e := executor.FromContext(ctx)
							var ts tasks
							for range waiting {
								tx, rx := oneshot.New[int]()
								ts.senders = append(ts.senders, tx)
								ts.handles = append(ts.handles, executor.Go(e, func(ctx context.Context) (int, error) {
									_, _ = future.Await(ctx, rx)
									before.Store(begun.Load())
									return 1, nil
								}))
							}
							_ = executor.Yield(ctx) // until they wait
							all := make([]future.Future[int], unbegun)
							spawner.do(func() {
								for i := range all {
									all[i] = executor.Go(e, func(context.Context) (int, error) { begun.Add(1); return 1, nil })
								}
							})
							waker.do(func() { wake.do(ts) })
							if s := e.Stats(); s.Queued != waiting+unbegun {
								t.Errorf("Queued is %d, want %d", s.Queued, waiting+unbegun)
							}
							_, err := future.Await(ctx, future.All(all...))
							return 0, err
						})
						if err != nil || begun.Load() != unbegun {
							t.Fatalf("%d of %d began, %v", begun.Load(), unbegun, err)
						}
						if ex.name == "WithRunner" && wake.name == "canceled" {
							return // they unwind on a goroutine of their own, beside the worker: in no order
						}
						// From outside and from inside tasks are taken in turns.
						if n := before.Load(); n > waiting+1 {
							t.Errorf("%d tasks began before the last of %d that were woken went on, want at most %d",
								n, waiting, waiting+1)
						}
					})
				}
			}
		}
	}
}

// runOn is like executor.Run on an executor that is made for the call.
func runOn(newExecutor func() *executor.Executor) func(context.Context, func(context.Context) (int, error)) (int, error) {
	return func(ctx context.Context, fn func(ctx context.Context) (int, error)) (int, error) {
		e := newExecutor()
		defer e.Close()
		return future.Await(ctx, executor.Go(e, fn))
	}
}

// A timer that is due while all workers run tasks that have just begun: the task that
// awaits it goes on next.
func TestDueTimerGoesBeforeUnbegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
		defer e.Close()
		woken := executor.Go(e, func(ctx context.Context) (time.Duration, error) {
			began := time.Now()
			_, err := future.Await(ctx, future.After(10*time.Second))
			return time.Since(began), err
		})
		synctest.Wait()
		for range 1000 {
			executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Second); return 1, nil })
		}
		if took, err := future.Await(t.Context(), woken); err != nil || took > 12*time.Second {
			t.Errorf("a timer of 10 s took %v, %v, want at most the 2 tasks of 1 s more", took, err)
		}
	})
}

// Tasks that have not begun are not starved by tasks that wake each other without end.
func TestUnbegunTaskIsNotStarved(t *testing.T) {
	const unbegun = 20
	for _, side := range []struct {
		name string
		do   func(func())
	}{{"outside", outside}, {"inside", inside}} {
		t.Run("spawned "+side.name, func(t *testing.T) {
			var began []int // after how many polls of the others
			_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
				e := executor.FromContext(ctx)
				polls, over := 0, false
				// A ring with several tokens: there is always a task that was woken.
				const size, tokens = 10, 4
				ring := make([]*future.Waker, size)
				for i := range ring {
					executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
						if ring[i] == nil {
							ring[i] = w
							return 0, false, nil
						}
						polls++
						ring[(i+1)%size].Wake()
						return 1, over, nil
					}))
				}
				_ = executor.Yield(ctx) // until they wait
				all := make([]future.Future[int], unbegun)
				side.do(func() {
					for i := range all {
						all[i] = executor.Spawn(e, future.Lazy(func() future.Future[int] {
							began = append(began, polls)
							return future.Ready(1)
						}))
					}
				})
				for i := range tokens {
					ring[i*size/tokens].Wake()
				}
				_, err := future.Await(ctx, future.All(all...))
				over = true
				return 0, err
			})
			if err != nil || len(began) != unbegun {
				t.Fatalf("%d of %d began, %v", len(began), unbegun, err)
			}
			for i, n := range began {
				if n > 16*(i+1) {
					t.Fatalf("the tasks began after %v polls of the others, want at most 16 more each", began)
				}
			}
		})
	}
}

// Tasks that a task spawns begin in the order in which they were spawned, but for the last
// one, which is next, also while tasks that have begun are woken.
func TestUnbegunTasksBeginInOrder(t *testing.T) {
	const n = 1000
	var order []int
	_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
		all := make([]future.Future[int], n)
		for i := range all {
			all[i] = executor.Go(executor.FromContext(ctx), func(ctx context.Context) (int, error) {
				order = append(order, i)
				return 1, executor.Yield(ctx)
			})
		}
		_, err := future.Await(ctx, future.All(all...))
		return 1, err
	})
	if err != nil || len(order) != n || order[0] != n-1 || !slices.IsSorted(order[1:]) {
		t.Errorf("they began in the order %v, %v", order, err)
	}
}

// Yield lets the tasks run that have not begun, but not all of very many.
func TestYieldLetsUnbegunRun(t *testing.T) {
	for _, tc := range []struct{ spawned, least, most int }{
		{1, 1, 1},
		{50, 50, 50},
		{10_000, 50, 100},
	} {
		synctest.Test(t, func(t *testing.T) { // time stands still: no look of the watch finds the task running
			began := 0
			_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
				for range tc.spawned {
					executor.Go(executor.FromContext(ctx), func(context.Context) (int, error) { began++; return 1, nil })
				}
				err := executor.Yield(ctx)
				return 1, err
			})
			if err != nil || began < tc.least || began > tc.most {
				t.Errorf("of %d tasks %d had begun when Yield returned, want %d to %d; %v", tc.spawned, began, tc.least, tc.most, err)
			}
		})
	}
}

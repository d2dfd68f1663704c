package executor_test

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A task that makes another one runnable and then does not come back does not keep it
// waiting while a worker is idle, without a stall watch too.
func TestIdleWorkerTakesFromBusySlot(t *testing.T) {
	// starts makes a task runnable that closes done.
	spawn := func(e *executor.Executor, done chan struct{}) (makeRunnable func()) {
		return func() {
			executor.Go(e, func(context.Context) (int, error) { close(done); return 0, nil })
		}
	}
	wake := func(e *executor.Executor, done chan struct{}) (makeRunnable func()) {
		tx, rx := oneshot.New[int]()
		executor.Spawn(e, future.Map(rx, func(int) (int, error) { close(done); return 0, nil }))
		return func() { _ = tx.Send(1) }
	}
	block := func(done chan struct{}) { <-done }
	spin := func(done chan struct{}) {
		for {
			select {
			case <-done:
				return
			default:
				runtime.Gosched()
			}
		}
	}
	for _, tc := range []struct {
		name  string
		start func(e *executor.Executor, done chan struct{}) func()
		wait  func(done chan struct{})
		opts  []executor.Option
		procs int
	}{
		{"spawns and blocks", spawn, block, nil, 2},
		{"wakes and blocks", wake, block, nil, 2},
		{"spawns and computes", spawn, spin, nil, 2},
		{"wakes and computes", wake, spin, nil, 2},
		{"on one processor", spawn, block, nil, 1},
		{"on a Runner", spawn, block, []executor.Option{executor.WithRunner(goRunner{})}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(tc.procs))
			opts := append([]executor.Option{executor.WithWorkers(4), executor.WithStallThreshold(0)}, tc.opts...)
			e := executor.New(opts...)
			defer e.Close()
			for range 20 {
				done := make(chan struct{})
				start := tc.start(e, done)
				h := executor.Go(e, func(context.Context) (int, error) {
					start()
					tc.wait(done)
					return 0, nil
				})
				if _, err := future.Await(t.Context(), future.Timeout(h, 20*time.Second)); err != nil {
					t.Fatalf("%v: %+v", err, e.Stats())
				}
			}
		})
	}
}

// The worker that could take the task comes to rest only after the task has been left
// in the slot: it looks for it.
func TestRestingWorkerFindsBusySlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(0))
		defer e.Close()
		began := time.Now()
		var begun time.Duration
		executor.Go(e, func(context.Context) (int, error) {
			time.Sleep(time.Minute)
			return 0, nil
		})
		executor.Go(e, func(context.Context) (int, error) {
			time.Sleep(time.Second) // until the other one sleeps
			executor.Go(e, func(context.Context) (int, error) { begun = time.Since(began); return 0, nil })
			time.Sleep(time.Hour)
			return 0, nil
		})
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if begun < time.Minute || begun > time.Minute+2*time.Millisecond {
			t.Errorf("the task began after %v, want 1m0s, when a worker became idle", begun)
		}
	})
}

// Where no worker is idle nothing looks at the slots, and where one is, no longer than
// a slot is full: a bubble's clock does not run through looks.
func TestSlotWatchRests(t *testing.T) {
	for _, workers := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			e := executor.New(executor.WithWorkers(workers), executor.WithStallThreshold(0))
			defer e.Close()
			h := executor.Go(e, func(ctx context.Context) (time.Duration, error) {
				began := time.Now()
				for range 10_000 {
					if _, err := future.Await(ctx, executor.Spawn(e, future.Ready(1))); err != nil {
						return 0, err
					}
				}
				return time.Since(began), nil
			})
			if took, err := future.Await(t.Context(), h); took != 0 || err != nil {
				t.Errorf("%d workers: the bubble's clock went on by %v, want 0; %v", workers, took, err)
			}
			time.Sleep(10 * time.Millisecond)
			if executor.WatchingSlots(e) {
				t.Errorf("%d workers: a look at the slots is to come, though all are empty", workers)
			}
			executor.Go(e, func(context.Context) (int, error) {
				executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Hour); return 1, nil })
				executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Hour); return 1, nil })
				time.Sleep(time.Hour)
				return 1, nil
			})
			time.Sleep(time.Minute)
			if executor.WatchingSlots(e) {
				t.Errorf("%d workers: a look at the slots is to come, though no worker is idle", workers)
			}
		})
	}
}

// Close stops a look that is to come.
func TestCloseStopsSlotWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		for range 10 {
			e := executor.New(executor.WithWorkers(2))
			if _, err := future.Await(t.Context(), executor.Go(e, func(ctx context.Context) (int, error) {
				return future.Await(ctx, executor.Spawn(e, future.Ready(1)))
			})); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if !executor.WatchingSlots(e) {
				t.Error("no look is to come after a push beside an idle worker")
			}
			_ = e.Close()
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("Close waited %v for a timer, want 0", took)
		}
	})
}

// A child begins soon after its parent has spawned it and computes, also if the
// executor was lively before.
func TestChildBeginsBesideBusyParent(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))))
	e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(0))
	defer e.Close()
	var took []time.Duration
	for i := range 30 {
		h := executor.Go(e, func(ctx context.Context) (time.Duration, error) {
			for range i % 3 * 100 {
				_, _ = future.Await(ctx, executor.Spawn(e, future.Ready(1)))
			}
			var begun atomic.Bool
			var at time.Duration
			began := time.Now()
			child := executor.Go(e, func(context.Context) (int, error) {
				at = time.Since(began)
				begun.Store(true)
				return 1, nil
			})
			compute(&begun)
			_, err := future.Await(ctx, child)
			return at, err
		})
		d, err := future.Await(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		took = append(took, d)
	}
	slices.Sort(took)
	t.Logf("the child began after %v, %v and %v (least, median, most)", took[0], took[len(took)/2], took[len(took)-1])
	// The bar is 1 ms on a machine of its own (BenchmarkChildBesideBusyParent).
	if median := took[len(took)/2]; median > 20*time.Millisecond {
		t.Errorf("the child began after %v in the median, want about 1 ms", median)
	}
}

// However long the workers made progress, so that looks at the slots became rare, a task
// beside a worker that then blocks begins within 8 ms, and the next one within 1 ms.
func TestLooksStayFrequentEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(0))
		defer e.Close()
		h := executor.Go(e, func(ctx context.Context) ([]time.Duration, error) {
			for range 1000 {
				child := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
				if _, err := future.Await(ctx, future.Join2(child, future.After(time.Millisecond))); err != nil {
					return nil, err
				}
			}
			var waits []time.Duration
			for range 3 {
				pushed := time.Now()
				began := executor.Go(e, func(context.Context) (time.Duration, error) { return time.Since(pushed), nil })
				time.Sleep(time.Minute) // keeps the worker
				d, err := future.Await(ctx, began)
				if err != nil {
					return nil, err
				}
				waits = append(waits, d)
			}
			return waits, nil
		})
		waits, err := future.Await(t.Context(), h)
		if err != nil || len(waits) != 3 {
			t.Fatalf("got %v, %v", waits, err)
		}
		for i, d := range waits {
			if most := []time.Duration{8, 1, 1}[i] * time.Millisecond; d > most {
				t.Errorf("task %d began after %v, want %v at most", i+1, d, most)
			}
		}
	})
}

package executor_test

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// BenchmarkChildBesideBusyParent starts a child, computes for 8 ms without coming back, and
// awaits the child, which computes as long: as tasks of two workers and as goroutines, on two
// processors. begins-ns is the median time until the child begins. In the lively row the
// parent has just started and awaited a hundred others.
func BenchmarkChildBesideBusyParent(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	work := func(n int) uint32 {
		x := uint32(1)
		for range n {
			x = x*1664525 + 1013904223
		}
		return x
	}
	n, took := 1000, time.Duration(0)
	for ; took < 8*time.Millisecond; n += n / 8 {
		began := time.Now()
		sink.Store(work(n))
		took = time.Since(began)
	}
	// family runs a parent, which gets a way to start a child and one to await it.
	measure := func(b *testing.B, family func(child func(), parent func(start, await func()))) {
		var begins []time.Duration
		for b.Loop() {
			var spawned time.Time
			var after atomic.Int64
			family(func() {
				after.Store(int64(time.Since(spawned)))
				sink.Store(work(n))
			}, func(start, await func()) {
				spawned = time.Now()
				start()
				sink.Store(work(n))
				await()
			})
			begins = append(begins, time.Duration(after.Load()))
		}
		slices.Sort(begins)
		b.ReportMetric(float64(begins[len(begins)/2]), "begins-ns")
	}
	tasks := func(lively int) func(b *testing.B) {
		return func(b *testing.B) {
			e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(0))
			defer e.Close()
			measure(b, func(child func(), parent func(start, await func())) {
				h := executor.Go(e, func(ctx context.Context) (int, error) {
					for range lively {
						_, _ = future.Await(ctx, executor.Spawn(e, future.Ready(1)))
					}
					var h *executor.Handle[int]
					parent(func() {
						h = executor.Go(e, func(context.Context) (int, error) { child(); return 1, nil })
					}, func() { _, _ = future.Await(ctx, h) })
					return 1, nil
				})
				_, _ = future.Await(context.Background(), h)
			})
		}
	}
	b.Run("task", tasks(0))
	b.Run("task-lively", tasks(100))
	b.Run("goroutine", func(b *testing.B) {
		measure(b, func(child func(), parent func(start, await func())) {
			done := make(chan bool)
			go func() {
				ended := make(chan bool, 1)
				parent(func() { go func() { child(); ended <- true }() }, func() { <-ended })
				close(done)
			}()
			<-done
		})
	})
}

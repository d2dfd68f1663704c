package bench

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

// BenchmarkWakeLatency measures how long a wake takes to reach who waits, when
// it comes from a goroutine outside: p50-ns and p99-ns.
func BenchmarkWakeLatency(b *testing.B) {
	for _, load := range []bool{false, true} {
		name := "idle"
		if load {
			name = "load"
		}
		b.Run("machine="+name, func(b *testing.B) {
			contest{
				{"await", func(b *testing.B) {
					e := executor.New()
					defer e.Close()
					defer background(e, load)()
					wakes(b, func(sent *time.Time) (send func(), took func() time.Duration) {
						tx, rx := newPair()
						h := executor.Go(e, func(ctx context.Context) (time.Duration, error) {
							_, err := future.Await(ctx, rx)
							return time.Since(*sent), err
						})
						return func() { _ = tx.Send(1) }, func() time.Duration {
							d, _ := future.Await(context.Background(), h)
							return d
						}
					})
				}},
				{"chan", func(b *testing.B) {
					e := executor.New()
					defer e.Close()
					defer background(e, load)()
					wakes(b, func(sent *time.Time) (send func(), took func() time.Duration) {
						c, d := make(chan int, 1), make(chan time.Duration, 1)
						go func() {
							<-c
							d <- time.Since(*sent)
						}()
						return func() { c <- 1 }, func() time.Duration { return <-d }
					})
				}},
			}.run(b)
		})
	}
}

// wakes lets somebody wait, sends, and notes how long it took, again and again.
func wakes(b *testing.B, wait func(sent *time.Time) (send func(), took func() time.Duration)) {
	var ds []time.Duration
	for b.Loop() {
		var sent time.Time
		send, took := wait(&sent)
		time.Sleep(50 * time.Microsecond) // until it waits, and everybody is idle
		sent = time.Now()
		send()
		ds = append(ds, took())
	}
	slices.Sort(ds)
	b.ReportMetric(float64(ds[len(ds)/2]), "p50-ns")
	b.ReportMetric(float64(ds[len(ds)*99/100]), "p99-ns")
}

// background keeps all processors busy with short pieces of work, if asked to:
// half of it tasks, half of it goroutines, whoever is measured.
func background(e *executor.Executor, load bool) (stop func()) {
	if !load {
		return func() {}
	}
	var over atomic.Bool
	work := func() {
		for t := time.Now(); time.Since(t) < 20*time.Microsecond; {
		}
	}
	var hs []*executor.Handle[int]
	for range runtime.GOMAXPROCS(0) {
		hs = append(hs, executor.Go(e, func(ctx context.Context) (int, error) {
			for !over.Load() {
				work()
				_ = executor.Yield(ctx)
			}
			return 0, nil
		}))
		go func() {
			for !over.Load() {
				work()
				runtime.Gosched()
			}
		}()
	}
	return func() {
		over.Store(true)
		for _, h := range hs {
			_, _ = future.Await(context.Background(), h)
		}
	}
}

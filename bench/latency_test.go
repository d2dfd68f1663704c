package bench

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gofuture "github.com/jizhuozhi/go-future"
	reugn "github.com/reugn/async"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// BenchmarkWakeLatency measures how long it takes from a send, by a goroutine that
// then blocks, to the line after the wait: p50-ns and p99-ns. A task waits for its
// executor as well, a goroutine for the runtime alone. What the limit on tasks that
// run at once costs in any case is what pool shows: n goroutines take pieces of
// work from a channel, and the send puts one there.
func BenchmarkWakeLatency(b *testing.B) {
	for _, machine := range []string{"idle", "load"} {
		b.Run("machine="+machine, func(b *testing.B) {
			onMachine := func(wait func(e *executor.Executor, woken func()) (send func())) func(b *testing.B) {
				return func(b *testing.B) {
					e := executor.New(executor.WithStallThreshold(0))
					defer e.Close()
					if machine == "load" {
						defer keepBusy(runTasks(e))()
					}
					wakes(b, func(woken func()) func() { return wait(e, woken) })
				}
			}
			contest{
				{"await", onMachine(func(e *executor.Executor, woken func()) func() {
					tx, rx := newPair()
					executor.Go(e, func(ctx context.Context) (int, error) {
						v, err := future.Await(ctx, rx)
						woken()
						return v, err
					})
					return func() { _ = tx.Send(1) }
				})},
				{"await-Recv", onMachine(func(_ *executor.Executor, woken func()) func() {
					tx, rx := newPair()
					go func() {
						_, _ = rx.Recv()
						woken()
					}()
					return func() { _ = tx.Send(1) }
				})},
				{"chan", onMachine(func(_ *executor.Executor, woken func()) func() {
					c := make(chan int, 1)
					go func() {
						<-c
						woken()
					}()
					return func() { c <- 1 }
				})},
				{"go-future", onMachine(func(_ *executor.Executor, woken func()) func() {
					p := gofuture.NewPromise[int]()
					go func() {
						_, _ = p.Future().Get()
						woken()
					}()
					return func() { p.Set(1, nil) }
				})},
				{"reugn", onMachine(func(_ *executor.Executor, woken func()) func() {
					p := reugn.NewPromise[int]()
					go func() {
						_, _ = p.Future().Get()
						woken()
					}()
					return func() { p.Success(1) }
				})},
				{"floor:park", onMachine(func(_ *executor.Executor, woken func()) func() {
					var wg sync.WaitGroup
					wg.Add(1)
					go func() {
						wg.Wait()
						woken()
					}()
					return wg.Done
				})},
				{"pool", func(b *testing.B) {
					pieces := make(chan func(), 1000)
					var wg sync.WaitGroup
					for range runtime.GOMAXPROCS(0) {
						wg.Go(func() {
							for piece := range pieces {
								piece()
							}
						})
					}
					defer func() {
						close(pieces)
						wg.Wait()
					}()
					if machine == "load" {
						defer keepBusy(runPieces(pieces))()
					}
					wakes(b, func(woken func()) func() {
						return func() { pieces <- woken }
					})
				}},
			}.run(b)
		})
	}
}

// wakes lets somebody wait, sends, and notes how long it took, again and again.
func wakes(b *testing.B, wait func(woken func()) (send func())) {
	var ds []time.Duration
	took := make(chan time.Duration, 1)
	for b.Loop() {
		var sent time.Time
		send := wait(func() { took <- time.Since(sent) })
		time.Sleep(50 * time.Microsecond) // until it waits, and everybody is idle
		sent = time.Now()
		send()
		ds = append(ds, <-took)
	}
	slices.Sort(ds)
	b.ReportMetric(float64(ds[len(ds)/2]), "p50-ns")
	b.ReportMetric(float64(ds[len(ds)*99/100]), "p99-ns")
}

// keepBusy keeps all processors busy with pieces of work of 20 µs, half of them
// run by repeat and half by goroutines. repeat runs a piece again and again, until
// it says false, as one of others, and returns what waits for the end of that.
func keepBusy(repeat func(piece func() bool) (wait func())) (stop func()) {
	var over atomic.Bool
	piece := func() bool {
		for t := time.Now(); time.Since(t) < 20*time.Microsecond; {
		}
		return !over.Load()
	}
	var wg sync.WaitGroup
	var waits []func()
	for range runtime.GOMAXPROCS(0) {
		waits = append(waits, repeat(piece))
		wg.Go(func() {
			for piece() {
				runtime.Gosched()
			}
		})
	}
	return func() {
		over.Store(true)
		wg.Wait()
		for _, wait := range waits {
			wait()
		}
	}
}

// runTasks makes a task of every piece's repetition.
func runTasks(e *executor.Executor) func(piece func() bool) (wait func()) {
	return func(piece func() bool) func() {
		h := executor.Go(e, func(ctx context.Context) (int, error) {
			for piece() {
				_ = executor.Yield(ctx)
			}
			return 0, nil
		})
		return func() { _, _ = future.Await(context.Background(), h) }
	}
}

// runPieces puts a piece to the end of the queue each time.
func runPieces(pieces chan func()) func(piece func() bool) (wait func()) {
	return func(piece func() bool) func() {
		done := make(chan struct{})
		var again func()
		again = func() {
			if piece() {
				pieces <- again
			} else {
				close(done)
			}
		}
		pieces <- again
		return func() { <-done }
	}
}

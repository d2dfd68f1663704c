package bench

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/b97tsk/async"
	gofuture "github.com/jizhuozhi/go-future"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// BenchmarkPending has n consumers wait, each for a result of its own, measures
// what that holds, and then resolves and joins them all. B/wait is heap and
// stacks, with the place of the result; ns/op is the whole of it.
func BenchmarkPending(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) { pending(n).run(b) })
	}
}

// A waiting starts n waits, and returns what resolves and joins them, and gives
// the sum of the ones they were resolved with.
type waiting func(n int) (resolve func() int)

func pending(n int) contest {
	measure := func(start waiting) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				bytes, goroutines := liveBytes(), runtime.NumGoroutine()
				b.StartTimer()
				resolve := start(n)
				b.StopTimer()
				b.ReportMetric(float64(liveBytes()-bytes)/float64(n), "B/wait")
				b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/float64(n), "goroutines/wait")
				b.StartTimer()
				same(b, resolve(), n)
			}
		}
	}
	return contest{
		{"await", measure(func(n int) func() int { return tasksWaiting(n, false) })},
		{"await-coroutine", measure(func(n int) func() int { return tasksWaiting(n, true) })},
		{"await-All", measure(allWaiting)},
		{"chan", measure(func(n int) func() int {
			cs, sum := make([]chan int, n), make(chan int, n)
			for i := range cs {
				c := make(chan int, 1)
				cs[i] = c
				go func() { sum <- <-c }()
			}
			for runtime.Gosched(); runtime.NumGoroutine() < n; {
				runtime.Gosched()
			}
			return func() int {
				total := 0
				for _, c := range cs {
					c <- 1
				}
				for range cs {
					total += <-sum
				}
				return total
			}
		})},
		{"go-future", measure(func(n int) func() int {
			ps, fs := make([]*gofuture.Promise[int], n), make([]*gofuture.Future[int], n)
			for i := range ps {
				ps[i] = gofuture.NewPromise[int]()
				fs[i] = gofuture.Then(ps[i].Future(), func(v int, err error) (int, error) { return v, err })
			}
			return func() int {
				total := 0
				for i := range ps {
					ps[i].Set(1, nil)
				}
				for _, f := range fs {
					v, _ := f.Get()
					total += v
				}
				return total
			}
		})},
		{"b97tsk", measure(func(n int) func() int {
			var e async.Executor
			states, total := make([]*async.State[int], n), 0
			for i := range states {
				s := async.NewState(0)
				states[i] = s
				e.Spawn(s.Await(func(v int) bool { return v != 0 }).Then(async.Do(func() { total += s.Get() })))
			}
			e.Run()
			return func() int {
				e.Spawn(async.Do(func() {
					for _, s := range states {
						s.Set(1)
					}
				}))
				e.Run()
				return total
			}
		})},
	}
}

// tasksWaiting has n tasks wait for a oneshot each, on coroutines or not.
func tasksWaiting(n int, coroutines bool) func() int {
	e := executor.New()
	var begun sync.WaitGroup
	begun.Add(n)
	txs, hs := make([]sender, n), make([]*executor.Handle[int], n)
	for i := range hs {
		tx, rx := newPair()
		txs[i] = tx
		if coroutines {
			hs[i] = executor.Go(e, func(ctx context.Context) (int, error) {
				begun.Done()
				return future.Await(ctx, rx)
			})
		} else {
			hs[i] = executor.Spawn(e, &announced{rx: rx, begun: &begun})
		}
	}
	begun.Wait()
	return func() int {
		defer e.Close()
		for _, tx := range txs {
			_ = tx.Send(1)
		}
		total := 0
		for _, h := range hs {
			v, _ := future.Await(context.Background(), h)
			total += v
		}
		return total
	}
}

// allWaiting has one future wait for n oneshots.
func allWaiting(n int) func() int {
	txs, rxs := make([]sender, n), make([]future.Future[int], n)
	for i := range rxs {
		txs[i], rxs[i] = newPair()
	}
	all := future.All(rxs...)
	woken := make(chan struct{}, 1)
	w := future.NewWaker(func() { woken <- struct{}{} })
	_, _, _ = all.Poll(w)
	return func() int {
		for _, tx := range txs {
			_ = tx.Send(1)
		}
		<-woken
		vs, _, _ := all.Poll(w)
		total := 0
		for _, v := range vs {
			total += v
		}
		return total
	}
}

// An announced is a receiver that tells when it is first polled.
type announced struct {
	rx    receiver
	begun *sync.WaitGroup
}

func (a *announced) Poll(w *future.Waker) (int, bool, error) {
	if a.begun != nil {
		a.begun.Done()
		a.begun = nil
	}
	return a.rx.Poll(w)
}

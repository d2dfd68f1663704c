package bench

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/alitto/pond/v2"
	gofuture "github.com/jizhuozhi/go-future"
	reugn "github.com/reugn/async"
	"github.com/sourcegraph/conc"
	concpool "github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// BenchmarkGoAndWait starts a function on something of its own and waits for its
// result.
func BenchmarkGoAndWait(b *testing.B) {
	one := func() (int, error) { return 1, nil }
	contest{
		{"await", func(b *testing.B) { // a task that awaits a task
			e := executor.New()
			defer e.Close()
			inTask(b, e, func(ctx context.Context) {
				for b.Loop() {
					v, _ := future.Await(ctx, executor.Go(e, func(context.Context) (int, error) { return 1, nil }))
					same(b, v, 1)
				}
			})
		}},
		{"await-Go", func(b *testing.B) { // a goroutine that awaits a goroutine
			for b.Loop() {
				v, _ := future.Await(context.Background(), future.Go(one))
				same(b, v, 1)
			}
		}},
		{"chan", func(b *testing.B) {
			for b.Loop() {
				c := make(chan int, 1)
				go func() { c <- 1 }()
				same(b, <-c, 1)
			}
		}},
		{"waitgroup", func(b *testing.B) {
			for b.Loop() {
				var wg sync.WaitGroup
				v := 0
				wg.Go(func() { v = 1 })
				wg.Wait()
				same(b, v, 1)
			}
		}},
		{"errgroup", func(b *testing.B) {
			for b.Loop() {
				var g errgroup.Group
				v := 0
				g.Go(func() error { v = 1; return nil })
				_ = g.Wait()
				same(b, v, 1)
			}
		}},
		{"conc", func(b *testing.B) {
			for b.Loop() {
				var wg conc.WaitGroup
				v := 0
				wg.Go(func() { v = 1 })
				wg.Wait()
				same(b, v, 1)
			}
		}},
		{"go-future", func(b *testing.B) {
			for b.Loop() {
				v, _ := gofuture.Async(one).Get()
				same(b, v, 1)
			}
		}},
		{"reugn", func(b *testing.B) {
			for b.Loop() {
				v, _ := reugn.NewTask(one).Call().Get()
				same(b, v, 1)
			}
		}},
		{"floor:goroutine-and-object", func(b *testing.B) { floorResults(b, 1) }},
	}.run(b)
}

// inTask runs fn as a task of e and waits for it.
func inTask(b *testing.B, e *executor.Executor, fn func(ctx context.Context)) {
	h := executor.Go(e, func(ctx context.Context) (struct{}, error) { fn(ctx); return struct{}{}, nil })
	if _, err := future.Await(context.Background(), h); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkFanOutFanIn starts n functions and gathers their results in order.
func BenchmarkFanOutFanIn(b *testing.B) {
	for _, n := range []int{10, 100, 10_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) { fanOut(n).run(b) })
	}
}

func fanOut(n int) contest {
	total := n * (n - 1) / 2
	sum := func(vs []int) int {
		s := 0
		for _, v := range vs {
			s += v
		}
		return s
	}
	return contest{
		{"await", func(b *testing.B) { // tasks of an executor
			e := executor.New()
			defer e.Close()
			inTask(b, e, func(ctx context.Context) {
				for b.Loop() {
					fs := make([]future.Future[int], n)
					for i := range fs {
						fs[i] = executor.Go(e, func(context.Context) (int, error) { return i, nil })
					}
					vs, _ := future.Await(ctx, future.All(fs...))
					same(b, sum(vs), total)
				}
			})
		}},
		{"await-Go", func(b *testing.B) { // goroutines
			for b.Loop() {
				fs := make([]future.Future[int], n)
				for i := range fs {
					fs[i] = future.Go(func() (int, error) { return i, nil })
				}
				vs, _ := future.Await(context.Background(), future.All(fs...))
				same(b, sum(vs), total)
			}
		}},
		{"chan", func(b *testing.B) {
			type item struct{ i, v int }
			for b.Loop() {
				c := make(chan item, n)
				for i := range n {
					go func() { c <- item{i, i} }()
				}
				vs := make([]int, n)
				for range n {
					x := <-c
					vs[x.i] = x.v
				}
				same(b, sum(vs), total)
			}
		}},
		{"waitgroup", func(b *testing.B) {
			for b.Loop() {
				var wg sync.WaitGroup
				vs := make([]int, n)
				for i := range n {
					wg.Go(func() { vs[i] = i })
				}
				wg.Wait()
				same(b, sum(vs), total)
			}
		}},
		{"errgroup", func(b *testing.B) {
			for b.Loop() {
				var g errgroup.Group
				vs := make([]int, n)
				for i := range n {
					g.Go(func() error { vs[i] = i; return nil })
				}
				_ = g.Wait()
				same(b, sum(vs), total)
			}
		}},
		{"conc", func(b *testing.B) {
			for b.Loop() {
				p := concpool.NewWithResults[int]()
				for i := range n {
					p.Go(func() int { return i })
				}
				same(b, sum(p.Wait()), total)
			}
		}},
		{"pond", func(b *testing.B) {
			p := pond.NewResultPool[int](100)
			defer p.StopAndWait()
			for b.Loop() {
				g := p.NewGroup()
				for i := range n {
					g.Submit(func() int { return i })
				}
				vs, _ := g.Wait()
				same(b, sum(vs), total)
			}
		}},
		{"go-future", func(b *testing.B) {
			for b.Loop() {
				fs := make([]*gofuture.Future[int], n)
				for i := range fs {
					fs[i] = gofuture.Async(func() (int, error) { return i, nil })
				}
				vs, _ := gofuture.AllOf(fs...).Get()
				same(b, sum(vs), total)
			}
		}},
		{"floor:goroutines-and-objects", func(b *testing.B) { floorResults(b, n) }},
	}
}

// BenchmarkChain hangs ten functions behind a result that comes when they all
// hang there.
func BenchmarkChain(b *testing.B) {
	const length = 10
	contest{
		{"await", func(b *testing.B) {
			for b.Loop() {
				tx, rx := newPair()
				var f future.Future[int] = rx
				for range length {
					f = future.Map(f, func(v int) (int, error) { return v + 1, nil })
				}
				_, _, _ = f.Poll(nil)
				_ = tx.Send(0)
				v, _ := future.Await(context.Background(), f)
				same(b, v, length)
			}
		}},
		{"go-future", func(b *testing.B) {
			for b.Loop() {
				p := gofuture.NewPromise[int]()
				f := p.Future()
				for range length {
					f = gofuture.Then(f, func(v int, err error) (int, error) { return v + 1, err })
				}
				p.Set(0, nil)
				v, _ := f.Get()
				same(b, v, length)
			}
		}},
		{"reugn", func(b *testing.B) {
			for b.Loop() {
				p := reugn.NewPromise[int]()
				f := p.Future()
				for range length {
					f = f.Map(func(v int) (int, error) { return v + 1, nil })
				}
				p.Success(0)
				v, _ := f.Get()
				same(b, v, length)
			}
		}},
	}.run(b)
}

// BenchmarkFirstOfTen takes the first of ten results and cancels the producers
// of the rest, which notice. Peers that cannot tell a producer are left out.
func BenchmarkFirstOfTen(b *testing.B) {
	const n = 10
	contest{
		{"await", func(b *testing.B) {
			for b.Loop() {
				fs := make([]future.Future[int], n)
				txs := make([]sender, n)
				for i := range fs {
					txs[i], fs[i] = newPair()
				}
				f := future.Race(fs...)
				_, _, _ = f.Poll(nil)
				_ = txs[3].Send(3)
				v, _ := future.Await(context.Background(), f)
				same(b, v, 3)
				for i, tx := range txs {
					same(b, i == 3 || tx.IsClosed(), true)
				}
			}
		}},
		{"chan", func(b *testing.B) {
			for b.Loop() {
				ctx, cancel := context.WithCancel(context.Background())
				first := make(chan int, n)
				first <- 3
				same(b, <-first, 3)
				cancel()
				for range n {
					same(b, ctx.Err() != nil, true)
				}
			}
		}},
		{"floor:10-oneshots", func(b *testing.B) {
			for b.Loop() {
				txs, rxs := make([]sender, n), make([]receiver, n)
				for i := range rxs {
					txs[i], rxs[i] = newPair()
				}
				_ = txs[3].Send(3)
				for i, rx := range rxs {
					_, err := rx.TryRecv()
					rx.Close()
					same(b, err == nil, i == 3)
				}
			}
		}},
	}.run(b)
}

package bench

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/alitto/pond/v2"
	gofuture "github.com/jizhuozhi/go-future"
	"github.com/panjf2000/ants/v2"
	concpool "github.com/sourcegraph/conc/pool"

	antsx "github.com/go-await/await/adapters/ants"
)

const poolSize = 100

func antsPool(b *testing.B, size int) *ants.Pool {
	p := must[*ants.Pool](b)(ants.NewPool(size))
	b.Cleanup(p.Release)
	return p
}

// onPool is an executor of go-future that runs on an ants pool.
type onPool struct{ *ants.Pool }

func (p onPool) Submit(f func()) { _ = p.Pool.Submit(f) }

// BenchmarkSubmitAndWait gives a pool one function and waits for its result.
func BenchmarkSubmitAndWait(b *testing.B) {
	one := func() (int, error) { return 1, nil }
	contest{
		{"await", func(b *testing.B) {
			p := antsPool(b, poolSize)
			for b.Loop() {
				v, _ := antsx.Submit(p, one).Recv()
				same(b, v, 1)
			}
		}},
		{"ants-chan", func(b *testing.B) {
			p := antsPool(b, poolSize)
			for b.Loop() {
				c := make(chan int, 1)
				_ = p.Submit(func() { c <- 1 })
				same(b, <-c, 1)
			}
		}},
		{"pond", func(b *testing.B) {
			p := pond.NewResultPool[int](poolSize)
			defer p.StopAndWait()
			for b.Loop() {
				v, _ := p.SubmitErr(one).Wait()
				same(b, v, 1)
			}
		}},
		{"conc", func(b *testing.B) {
			for b.Loop() {
				p := concpool.NewWithResults[int]().WithMaxGoroutines(poolSize)
				p.Go(func() int { return 1 })
				same(b, p.Wait()[0], 1)
			}
		}},
		{"go-future", func(b *testing.B) {
			p := onPool{antsPool(b, poolSize)}
			for b.Loop() {
				v, _ := gofuture.Submit(p, one).Get()
				same(b, v, 1)
			}
		}},
		{"floor:ants-and-result", func(b *testing.B) {
			// What a receiver gives besides the value: that the function has
			// failed, or has panicked.
			type result struct {
				v   int
				err error
			}
			p := antsPool(b, poolSize)
			for b.Loop() {
				c := make(chan result, 1)
				_ = p.Submit(func() {
					var r result
					defer func() {
						if v := recover(); v != nil {
							r.err = fmt.Errorf("panic: %v", v)
						}
						c <- r
					}()
					r.v, r.err = one()
				})
				r := <-c
				same(b, r.v, 1)
			}
		}},
	}.run(b)
}

// BenchmarkPool100000 sends 100,000 functions through a pool of 100 and adds up
// their results.
func BenchmarkPool100000(b *testing.B) {
	const n = 100_000
	const total = n * (n - 1) / 2
	contest{
		{"await", func(b *testing.B) {
			p := antsPool(b, poolSize)
			for b.Loop() {
				sum := 0
				for v, err := range antsx.Map(context.Background(), p, numbers(n), func(_ context.Context, i int) (int, error) { return i, nil }) {
					if err != nil {
						b.Fatal(err)
					}
					sum += v
				}
				same(b, sum, total)
			}
		}},
		{"await-Submit", func(b *testing.B) {
			p := antsPool(b, poolSize)
			rxs := make([]interface{ Recv() (int, error) }, n)
			for b.Loop() {
				for i := range rxs {
					rxs[i] = antsx.Submit(p, func() (int, error) { return i, nil })
				}
				sum := 0
				for _, rx := range rxs {
					v, _ := rx.Recv()
					sum += v
				}
				same(b, sum, total)
			}
		}},
		{"ants-waitgroup", func(b *testing.B) {
			p := antsPool(b, poolSize)
			vs := make([]int, n)
			for b.Loop() {
				var wg sync.WaitGroup
				wg.Add(n)
				for i := range n {
					_ = p.Submit(func() { vs[i] = i; wg.Done() })
				}
				wg.Wait()
				sum := 0
				for _, v := range vs {
					sum += v
				}
				same(b, sum, total)
			}
		}},
		{"ants-chan", func(b *testing.B) {
			p := antsPool(b, poolSize)
			for b.Loop() {
				c := make(chan int, poolSize)
				go func() {
					for i := range n {
						_ = p.Submit(func() { c <- i })
					}
				}()
				sum := 0
				for range n {
					sum += <-c
				}
				same(b, sum, total)
			}
		}},
		{"pond", func(b *testing.B) {
			p := pond.NewResultPool[int](poolSize)
			defer p.StopAndWait()
			for b.Loop() {
				g := p.NewGroup()
				for i := range n {
					g.Submit(func() int { return i })
				}
				vs, _ := g.Wait()
				sum := 0
				for _, v := range vs {
					sum += v
				}
				same(b, sum, total)
			}
		}},
		{"conc", func(b *testing.B) {
			for b.Loop() {
				p := concpool.NewWithResults[int]().WithMaxGoroutines(poolSize)
				for i := range n {
					p.Go(func() int { return i })
				}
				sum := 0
				for _, v := range p.Wait() {
					sum += v
				}
				same(b, sum, total)
			}
		}},
		{"go-future", func(b *testing.B) {
			p := onPool{antsPool(b, poolSize)}
			fs := make([]*gofuture.Future[int], n)
			for b.Loop() {
				for i := range fs {
					fs[i] = gofuture.Submit(p, func() (int, error) { return i, nil })
				}
				sum := 0
				for _, f := range fs {
					v, _ := f.Get()
					sum += v
				}
				same(b, sum, total)
			}
		}},
	}.run(b)
}

func numbers(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

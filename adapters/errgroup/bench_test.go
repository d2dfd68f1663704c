package errgroup_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	upstream "golang.org/x/sync/errgroup"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

func work(i int) (int, error) { return i, nil }

// A cell is the least that a result of its own can be: one object, and the three
// atomic steps without which two who use it at once would not notice. Nobody can
// wait for it, and it holds no error.
type cell struct {
	state atomic.Uint32 // 0, claimed, published, taken
	v     int
}

const (
	claimed = iota + 1
	published
	taken
)

func (c *cell) send(v int) {
	if c.state.CompareAndSwap(0, claimed) {
		c.v = v
		c.state.Store(published)
	}
}

func (c *cell) take() (v int) {
	if c.state.CompareAndSwap(published, taken) {
		v = c.v
	}
	return v
}

// A group of functions whose results somebody collects, after Wait. Upstream,
// ours-slice and WaitGroup write into a slice; chan, cell and await have something
// for each result that somebody else could hold: what that costs at least is the
// difference of upstream and cell.
func BenchmarkGroup(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		for _, limit := range []int{-1, 2} {
			run := func(what string, sum func() int) {
				b.Run(fmt.Sprintf("n=%d/limit=%d/%s", n, limit, what), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if s := sum(); s != n*(n-1)/2 {
							b.Fatal("sum is", s)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/task")
				})
			}
			wait := func(err error) {
				if err != nil {
					b.Error(err)
				}
			}
			run("upstream", func() (sum int) {
				var g upstream.Group
				g.SetLimit(limit)
				results := make([]int, n)
				for i := range n {
					g.Go(func() (err error) { results[i], err = work(i); return err })
				}
				wait(g.Wait())
				for _, v := range results {
					sum += v
				}
				return sum
			})
			run("ours-slice", func() (sum int) {
				var g errgroup.Group
				g.SetLimit(limit)
				results := make([]int, n)
				for i := range n {
					g.Go(func() (err error) { results[i], err = work(i); return err })
				}
				wait(g.Wait())
				for _, v := range results {
					sum += v
				}
				return sum
			})
			run("chan", func() (sum int) {
				var g upstream.Group
				g.SetLimit(limit)
				results := make([]chan int, n)
				for i := range n {
					ch := make(chan int, 1)
					results[i] = ch
					g.Go(func() error { v, err := work(i); ch <- v; return err })
				}
				wait(g.Wait())
				for _, ch := range results {
					sum += <-ch
				}
				return sum
			})
			run("cell", func() (sum int) {
				var g upstream.Group
				g.SetLimit(limit)
				results := make([]*cell, n)
				for i := range n {
					c := new(cell)
					results[i] = c
					g.Go(func() error { v, err := work(i); c.send(v); return err })
				}
				wait(g.Wait())
				for _, c := range results {
					sum += c.take()
				}
				return sum
			})
			run("await", func() (sum int) {
				var g errgroup.Group
				g.SetLimit(limit)
				results := make([]*oneshot.Receiver[int], n)
				for i := range n {
					results[i] = errgroup.Go(&g, func() (int, error) { return work(i) })
				}
				wait(g.Wait())
				for _, rx := range results {
					v, _ := rx.TryRecv()
					sum += v
				}
				return sum
			})
			if limit > 0 {
				continue
			}
			run("WaitGroup", func() (sum int) {
				var wg sync.WaitGroup
				results := make([]int, n)
				for i := range n {
					wg.Go(func() { results[i], _ = work(i) })
				}
				wg.Wait()
				for _, v := range results {
					sum += v
				}
				return sum
			})
			e := executor.New()
			run("tasks", func() (sum int) {
				var g errgroup.Group
				results := make([]future.Future[int], n)
				for i := range n {
					results[i] = errgroup.GoTask(&g, e, func(context.Context) (int, error) { return work(i) })
				}
				wait(g.Wait())
				for _, f := range results {
					v, _, _ := f.Poll(nil)
					sum += v
				}
				return sum
			})
			wait(e.Close())
		}
	}
}

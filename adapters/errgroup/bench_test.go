package errgroup_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	upstream "golang.org/x/sync/errgroup"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

func work(i int) (int, error) { return i, nil }

// A group of functions whose results somebody collects.
func BenchmarkGroup(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		for _, limit := range []int{-1, 2} {
			name := func(what string) string { return fmt.Sprintf("n=%d/limit=%d/%s", n, limit, what) }
			report := func(b *testing.B, sum int) {
				if sum != n*(n-1)/2 {
					b.Fatal("sum is", sum)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/task")
			}
			b.Run(name("upstream"), func(b *testing.B) {
				b.ReportAllocs()
				sum := 0
				for b.Loop() {
					var g upstream.Group
					g.SetLimit(limit)
					results := make([]int, n)
					for i := range n {
						g.Go(func() (err error) { results[i], err = work(i); return err })
					}
					if err := g.Wait(); err != nil {
						b.Fatal(err)
					}
					sum = 0
					for _, v := range results {
						sum += v
					}
				}
				report(b, sum)
			})
			b.Run(name("ours-slice"), func(b *testing.B) {
				b.ReportAllocs()
				sum := 0
				for b.Loop() {
					var g errgroup.Group
					g.SetLimit(limit)
					results := make([]int, n)
					for i := range n {
						g.Go(func() (err error) { results[i], err = work(i); return err })
					}
					if err := g.Wait(); err != nil {
						b.Fatal(err)
					}
					sum = 0
					for _, v := range results {
						sum += v
					}
				}
				report(b, sum)
			})
			b.Run(name("await"), func(b *testing.B) {
				b.ReportAllocs()
				sum := 0
				for b.Loop() {
					var g errgroup.Group
					g.SetLimit(limit)
					results := make([]*oneshot.Receiver[int], n)
					for i := range n {
						results[i] = errgroup.Go(&g, func() (int, error) { return work(i) })
					}
					if err := g.Wait(); err != nil {
						b.Fatal(err)
					}
					sum = 0
					for _, rx := range results {
						v, _ := rx.TryRecv()
						sum += v
					}
				}
				report(b, sum)
			})
			if limit > 0 {
				continue
			}
			b.Run(name("WaitGroup"), func(b *testing.B) {
				b.ReportAllocs()
				sum := 0
				for b.Loop() {
					var wg sync.WaitGroup
					results := make([]int, n)
					for i := range n {
						wg.Go(func() { results[i], _ = work(i) })
					}
					wg.Wait()
					sum = 0
					for _, v := range results {
						sum += v
					}
				}
				report(b, sum)
			})
			b.Run(name("tasks"), func(b *testing.B) {
				b.ReportAllocs()
				e := executor.New()
				defer e.Close()
				sum := 0
				for b.Loop() {
					var g errgroup.Group
					results := make([]future.Future[int], n)
					for i := range n {
						results[i] = errgroup.GoTask(&g, e, func(context.Context) (int, error) { return work(i) })
					}
					if err := g.Wait(); err != nil {
						b.Fatal(err)
					}
					sum = 0
					for _, f := range results {
						v, _, _ := f.Poll(nil)
						sum += v
					}
				}
				report(b, sum)
			})
		}
	}
}

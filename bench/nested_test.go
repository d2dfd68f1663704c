package bench

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	concpool "github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// BenchmarkNested gives a pool of one worker a function that gives the same pool
// another one and waits for it, three deep. completes is 1 if that ends within a
// second, and 0 if it does not: the pool waits for itself.
//
// A deadlock leaves its goroutines behind, so this runs in its own process in
// the comparison.
func BenchmarkNested(b *testing.B) {
	const depth = 3
	contest{
		{"await", completes(func() {
			p, _ := ants.NewPool(1)
			defer p.Release()
			e := antsx.NewExecutor(p)
			defer e.Close()
			var nest func(ctx context.Context, depth int) (int, error)
			nest = func(ctx context.Context, depth int) (int, error) {
				if depth == 0 {
					return 0, nil
				}
				return future.Await(ctx, executor.Go(e, func(ctx context.Context) (int, error) { return nest(ctx, depth-1) }))
			}
			_, _ = nest(context.Background(), depth)
		})},
		{"ants-chan", completes(func() {
			p, _ := ants.NewPool(1)
			var nest func(depth int)
			nest = func(depth int) {
				if depth == 0 {
					return
				}
				done := make(chan struct{})
				_ = p.Submit(func() { nest(depth - 1); close(done) })
				<-done
			}
			nest(depth)
			p.Release()
		})},
		{"errgroup", completes(func() {
			var g errgroup.Group
			g.SetLimit(1)
			var nest func(depth int)
			nest = func(depth int) {
				if depth == 0 {
					return
				}
				var wg sync.WaitGroup
				wg.Add(1)
				g.Go(func() error { defer wg.Done(); nest(depth - 1); return nil })
				wg.Wait()
			}
			nest(depth)
		})},
		{"conc", completes(func() {
			p := concpool.New().WithMaxGoroutines(1)
			var nest func(depth int)
			nest = func(depth int) {
				if depth == 0 {
					return
				}
				done := make(chan struct{})
				p.Go(func() { nest(depth - 1); close(done) })
				<-done
			}
			nest(depth)
			p.Wait()
		})},
		{"pond", completes(func() {
			p := pond.NewPool(1)
			var nest func(depth int)
			nest = func(depth int) {
				if depth > 0 {
					_ = p.Submit(func() { nest(depth - 1) }).Wait()
				}
			}
			nest(depth)
			p.StopAndWait()
		})},
	}.run(b)
}

func completes(job func()) func(b *testing.B) {
	return func(b *testing.B) {
		var ok float64
		for b.Loop() {
			done := make(chan struct{})
			go func() { defer close(done); job() }()
			select {
			case <-done:
				ok = 1
			case <-time.After(time.Second):
				ok = 0
			}
		}
		b.ReportMetric(ok, "completes")
	}
}

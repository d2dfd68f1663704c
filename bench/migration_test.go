package bench

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	conciter "github.com/sourcegraph/conc/iter"
	concpool "github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// The rows of the migration table in docs/adapters.md for libraries that are not
// ours to depend on: both sides give the same.
func TestMigration(t *testing.T) {
	p, err := ants.NewPool(2)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	xs := []int{1, 2, 3, 4, 5}
	square := func(_ context.Context, x int) (int, error) { return x * x, nil }
	mapped := func() (rs []int, err error) {
		for r, err := range antsx.Map(t.Context(), p, slices.Values(xs), square) {
			if err != nil {
				return nil, err
			}
			rs = append(rs, r)
		}
		return rs, nil
	}
	rows := []struct {
		name          string
		before, after func() ([]int, error)
	}{
		{"conc pool", func() ([]int, error) {
			p := concpool.NewWithResults[int]().WithErrors().WithMaxGoroutines(2)
			for _, x := range xs {
				p.Go(func() (int, error) { return x * x, nil })
			}
			return p.Wait()
		}, func() (rs []int, err error) {
			var g errgroup.Group
			g.SetLimit(2)
			var rxs []*oneshot.Receiver[int]
			for _, x := range xs {
				rxs = append(rxs, errgroup.Go(&g, func() (int, error) { return x * x, nil }))
			}
			err = g.Wait()
			for _, rx := range rxs {
				r, err := rx.TryRecv()
				if err != nil {
					return nil, err
				}
				rs = append(rs, r)
			}
			return rs, err
		}},
		{"conc iter", func() ([]int, error) {
			return conciter.Map(xs, func(x *int) int { return *x * *x }), nil
		}, mapped},
		{"conc stream", func() (rs []int, err error) {
			s := stream.New()
			for _, x := range xs {
				s.Go(func() stream.Callback {
					r := x * x
					return func() { rs = append(rs, r) }
				})
			}
			s.Wait()
			return rs, nil
		}, mapped},
		{"pond task", func() ([]int, error) {
			pool := pond.NewResultPool[int](2)
			defer pool.StopAndWait()
			r, err := pool.Submit(func() int { return 7 }).Wait()
			return []int{r}, err
		}, func() ([]int, error) {
			r, err := antsx.Submit(p, func() (int, error) { return 7, nil }).Recv()
			return []int{r}, err
		}},
		{"pond group", func() ([]int, error) {
			pool := pond.NewResultPool[int](2)
			defer pool.StopAndWait()
			group := pool.NewGroup()
			for _, x := range xs {
				group.Submit(func() int { return x * x })
			}
			return group.Wait()
		}, func() ([]int, error) {
			var fs []future.Future[int]
			for _, x := range xs {
				fs = append(fs, antsx.Submit(p, func() (int, error) { return x * x, nil }))
			}
			return future.Await(t.Context(), future.All(fs...))
		}},
	}
	for _, r := range rows {
		before, err := r.before()
		if err != nil {
			t.Errorf("%s, before: %v", r.name, err)
		}
		after, err := r.after()
		if err != nil {
			t.Errorf("%s, after: %v", r.name, err)
		}
		slices.Sort(before) // conc's results are in no order
		if !slices.Equal(before, after) {
			t.Errorf("%s: %v before and %v after", r.name, before, after)
		}
	}
}

// A queue that is full refuses, with both.
func TestMigrationFullQueue(t *testing.T) {
	held := make(chan struct{})
	hold := func() { <-held }

	before := pond.NewPool(1, pond.WithQueueSize(1), pond.WithNonBlocking(true))
	defer before.StopAndWait()
	p, err := ants.NewPool(1, ants.WithMaxBlockingTasks(1))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	defer close(held)

	var refusedBefore, refusedAfter error
	for refusedBefore == nil {
		refusedBefore = before.Go(hold)
	}
	for refusedAfter == nil {
		rx := antsx.Submit(p, func() (int, error) { hold(); return 0, nil })
		if _, err := rx.TryRecv(); !errors.Is(err, oneshot.ErrEmpty) {
			refusedAfter = err
		}
	}
	if !errors.Is(refusedBefore, pond.ErrQueueFull) {
		t.Errorf("before: %v", refusedBefore)
	}
	if !errors.Is(refusedAfter, ants.ErrPoolOverload) {
		t.Errorf("after: %v", refusedAfter)
	}
}

package errgroup_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/future"
)

// A resource is what a function opens, and what must be released if it is not taken.
type resource struct{ opened, released atomic.Int32 }

func (r *resource) open(err error) (*resource, error) { r.opened.Add(1); return r, err }
func (r *resource) release(*resource)                 { r.released.Add(1) }

// A value that no consumer takes is released once, whenever its receiver is given up.
// The function runs in any case.
func TestUntakenValuesAreReleased(t *testing.T) {
	tests := []struct {
		name     string
		err      error // that comes with the value
		give     func(ctx context.Context, f future.Future[*resource]) error
		released int32
		want     error
	}{
		{"taken", nil, func(ctx context.Context, f future.Future[*resource]) error {
			_, err := future.Await(ctx, f)
			return err
		}, 0, nil},
		{"with an error", errDoom, func(ctx context.Context, f future.Future[*resource]) error {
			v, err := future.Await(ctx, f)
			if v == nil {
				return errors.New("the value is lost")
			}
			return err
		}, 0, errDoom},
		{"canceled at once", nil, func(_ context.Context, f future.Future[*resource]) error {
			future.Cancel(f)
			return nil
		}, 1, nil},
		{"canceled during the call", nil, func(_ context.Context, f future.Future[*resource]) error {
			time.Sleep(time.Second / 2)
			future.Cancel(f)
			return nil
		}, 1, nil},
		{"canceled after the call", nil, func(_ context.Context, f future.Future[*resource]) error {
			time.Sleep(time.Hour)
			future.Cancel(f)
			return nil
		}, 1, nil},
		{"timed out", nil, func(ctx context.Context, f future.Future[*resource]) error {
			_, err := future.Await(ctx, future.Timeout(f, time.Second/2))
			return err
		}, 1, future.ErrTimeout},
		{"lost a race", nil, func(ctx context.Context, f future.Future[*resource]) error {
			_, err := future.Await(ctx, future.Race(f, future.Failed[*resource](errDoom)))
			return err
		}, 1, errDoom},
	}
	starts := map[string]func(g *errgroup.Group, fn func() (*resource, error)) future.Future[*resource]{
		"Go": func(g *errgroup.Group, fn func() (*resource, error)) future.Future[*resource] {
			return errgroup.Go(g, fn)
		},
		"TryGo": func(g *errgroup.Group, fn func() (*resource, error)) future.Future[*resource] {
			rx, _ := errgroup.TryGo(g, fn)
			return rx
		},
	}
	for _, tc := range tests {
		for name, start := range starts {
			t.Run(tc.name+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var g errgroup.Group
					var r resource
					f := future.Owned(start(&g, func() (*resource, error) {
						time.Sleep(time.Second)
						return r.open(tc.err)
					}), r.release)
					if err := tc.give(t.Context(), f); !errors.Is(err, tc.want) {
						t.Errorf("got %v, want %v", err, tc.want)
					}
					if err := g.Wait(); err != tc.err {
						t.Errorf("Wait: got %v, want %v", err, tc.err)
					}
					if o, c := r.opened.Load(), r.released.Load(); o != 1 || c != tc.released {
						t.Errorf("got %d opened and %d released, want 1 and %d", o, c, tc.released)
					}
				})
			})
		}
	}
}

// However close the end of the wait is to the end of the function, each value is taken
// or released, before Wait returns.
func TestValuesAreTakenOrReleased(t *testing.T) {
	rounds := 20_000
	if testing.Short() {
		rounds = 2_000
	}
	var r resource
	taken := int32(0)
	for i := range rounds {
		var g errgroup.Group
		f := future.Owned(errgroup.Go(&g, func() (*resource, error) { return r.open(nil) }), r.release)
		for range i % 10 {
			runtime.Gosched()
		}
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if _, err := future.Await(ctx, f); err == nil {
			taken++
		}
		cancel()
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if o, c := r.opened.Load(), r.released.Load(); o != c+taken {
			t.Fatalf("round %d: got %d opened, %d released and %d taken", i, o, c, taken)
		}
	}
}

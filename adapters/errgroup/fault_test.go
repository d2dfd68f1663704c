package errgroup_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// Groups whose functions and tasks fail, panic, exit, wait and add to the group,
// with and without a limit: every receiver and handle has its result when Wait
// has returned, each function was called once, and nothing is left behind.
func TestGroupFaults(t *testing.T) {
	groups, size := 100, 200
	if testing.Short() {
		groups = 25
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	e := newExecutor(t, 2)
	for range groups {
		g, ctx := errgroup.WithContext(t.Context())
		g.SetLimit([]int{-1, 1, 2, 7}[r.IntN(4)])
		var calls, inner atomic.Int32
		var all []future.Future[int]
		wrong := r.IntN(2) == 0 // or all goes well
		for range size {
			kind := r.IntN(8)
			fn := func(ctx context.Context) (int, error) {
				calls.Add(1)
				if wrong {
					switch kind {
					case 0:
						return 0, errDoom
					case 1:
						panic(errDoom)
					case 2:
						runtime.Goexit()
					}
				}
				switch kind {
				case 3:
					runtime.Gosched()
				case 4:
					if g.TryGo(func() error { inner.Add(1); return nil }) {
						inner.Add(-1)
					}
				case 5:
					_, err := future.Await(ctx, future.After(time.Microsecond))
					return 1, err
				}
				return 1, nil
			}
			switch r.IntN(3) {
			case 0:
				all = append(all, errgroup.Go(g, func() (int, error) { return fn(ctx) }))
			case 1:
				all = append(all, errgroup.GoTask(g, e, fn))
			case 2:
				rx, ok := errgroup.TryGo(g, func() (int, error) { return fn(ctx) })
				if !ok {
					calls.Add(1) // never called
					continue
				}
				all = append(all, rx)
			}
			if r.IntN(20) == 0 {
				future.Cancel(all[len(all)-1]) // nobody wants it any more
			}
		}
		err := g.Wait()
		if c := calls.Load(); c != int32(size) && err == nil {
			t.Errorf("%d calls, want %d", c, size)
		}
		if inner.Load() != 0 {
			t.Errorf("%d nested functions had not ended after Wait", -inner.Load())
		}
		for i, f := range all {
			v, ready, ferr := f.Poll(nil)
			var p *future.PanicError
			switch {
			case !ready:
				t.Errorf("%d has no result after Wait", i)
			case ferr == nil && v == 1, ferr == errDoom, ferr == future.ErrGoexit, errors.As(ferr, &p):
			case errors.Is(ferr, oneshot.ErrClosed), errors.Is(ferr, future.ErrCanceled):
			case err != nil && ferr == err: // told by the context
			default:
				t.Errorf("%d: %v, %v; Wait: %v", i, v, ferr, err)
			}
		}
		if !errors.Is(context.Cause(ctx), context.Canceled) && context.Cause(ctx) != err {
			t.Errorf("cause %v, Wait %v", context.Cause(ctx), err)
		}
	}
	if err := e.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

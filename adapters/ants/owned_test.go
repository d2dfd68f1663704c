package ants_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/future"
)

// A resource is what a call opens, and what must be released if it is not taken.
type resource struct{ opened, released atomic.Int32 }

func (r *resource) open(err error) (*resource, error) { r.opened.Add(1); return r, err }
func (r *resource) release(*resource)                 { r.released.Add(1) }

// A poolCase is a way to make a call on a pool with one worker.
type poolCase struct {
	submit  func(fn func() (*resource, error)) future.Future[*resource]
	release func()
}

func poolCases(t *testing.T) map[string]poolCase {
	p, q, r := newPool(t, 1), newPool(t, 1), newPool(t, 1)
	call := func(fn func() (*resource, error)) (*resource, error) { return fn() }
	f, err := antsx.NewPoolWithFunc(1, call)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Release)
	return map[string]poolCase{
		"Submit": {func(fn func() (*resource, error)) future.Future[*resource] {
			return antsx.Submit(p, fn)
		}, p.Release},
		"SubmitContext": {func(fn func() (*resource, error)) future.Future[*resource] {
			return antsx.SubmitContext(t.Context(), q, func(context.Context) (*resource, error) { return fn() })
		}, q.Release},
		"Submit of a foreign pool": {func(fn func() (*resource, error)) future.Future[*resource] {
			return antsx.Submit(&rogue{r.Submit}, fn)
		}, r.Release},
		"Invoke": {func(fn func() (*resource, error)) future.Future[*resource] { return f.Invoke(fn) }, f.Release},
	}
}

// A value that no consumer takes is released once, whenever the call is given up.
func TestUntakenValuesAreReleased(t *testing.T) {
	tests := []struct {
		name, reason string
		queued       bool  // the call waits for the worker when give is called
		err          error // that comes with the value
		give         func(ctx context.Context, f future.Future[*resource], p poolCase) error
		opened       int32
		released     int32
		want         error
	}{
		{"taken", "the consumer has it", false, nil,
			func(ctx context.Context, f future.Future[*resource], _ poolCase) error {
				_, err := future.Await(ctx, f)
				return err
			}, 1, 0, nil},
		{"with an error", "the consumer has both", false, errDoom,
			func(ctx context.Context, f future.Future[*resource], _ poolCase) error {
				v, err := future.Await(ctx, f)
				if v == nil {
					return errors.New("the value is lost")
				}
				return err
			}, 1, 0, errDoom},
		{"canceled before the call", "nothing was opened", true, nil,
			func(_ context.Context, f future.Future[*resource], _ poolCase) error {
				future.Cancel(f)
				return nil
			}, 0, 0, nil},
		{"canceled during the call", "the value comes too late", false, nil,
			func(_ context.Context, f future.Future[*resource], _ poolCase) error {
				time.Sleep(time.Second / 2)
				future.Cancel(f)
				return nil
			}, 1, 1, nil},
		{"canceled after the call", "the value is there, and is not taken", false, nil,
			func(_ context.Context, f future.Future[*resource], _ poolCase) error {
				time.Sleep(time.Minute)
				future.Cancel(f)
				return nil
			}, 1, 1, nil},
		{"timed out during the call", "the value comes too late", false, nil,
			func(ctx context.Context, f future.Future[*resource], _ poolCase) error {
				_, err := future.Await(ctx, future.Timeout(f, time.Second/2))
				return err
			}, 1, 1, future.ErrTimeout},
		{"lost a race", "the value comes too late", false, nil,
			func(ctx context.Context, f future.Future[*resource], _ poolCase) error {
				time.Sleep(time.Second / 2)
				_, err := future.Await(ctx, future.Race(f, future.Failed[*resource](errDoom)))
				return err
			}, 1, 1, errDoom},
		{"pool released before the call", "nothing was opened", true, nil,
			func(ctx context.Context, f future.Future[*resource], p poolCase) error {
				p.release()
				_, err := future.Await(ctx, f)
				return err
			}, 0, 0, ants.ErrPoolClosed},
		{"pool released during the call", "what has begun ends, and is taken", false, nil,
			func(ctx context.Context, f future.Future[*resource], p poolCase) error {
				time.Sleep(time.Second / 2)
				p.release()
				_, err := future.Await(ctx, f)
				return err
			}, 1, 0, nil},
	}
	for _, tc := range tests {
		for _, name := range []string{"Submit", "SubmitContext", "Submit of a foreign pool", "Invoke"} {
			if tc.queued && name == "Submit of a foreign pool" {
				continue // it has no queue
			}
			t.Run(tc.name+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := poolCases(t)[name]
					var r resource
					fn := func() (*resource, error) { time.Sleep(time.Second); return r.open(tc.err) }
					if tc.queued {
						p.submit(func() (*resource, error) { time.Sleep(time.Minute); return nil, nil })
					}
					f := future.Owned(p.submit(fn), r.release)
					if err := tc.give(t.Context(), f, p); !errors.Is(err, tc.want) {
						t.Errorf("%s: got %v, want %v", tc.reason, err, tc.want)
					}
					time.Sleep(2 * time.Minute)
					if o, c := r.opened.Load(), r.released.Load(); o != tc.opened || c != tc.released {
						t.Errorf("%s: got %d opened and %d released, want %d and %d", tc.reason, o, c, tc.opened, tc.released)
					}
				})
			})
		}
	}
}

// However close the end of the wait is to the end of the call, each value is taken or
// released.
func TestValuesAreTakenOrReleased(t *testing.T) {
	rounds := 20_000
	if testing.Short() {
		rounds = 2_000
	}
	for name, p := range poolCases(t) {
		t.Run(name, func(t *testing.T) {
			var r resource
			taken := int32(0)
			for i := range rounds {
				f := future.Owned(p.submit(func() (*resource, error) { return r.open(nil) }), r.release)
				for range i % 20 {
					runtime.Gosched()
				}
				ctx, cancel := context.WithCancel(t.Context())
				if i%2 == 0 {
					cancel()
				} else {
					go cancel()
				}
				if _, err := future.Await(ctx, f); err == nil {
					taken++
				}
				cancel()
			}
			if _, err := future.Await(t.Context(), p.submit(func() (*resource, error) { return nil, nil })); err != nil {
				t.Error(err) // the pool has one worker: all others have ended
			}
			if o, c := r.opened.Load(), r.released.Load(); o != c+taken {
				t.Errorf("got %d opened, %d released and %d taken", o, c, taken)
			}
		})
	}
}

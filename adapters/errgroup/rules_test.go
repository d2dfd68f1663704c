package errgroup_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
	"github.com/go-await/await/oneshot"
)

// What a group gives to wait for goes by the rules of a future.
func TestFuturesFollowTheRules(t *testing.T) {
	type subject = futuretest.Subject[struct{}]
	wants := func(want error) func(struct{}, error) error {
		return func(_ struct{}, err error) error {
			if !errors.Is(err, want) {
				return fmt.Errorf("%v, want %v", err, want)
			}
			return nil
		}
	}
	e := newExecutor(t, 2)
	tests := []struct {
		name, reason string
		fresh        func(gate <-chan struct{}, open func()) subject
	}{
		{"wait", "the group succeeds", func(gate <-chan struct{}, open func()) subject {
			g, _ := errgroup.WithContext(t.Context())
			g.Go(func() error { <-gate; return nil })
			g.Go(func() error { return nil })
			return subject{Future: g.WaitFuture(), Steps: []func(){open}, Check: wants(nil)}
		}},
		{"wait for a failure", "with the error of the group", func(gate <-chan struct{}, open func()) subject {
			var g errgroup.Group
			g.SetLimit(2)
			g.Go(func() error { <-gate; return errDoom })
			g.Go(func() error { <-gate; return nil })
			return subject{Future: g.WaitFuture(), Steps: []func(){open}, Check: wants(errDoom)}
		}},
		{"wait beside others", "that were cancelled", func(gate <-chan struct{}, open func()) subject {
			var g errgroup.Group
			g.Go(func() error { <-gate; return errDoom })
			future.Cancel(g.WaitFuture())
			return subject{Future: g.WaitFuture(), Steps: []func(){open}, Check: wants(errDoom)}
		}},
		{"wait for nothing", "it is ready at once", func(<-chan struct{}, func()) subject {
			var g errgroup.Group
			return subject{Future: g.WaitFuture(), Check: wants(nil)}
		}},
		{"receiver", "of a function", func(gate <-chan struct{}, open func()) subject {
			var g errgroup.Group
			rx := errgroup.Go(&g, func() (struct{}, error) { <-gate; return struct{}{}, errDoom })
			return subject{Future: rx, Steps: []func(){open}, Check: wants(errDoom)}
		}},
		{"handle", "of a task", func(<-chan struct{}, func()) subject {
			g, _ := errgroup.WithContext(t.Context())
			tx, rx := oneshot.New[struct{}]()
			return subject{
				Future: errgroup.GoTask(g, e, func(ctx context.Context) (struct{}, error) { return future.Await(ctx, rx) }),
				Steps:  []func(){func() { _ = tx.Send(struct{}{}) }},
				Check:  wants(nil),
			}
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			open := func() {}
			defer func() { open() }()
			err := futuretest.TestFuture(func() subject {
				open() // for a schedule that did not come to it
				gate := make(chan struct{})
				open = sync.OnceFunc(func() { close(gate) })
				return tc.fresh(gate, open)
			})
			if err != nil {
				t.Errorf("%s: %v", tc.reason, err)
			}
		})
	}
}

package executor_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
	"github.com/go-await/await/oneshot"
)

// The handles of tasks follow the rules of futures.
func TestHandleFollowsTheRules(t *testing.T) {
	e := executor.New(executor.WithWorkers(2))
	defer e.Close()
	for name, start := range map[string]func(rx *oneshot.Receiver[int]) *executor.Handle[int]{
		"Go": func(rx *oneshot.Receiver[int]) *executor.Handle[int] {
			return executor.Go(e, func(ctx context.Context) (int, error) { return future.Await[int](ctx, rx) })
		},
		"Spawn": func(rx *oneshot.Receiver[int]) *executor.Handle[int] {
			return executor.Spawn[int](e, rx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := futuretest.TestFuture(func() futuretest.Subject[int] {
				tx, rx := oneshot.New[int]()
				return futuretest.Subject[int]{
					Future: start(rx),
					Steps:  []func(){func() { tx.Send(7) }},
					Check: func(v int, err error) error {
						if v != 7 || err != nil {
							return errors.New("wrong result")
						}
						return nil
					},
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

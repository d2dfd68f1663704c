package executor_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// BenchmarkWokenBesideUnbegun spawns 290,000 tasks, each of which computes for about 20 µs,
// while ten tasks wait that have begun. It measures how long these wait for a worker: from
// their cancellation, or from the moment at which their timer was due, until they go on.
// wait-ns is the median and worst-ns the maximum.
func BenchmarkWokenBesideUnbegun(b *testing.B) {
	const unbegun, waits = 290_000, 10
	boom := errors.New("boom")
	for _, row := range []struct {
		name  string
		delay time.Duration // of the timer, or 0 for a cancellation
	}{{"canceled", 0}, {"due", 10 * time.Millisecond}} {
		b.Run(row.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				e := executor.New(quiet)
				asked := time.Now()
				var waiting []*executor.Handle[time.Duration]
				var starts []*oneshot.Sender[int]
				for range waits {
					began := make(chan bool)
					tx, rx := oneshot.New[int]()
					starts = append(starts, tx)
					waiting = append(waiting, executor.Go(e, func(ctx context.Context) (time.Duration, error) {
						close(began)
						if _, err := future.Await(ctx, rx); err == nil {
							asked := time.Now()
							_, _ = future.Await(ctx, future.After(row.delay))
							return time.Since(asked) - row.delay, nil
						}
						return time.Since(asked), nil
					}))
					<-began
				}
				for range unbegun {
					executor.Go(e, func(context.Context) (int, error) {
						for began := time.Now(); time.Since(began) < 20*time.Microsecond; {
						}
						return 1, nil
					})
				}
				for i, h := range waiting {
					asked = time.Now()
					if row.delay > 0 {
						_ = starts[i].Send(1)
					} else {
						h.CancelCause(boom)
					}
					d, _ := future.Await(context.Background(), h)
					took = append(took, d)
				}
				_ = e.Close()
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2]), "wait-ns")
			b.ReportMetric(float64(took[len(took)-1]), "worst-ns")
		})
	}
}

package executor_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// BenchmarkStuckTasks has many tasks stuck on two workers: asleep for a second, on a mutex
// that every fiftieth of them holds while it awaits a timer, or on a channel that is closed
// after a second. Other tasks come one every millisecond until all have ended. worst-ns is
// how long the slowest of them took, in the median of the rounds, and max-ns in the worst
// round; workers is how many there were at most, log-B the
// length of the log of all that, and goroutines-left how many more goroutines there are
// after Close than before.
func BenchmarkStuckTasks(b *testing.B) {
	type stuck func(ctx context.Context, i int) (int, error)
	kinds := map[string]func() stuck{
		"sleep": func() stuck {
			return func(context.Context, int) (int, error) { time.Sleep(time.Second); return 1, nil }
		},
		"mutex": func() stuck {
			var mu sync.Mutex
			return func(ctx context.Context, i int) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				if i%50 == 0 {
					_, err := future.Await(ctx, future.After(time.Millisecond))
					return 1, err
				}
				return 1, nil
			}
		},
		"channel": func() stuck {
			gate := make(chan bool)
			time.AfterFunc(time.Second, func() { close(gate) })
			return func(context.Context, int) (int, error) { <-gate; return 1, nil }
		},
	}
	for _, n := range []int{10, 100, 300, 1000, 5000} {
		for _, kind := range []string{"sleep", "mutex", "channel"} {
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				var worsts []time.Duration
				most, logged, left := 0, 0, 0
				for b.Loop() {
					var worst time.Duration
					before := goroutines()
					log := new(logBuffer)
					e := executor.New(executor.WithWorkers(2), executor.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
					fn := kinds[kind]()
					hs := make([]future.Future[int], n)
					for i := range hs {
						hs[i] = executor.Go(e, func(ctx context.Context) (int, error) { return fn(ctx, i) })
					}
					all := executor.Spawn(e, future.All(hs...))
					for !all.Done() {
						began := time.Now()
						_, _ = future.Await(context.Background(), executor.Spawn(e, future.Ready(1)))
						worst = max(worst, time.Since(began))
						most = max(most, e.Stats().Workers)
						time.Sleep(time.Millisecond)
					}
					if vs, err := future.Await(context.Background(), all); len(vs) != n || err != nil {
						b.Errorf("%d results, %v", len(vs), err)
					}
					_ = e.Close()
					worsts = append(worsts, worst)
					logged = max(logged, len(log.String()))
					left = max(left, goroutines()-before)
				}
				slices.Sort(worsts)
				b.ReportMetric(float64(worsts[len(worsts)/2].Nanoseconds()), "worst-ns")
				b.ReportMetric(float64(worsts[len(worsts)-1].Nanoseconds()), "max-ns")
				b.ReportMetric(float64(most), "workers")
				b.ReportMetric(float64(logged), "log-B")
				b.ReportMetric(float64(left), "goroutines-left")
			})
		}
	}
}

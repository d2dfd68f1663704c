//go:build unix

package executor_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// BenchmarkStalls has 1,000 tasks asleep for a second that stall after 100 ms. cpu-ns is
// what that takes of the processors, gap-ns the longest time for which a goroutine that
// spins beside it does not run, and log-B the length of the log. "short" are tasks that do
// not stall: what is left is the cost of the tasks and of the workers that stand in.
func BenchmarkStalls(b *testing.B) {
	for _, bc := range []struct {
		name  string
		sleep time.Duration
		level slog.Level
	}{
		{"short", 90 * time.Millisecond, slog.LevelError},
		{"discarded", time.Second, slog.LevelError},
		{"logged", time.Second, slog.LevelWarn},
	} {
		b.Run(bc.name, func(b *testing.B) {
			var cpu, gap time.Duration
			bytes := 0
			for b.Loop() {
				log := new(logBuffer)
				e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(100*time.Millisecond),
					executor.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: bc.level}))))
				hs := make([]future.Future[int], 1000)
				for i := range hs {
					hs[i] = executor.Go(e, func(context.Context) (int, error) { time.Sleep(bc.sleep); return 1, nil })
				}
				time.Sleep(85 * time.Millisecond) // until all are asleep
				var over atomic.Bool
				longest := make(chan time.Duration)
				go func() {
					var most time.Duration
					for last := time.Now(); !over.Load(); {
						now := time.Now()
						most = max(most, now.Sub(last))
						last = now
					}
					longest <- most
				}()
				before := cpuTime(b)
				time.Sleep(500 * time.Millisecond)
				cpu = max(cpu, cpuTime(b)-before-500*time.Millisecond) // the one that spins takes that
				over.Store(true)
				gap = max(gap, <-longest)
				if _, err := future.Await(context.Background(), future.All(hs...)); err != nil {
					b.Error(err)
				}
				_ = e.Close()
				bytes = max(bytes, len(log.String()))
			}
			b.ReportMetric(float64(cpu), "cpu-ns")
			b.ReportMetric(float64(gap), "gap-ns")
			b.ReportMetric(float64(bytes), "log-B")
		})
	}
}

//go:build unix

package executor_test

import (
	"context"
	"flag"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

var idle = flag.Duration("idle", 0, "how long BenchmarkIdle does nothing")

// BenchmarkIdle does nothing for as long as the flag idle says, with an executor
// that has run tasks, and of which a thousand wait: cpu-ms is the time that the
// processors have spent on that, by all of the process.
//
//	go test ./executor -run '^$' -bench Idle -benchtime 1x -idle 1m
func BenchmarkIdle(b *testing.B) {
	if *idle == 0 {
		b.Skip("without the flag idle")
	}
	e := executor.New()
	defer e.Close()
	for range 1000 {
		executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
		if _, err := future.Await(context.Background(), executor.Spawn(e, future.Ready(1))); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	time.Sleep(time.Second) // until the runtime has come to rest
	for b.Loop() {
		before := cpuTime(b)
		time.Sleep(*idle)
		b.ReportMetric(float64(cpuTime(b)-before)/1e6, "cpu-ms")
	}
}

// cpuTime returns the time that the processors have spent on this process.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

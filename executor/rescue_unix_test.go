//go:build unix

package executor_test

import (
	"context"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// A task that is in one system call for as long as it takes.
func TestStallInSystemCall(t *testing.T) {
	testStall(t, func() (block, release func()) { return systemCall(t) })
}

// systemCall returns a function that is in one system call until the other one is
// called.
func systemCall(tb testing.TB) (block, release func()) {
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = syscall.Close(fds[0])
		_ = syscall.Close(fds[1])
	})
	block = func() {
		if _, err := syscall.Read(fds[0], make([]byte, 1)); err != nil {
			tb.Error(err)
		}
	}
	release = func() {
		if _, err := syscall.Write(fds[1], []byte{1}); err != nil {
			tb.Error(err)
		}
	}
	return block, release
}

// beside has workers stuck in tasks, and returns how long n tasks from outside
// take, one after the other, before any of those comes back.
func beside(tb testing.TB, e *executor.Executor, n int, stuck ...func() (block, release func())) []time.Duration {
	var hs []*executor.Handle[int]
	var releases []func()
	for _, start := range stuck {
		block, release := start()
		releases = append(releases, release)
		begun := make(chan bool)
		hs = append(hs, executor.Go(e, func(context.Context) (int, error) {
			close(begun)
			block()
			return 0, nil
		}))
		<-begun
	}
	var took []time.Duration
	for i := range n {
		began := time.Now()
		h := executor.Go(e, func(ctx context.Context) (int, error) { return i, executor.Yield(ctx) })
		if v, err := future.Await(context.Background(), h); v != i || err != nil {
			tb.Errorf("%d: %d, %v", i, v, err)
		}
		took = append(took, time.Since(began))
	}
	for i, h := range hs {
		if h.Done() {
			tb.Errorf("the stuck task %d has ended by itself", i)
		}
		releases[i]()
		_, _ = future.Await(context.Background(), h)
	}
	return took
}

// Tasks run beside others that compute, or are in a system call, on every worker:
// some of the first wait until the watch has noticed, and the rest for nobody.
func TestBesideStuck(t *testing.T) {
	// On one processor each step of the others would wait for the end of a time slice.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))))
	e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(10*time.Millisecond), quiet)
	took := beside(t, e, 200, computation, func() (func(), func()) { return systemCall(t) })
	slices.Sort(took)
	t.Logf("of %d tasks half took %v at most, the slowest %v", len(took), took[len(took)/2], took[len(took)-1])
	_ = e.Close() // waits for the watch
	// While it has noticed the one only, a spare worker may have run all the rest.
	if s := e.Stats(); s.Stalls == 0 {
		t.Errorf("two were stuck: %+v", s)
	}
}

// BenchmarkBesideStuck is how long a task takes that comes from outside while the
// only worker is stuck, in computing or in a system call: first-ns with what the
// watch needs to notice, p50-ns and p99-ns of 10,000 that come one after the other.
func BenchmarkBesideStuck(b *testing.B) {
	for _, kind := range []struct {
		name  string
		stuck func() (block, release func())
	}{
		{"nothing", nil},
		{"computing", computation},
		{"system-call", func() (func(), func()) { return systemCall(b) }},
	} {
		b.Run(kind.name, func(b *testing.B) {
			for b.Loop() {
				e := executor.New(executor.WithWorkers(1), quiet)
				var took []time.Duration
				if kind.stuck == nil {
					took = beside(b, e, 10_000)
				} else {
					took = beside(b, e, 10_000, kind.stuck)
				}
				_ = e.Close()
				b.ReportMetric(float64(took[0]), "first-ns")
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
				b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns")
			}
		})
	}
}

package executor_test

import (
	"context"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// A task that keeps its worker must not hold up the tasks behind it, nor those in
// its own worker's queue, whatever it does.
func TestStalledWorkerIsReplaced(t *testing.T) {
	for _, stuck := range []struct {
		name string
		do   func(over *atomic.Bool)
	}{
		{"computing", func(over *atomic.Bool) {
			for !over.Load() {
			}
		}},
		{"in a system call", func(over *atomic.Bool) {
			for !over.Load() {
				_, _ = os.Stat(".")
			}
		}},
		{"blocked", func(over *atomic.Bool) {
			for !over.Load() {
				time.Sleep(100 * time.Microsecond)
			}
		}},
	} {
		t.Run(stuck.name, func(t *testing.T) {
			e, log := logged(executor.WithWorkers(1), executor.WithStallThreshold(2*time.Millisecond))
			defer e.Close()
			var over atomic.Bool
			h := executor.Go(e, func(ctx context.Context) (bool, error) {
				// One in the worker's slot, one in its queue.
				for range 2 {
					executor.Go(e, func(context.Context) (int, error) { return 0, nil })
				}
				last := executor.Go(e, func(context.Context) (int, error) { over.Store(true); return 0, nil })
				stuck.do(&over)
				_, err := future.Await(ctx, last)
				return true, err
			}, executor.TaskName("stuck"))
			if _, err := future.Await(t.Context(), h); err != nil {
				t.Fatal(err)
			}
			s := e.Stats()
			if s.Stalls == 0 {
				t.Error("no stall was counted")
			}
			if n := strings.Count(log.String(), "task=stuck"); n != 1 {
				t.Errorf("the stall was reported %d times, want once: %s", n, log.String())
			}
			if runtime.GOARCH != "wasm" && !strings.Contains(log.String(), "TestStalledWorkerIsReplaced") {
				t.Errorf("the report lacks the stack: %s", log.String())
			}
			waitFor(t, "the spare workers to end", func() bool { return e.Stats().Workers == 1 })
		})
	}
}

// waitFor waits until what holds.
func waitFor(t *testing.T, name string, what func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !what(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", name)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestStallWatchOff(t *testing.T) {
	e, log := logged(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	h := executor.Go(e, func(context.Context) (int, error) { time.Sleep(50 * time.Millisecond); return 0, nil })
	if _, err := future.Await(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	if s := e.Stats(); s.Stalls != 0 || log.String() != "" {
		t.Errorf("%d stalls, logged %q", s.Stalls, log.String())
	}
}

// Time is the bubble's: a task that sleeps stalls for as long as it says, and an
// idle executor does not keep the clock going.
func TestStallInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, log := logged(executor.WithWorkers(1))
		h := executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Second); return 0, nil })
		if _, err := future.Await(t.Context(), h); err != nil {
			t.Error(err)
		}
		if s := e.Stats(); s.Stalls != 1 {
			t.Errorf("%d stalls, want 1; log %q", s.Stalls, log.String())
		}
		start := time.Now()
		time.Sleep(time.Hour)
		if d := time.Since(start); d != time.Hour {
			t.Errorf("an hour took %v", d)
		}
		_ = e.Close()
	})
}

// In Run a stall is reported, but nobody else may run its tasks.
func TestStallInRun(t *testing.T) {
	var during, ran int
	_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
		h := executor.Go(executor.FromContext(ctx), func(context.Context) (int, error) { ran++; return 0, nil })
		time.Sleep(50 * time.Millisecond)
		during = ran
		return future.Await(ctx, h)
	})
	if err != nil || during != 0 || ran != 1 {
		t.Errorf("%v; %d tasks ran beside the one that kept the goroutine, %d in all", err, during, ran)
	}
}

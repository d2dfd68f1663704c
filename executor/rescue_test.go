package executor_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A task that keeps its worker must not hold up the tasks behind it, nor those in
// its own worker's queue, whatever it does.
func TestStalledWorkerIsReplaced(t *testing.T) {
	for _, stuck := range []struct {
		name string
		do   func(over *atomic.Bool)
	}{
		{"computing", compute},
		{"in many system calls", func(over *atomic.Bool) {
			for !over.Load() {
				_, _ = os.Stat(".")
			}
		}},
		{"asleep", func(over *atomic.Bool) {
			for !over.Load() {
				time.Sleep(100 * time.Microsecond)
			}
		}},
	} {
		t.Run(stuck.name, func(t *testing.T) {
			testStall(t, func() (func(), func()) {
				var over atomic.Bool
				return func() { stuck.do(&over) }, func() { over.Store(true) }
			})
		})
	}
}

// compute computes until it is over. Most of the time it is where the runtime can
// interrupt it; in a look at an atomic it is not, under the race detector.
func compute(over *atomic.Bool) {
	for x := uint32(1); !over.Load(); {
		for range 1000 {
			x = x*1664525 + 1013904223
		}
		sink.Store(x)
	}
}

var sink atomic.Uint32

// computation returns a function that computes until the other one is called.
func computation() (block, release func()) {
	var over atomic.Bool
	return func() { compute(&over) }, func() { over.Store(true) }
}

// testStall has the only worker stuck in a task that only another one, queued
// behind it, can end.
func testStall(t *testing.T, make func() (block, release func())) {
	e, log := logged(executor.WithWorkers(1), executor.WithStallThreshold(2*time.Millisecond))
	defer e.Close()
	block, release := make()
	h := executor.Go(e, func(ctx context.Context) (bool, error) {
		// One in the worker's slot, two in its queue.
		for range 2 {
			executor.Go(e, func(context.Context) (int, error) { return 0, nil })
		}
		last := executor.Go(e, func(context.Context) (int, error) { release(); return 0, nil })
		block()
		_, err := future.Await(ctx, last)
		return true, err
	}, executor.TaskName("stuck"))
	if _, err := future.Await(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the spare worker to end", func() bool { return e.Stats().Workers == 1 })
	if s := e.Stats(); s.Stalls == 0 {
		t.Error("no stall was counted")
	}
	_ = e.Close() // waits for the report
	if n := strings.Count(log.String(), "task=stuck"); n != 1 {
		t.Errorf("the stall was reported %d times, want once: %s", n, log.String())
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

// An idle worker must take what is in the slot of the one that has stalled, which
// it must not while that runs.
func TestStalledWorkerIsRobbedByAnIdleOne(t *testing.T) {
	e, _ := logged(executor.WithWorkers(2), executor.WithStallThreshold(2*time.Millisecond))
	defer e.Close()
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		var over atomic.Bool
		executor.Go(e, func(context.Context) (int, error) { over.Store(true); return 0, nil })
		for !over.Load() {
			runtime.Gosched()
		}
		return 1, nil
	})
	if _, err := future.Await(t.Context(), h); err != nil {
		t.Fatal(err)
	}
}

// A task that is stuck makes another one runnable, and waits for it without
// suspending: somebody else must run it, though nobody looks any more.
func TestStalledTaskSchedules(t *testing.T) {
	for _, workers := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			e, _ := logged(executor.WithWorkers(workers))
			tx, rx := oneshot.New[int]()
			woken := executor.Spawn(e, rx)
			h := executor.Go(e, func(context.Context) (int, error) {
				time.Sleep(time.Hour)
				started := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
				v, err := future.Await(context.Background(), started) // blocks
				time.Sleep(time.Hour)
				_ = tx.Send(1)
				w, err2 := future.Await(context.Background(), woken)
				return v + w, errors.Join(err, err2)
			})
			if v, err := future.Await(t.Context(), h); v != 2 || err != nil {
				t.Errorf("%d workers: %d, %v", workers, v, err)
			}
			_ = e.Close()
		})
	}
}

// Once there is a spare worker, the tasks that come later need not wait for the
// watch; it does not even look while nothing changes.
func TestSpareWorkerStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, log := logged(executor.WithWorkers(1))
		start := time.Now()
		stuck := executor.Go(e, func(context.Context) (int, error) {
			time.Sleep(10 * 365 * 24 * time.Hour) // 30 billion thresholds
			return 0, nil
		})
		for range 1000 {
			if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
				t.Error(err)
			}
		}
		if d := time.Since(start); d > 20*time.Millisecond {
			t.Errorf("a thousand tasks beside one that is stuck took %v", d)
		}
		time.Sleep(2 * time.Second)
		if s := e.Stats(); s.Workers != 2 || s.Stalls != 1 {
			t.Errorf("one worker is stuck: %+v", s)
		}
		if _, err := future.Await(t.Context(), stuck); err != nil {
			t.Error(err)
		}
		time.Sleep(20 * time.Millisecond)
		if s := e.Stats(); s.Workers != 1 || s.Stalls != 1 {
			t.Errorf("it is back: %+v; log %q", s, log.String())
		}
		_ = e.Close()
	})
}

// Every worker that gets stuck is replaced by one, also a spare one, and all of
// the spares end once the workers are back.
func TestSpareWorkersGetStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const stuck = 10
		e, _ := logged(executor.WithWorkers(2))
		for range stuck {
			executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Hour); return 0, nil })
		}
		start := time.Now()
		if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d > stuck*20*time.Millisecond {
			t.Errorf("it waited %v", d)
		}
		time.Sleep(time.Minute)
		if s := e.Stats(); s.Workers != stuck+2 || s.Stalls != stuck || s.Live != stuck {
			t.Errorf("ten workers are stuck, two are not: %+v", s)
		}
		time.Sleep(time.Hour)
		if s := e.Stats(); s.Workers != 2 || s.Live != 0 {
			t.Errorf("all are back: %+v", s)
		}
		_ = e.Close()
	})
}

// A worker that gets stuck just when there is one too many is robbed all the same:
// the idle one is told.
func TestSpareWorkerIsRobbed(t *testing.T) {
	for _, tc := range []struct {
		reason string
		back   time.Duration // when the one it stands in for is back
	}{
		{"it has been dismissed, and gets stuck in its last task", 25 * time.Millisecond},
		{"the look that finds it stuck also finds the other one back", 35 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			e, _ := logged(executor.WithWorkers(1))
			executor.Go(e, func(context.Context) (int, error) { time.Sleep(tc.back); return 0, nil })
			executor.Go(e, func(context.Context) (int, error) {
				inSlot := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
				time.Sleep(time.Hour)
				if !inSlot.Done() {
					t.Errorf("%s: a task waits beside an idle worker: %+v", tc.reason, e.Stats())
				}
				return 0, nil
			})
			time.Sleep(2 * time.Hour)
			if s := e.Stats(); s.Live != 0 || s.Workers != 1 {
				t.Errorf("%s: at the end: %+v", tc.reason, s)
			}
			_ = e.Close()
		})
	}
}

// No spare worker starts while another one is idle, and the one that ends is one
// that rests, not one that is stuck itself.
func TestSpareWorkersAreNoMoreThanNeeded(t *testing.T) {
	tests := []struct {
		name, reason string
		workers      int
		stuck        []time.Duration // tasks that keep their workers so long
		want         map[time.Duration]int
	}{
		{"idle", "there is a worker for what comes", 2, []time.Duration{time.Hour},
			map[time.Duration]int{30 * time.Minute: 2, 2 * time.Hour: 2}},
		{"both stuck", "there is none", 2, []time.Duration{time.Hour, time.Hour},
			map[time.Duration]int{30 * time.Minute: 4, 2 * time.Hour: 2}},
		{"spare stuck", "the other spare one has nothing to do when the first worker is back", 1, []time.Duration{time.Hour, 3 * time.Hour},
			map[time.Duration]int{30 * time.Minute: 3, 2 * time.Hour: 2, 4 * time.Hour: 1}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, _ := logged(executor.WithWorkers(tc.workers))
				defer e.Close()
				began := time.Now()
				for _, d := range tc.stuck {
					executor.Go(e, func(context.Context) (int, error) { time.Sleep(d); return 0, nil })
				}
				for _, at := range slices.Sorted(maps.Keys(tc.want)) {
					time.Sleep(at - time.Since(began))
					if s := e.Stats(); s.Workers != tc.want[at] {
						t.Errorf("%s: after %v there are %d workers, want %d", tc.reason, at, s.Workers, tc.want[at])
					}
				}
			})
		})
	}
}

// Tasks that end within the threshold are no stalls, also when the watch happens to
// look in the middle of each, and whatever their worker did before.
func TestShortTasksDoNotStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, log := logged(executor.WithWorkers(1), executor.WithStallThreshold(10*time.Millisecond))
		defer e.Close()
		for _, tc := range []struct {
			name   string
			took   time.Duration
			tasks  int
			stalls uint64
			spares int
		}{
			{"short", 7 * time.Millisecond, 100, 0, 0},
			{"long", time.Hour, 1, 1, 1},
			{"short after a long one", 7 * time.Millisecond, 5, 1, 0},
		} {
			for range tc.tasks {
				if _, err := future.Await(t.Context(), executor.Go(e, func(context.Context) (int, error) {
					time.Sleep(tc.took)
					return 0, nil
				}, executor.TaskName(tc.name))); err != nil {
					t.Error(err)
				}
			}
			if s := e.Stats(); s.Stalls != tc.stalls || s.Workers != 1+tc.spares {
				t.Errorf("%s: %d stalls until then, want %d; %d workers, want %d: %s", tc.name, s.Stalls, tc.stalls, s.Workers, 1+tc.spares, log.String())
			}
		}
	})
}

// There are no more spare workers than WithMaxSpares says. What comes then waits, and
// one line of log says so, once until the stuck ones are back.
func TestSpareWorkersHaveALimit(t *testing.T) {
	for _, limit := range []int{-1, 0, 1, 100} {
		synctest.Test(t, func(t *testing.T) {
			spares := max(0, limit)
			e, log := logged(executor.WithWorkers(1), executor.WithName("limited"), executor.WithMaxSpares(limit))
			for round := 1; round <= 2; round++ {
				for range spares + 11 {
					executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Hour); return 0, nil })
				}
				time.Sleep(time.Hour / 2)
				h := executor.Spawn(e, future.Ready(1))
				time.Sleep(time.Minute)
				if s := e.Stats(); s.Workers != 1+spares || s.Stalls != uint64((round-1)*(spares+11)+1+spares) || h.Done() {
					t.Errorf("limit %d: all are stuck: %+v; what comes then has ended: %v", limit, s, h.Done())
				}
				want := fmt.Sprintf("executor=limited stuck=%d max_spares=%d do=", 1+spares, limit)
				if s := log.String(); strings.Count(s, "level=ERROR") != round || strings.Count(s, want) != round {
					t.Errorf("limit %d, round %d: want %d lines with level=ERROR and %q, got %q", limit, round, round, want, s)
				}
				time.Sleep(24 * time.Hour)
				if s := e.Stats(); s.Workers != 1 || s.Live != 0 {
					t.Errorf("limit %d: all are back: %+v", limit, s)
				}
			}
			_ = e.Close()
		})
	}
}

// The default limit is none that a test would reach: 5,000 tasks may be stuck, and then
// others begin within 100 ms, by the bubble's clock.
func TestManyStuckTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, log := logged(executor.WithWorkers(2))
		began, before := time.Now(), runtime.NumGoroutine()
		for range 5000 {
			executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Hour); return 0, nil })
		}
		if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("another task waited %v for 5,000 that are stuck, want at most 100ms", took)
		}
		time.Sleep(time.Minute)
		if s := e.Stats(); s.Stalls != 5000 || s.Workers != 5002 {
			t.Errorf("5,000 tasks are stuck: %+v", s)
		}
		time.Sleep(time.Hour)
		if s, n := e.Stats(), goroutines(); s.Live != 0 || s.Workers != 2 || n > before+2*(1+executor.MaxIdleCoroutines) {
			t.Errorf("all are back: %+v, and %d goroutines, %d before", s, n, before)
		}
		_ = e.Close()
		if n := strings.Count(log.String(), "\n"); n > 100 {
			t.Errorf("%d lines of log about 5,000 stalls", n)
		}
	})
}

// A task that awaits futures which are always ready lets others run once in a threshold,
// and has not stalled.
func TestTaskOfReadyFuturesIsNotStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, log := logged(executor.WithWorkers(1))
		h := executor.Go(e, func(ctx context.Context) (int, error) {
			for range 100 {
				time.Sleep(3 * time.Millisecond)
				if _, err := future.Await(ctx, future.Ready(1)); err != nil {
					return 0, err
				}
			}
			return 7, nil
		})
		began := time.Now()
		if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 25*time.Millisecond {
			t.Errorf("another task waited %v, want at most two thresholds and an await", took)
		}
		if v, err := future.Await(t.Context(), h); v != 7 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
		if s := e.Stats(); s.Stalls != 0 || s.Workers != 1 || log.String() != "" {
			t.Errorf("got %+v and the log %q, want no stall", s, log.String())
		}
		_ = e.Close()
	})
}

// goroutines returns how many goroutines there are. While the collector frees the stacks
// of those that have ended the runtime counts these too: the least of several counts is
// the right one.
func goroutines() int {
	n := runtime.NumGoroutine()
	for range 5 {
		runtime.GC()
		n = min(n, runtime.NumGoroutine())
	}
	return n
}

// Tasks that are stuck on a mutex whose holder awaits are no deadlock.
func TestStuckOnMutexHeldOverAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := logged(executor.WithWorkers(2))
		// A mutex is not durably blocking, but a channel is.
		mutex := make(chan bool, 1)
		var hs []future.Future[int]
		for range 300 {
			hs = append(hs, executor.Go(e, func(ctx context.Context) (int, error) {
				mutex <- true
				defer func() { <-mutex }()
				_, err := future.Await(ctx, future.After(time.Millisecond))
				return 1, err
			}))
		}
		began := time.Now()
		if vs, err := future.Await(t.Context(), future.All(hs...)); len(vs) != 300 || err != nil {
			t.Errorf("%d results, %v", len(vs), err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("300 tasks that hold a mutex for a millisecond each took %v", took)
		}
		time.Sleep(time.Second)
		if s := e.Stats(); s.Workers != 2 {
			t.Errorf("all are back: %+v", s)
		}
		_ = e.Close()
	})
}

// A spare worker must end also if there is always something to do.
func TestSpareWorkerEndsUnderLoad(t *testing.T) {
	e, _ := logged(executor.WithWorkers(1), executor.WithStallThreshold(2*time.Millisecond))
	defer e.Close()
	var over atomic.Bool
	load := func(ctx context.Context) (int, error) {
		n := 0
		for ; !over.Load(); n++ {
			if err := executor.Yield(ctx); err != nil {
				return n, err
			}
		}
		return n, nil
	}
	stuck := executor.Go(e, func(context.Context) (int, error) {
		for range 4 {
			executor.Go(e, load)
		}
		waitFor(t, "a spare worker", func() bool { return e.Stats().Workers == 2 })
		return 1, nil
	})
	if _, err := future.Await(t.Context(), stuck); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the spare worker to end", func() bool { return e.Stats().Workers == 1 })
	if s := e.Stats(); s.Live != 4 {
		t.Errorf("four tasks never stop: %+v", s)
	}
	over.Store(true)
}

// Counts must not go down when a spare worker takes its own with it.
func TestStatsOnlyGrow(t *testing.T) {
	e, _ := logged(executor.WithWorkers(1), executor.WithStallThreshold(time.Millisecond))
	defer e.Close()
	var before executor.Stats
	for range 5 {
		h := executor.Go(e, func(context.Context) (int, error) {
			n := e.Stats().Stalls
			waitFor(t, "a stall", func() bool { return e.Stats().Stalls > n })
			return 0, nil
		})
		for !h.Done() || e.Stats().Workers > 1 {
			_, _ = future.Await(t.Context(), executor.Spawn(e, future.Ready(1)))
			s := e.Stats()
			if s.Polls < before.Polls || s.Steals < before.Steals || s.Parks < before.Parks || s.Spawned < before.Spawned || s.Stalls < before.Stalls {
				t.Fatalf("%+v\nand then %+v", before, s)
			}
			before = s
		}
	}
}

func TestStallWatchOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, log := logged(executor.WithWorkers(1), executor.WithStallThreshold(0))
		h := executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Hour); return 0, nil })
		if _, err := future.Await(t.Context(), h); err != nil {
			t.Error(err)
		}
		if s := e.Stats(); s.Stalls != 0 || log.String() != "" {
			t.Errorf("%d stalls, logged %q", s.Stalls, log.String())
		}
		_ = e.Close()
	})
}

// Many executors that were used and closed must leave no timer behind that
// prolongs anything: the bubble ends.
func TestStallWatchRestsWithTheWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := logged(executor.WithWorkers(2))
		for range 100 {
			if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
				t.Error(err)
			}
			time.Sleep(20 * time.Millisecond)
			if executor.Watching(e) {
				t.Fatal("the timer is set while all workers rest")
			}
		}
		_ = e.Close()
	})
}

// In Run a stall is reported, but nobody else may run its tasks.
func TestStallInRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var during, ran int
		var s executor.Stats
		_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
			e := executor.FromContext(ctx)
			h := executor.Go(e, func(context.Context) (int, error) { ran++; return 0, nil })
			time.Sleep(time.Hour)
			during, s = ran, e.Stats()
			return future.Await(ctx, h)
		})
		if err != nil || during != 0 || ran != 1 {
			t.Errorf("%v; %d tasks ran beside the one that kept the goroutine, %d in all", err, during, ran)
		}
		if s.Stalls != 1 || s.Workers != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// On a Runner too, but its other goroutines take over what they can.
func TestStallOnRunner(t *testing.T) {
	e, log := logged(executor.WithWorkers(2), executor.WithRunner(goRunner{}), executor.WithStallThreshold(2*time.Millisecond))
	defer e.Close()
	reported := make(chan struct{})
	release := sync.OnceFunc(func() { close(reported) })
	defer release()
	h := executor.Go(e, func(context.Context) (int, error) {
		done := make(chan struct{})
		executor.Go(e, func(context.Context) (int, error) { close(done); return 0, nil })
		<-done
		<-reported
		return 1, nil
	}, executor.TaskName("stuck"))
	waitFor(t, "the report", func() bool { return strings.Count(log.String(), "task=stuck") == 1 })
	release()
	if _, err := future.Await(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	if s := e.Stats(); s.Workers != 2 {
		t.Errorf("%d workers, want 2", s.Workers)
	}
}

// A goRunner runs each task on a goroutine of its own.
type goRunner struct{}

func (goRunner) Submit(f func()) error {
	go f()
	return nil
}

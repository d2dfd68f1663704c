package executor_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// An executor lives in a bubble: idle workers and suspended tasks let the clock
// run, which is exact. Bubbles come one after the other, with a thing or two of
// the one before still in the caches of the process.
func TestBubbles(t *testing.T) {
	for range 3 {
		synctest.Test(t, func(t *testing.T) {
			e := executor.New(executor.WithWorkers(2))
			began := time.Now()
			var hs []future.Future[time.Duration]
			for i := range 100 {
				d := time.Duration(i%10) * time.Minute
				hs = append(hs, executor.Go(e, func(ctx context.Context) (time.Duration, error) {
					for range 3 {
						if _, err := future.Await(ctx, future.After(d)); err != nil {
							return 0, err
						}
					}
					return time.Since(began), nil
				}))
			}
			ds, err := future.Await(t.Context(), future.All(hs...))
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range ds {
				if want := 3 * time.Duration(i%10) * time.Minute; d != want {
					t.Errorf("task %d took %v, want %v", i, d, want)
				}
			}
			_ = e.Close()
		})
	}
}

// While nobody has anything to do, nothing happens: in an hour no worker looks for
// a task, though some wait.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(4))
		for range 100 {
			executor.Spawn(e, future.Never[int]())
			executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
		}
		time.Sleep(time.Second) // until the stall watch rests
		before := e.Stats()
		time.Sleep(time.Hour)
		if after := e.Stats(); after != before || before.Polls != 200 {
			t.Errorf("%+v, and an hour later %+v", before, after)
		}
		_ = e.Close()
	})
}

// How Shutdown ends.
func TestShutdown(t *testing.T) {
	tests := []struct {
		name, reason string
		task         time.Duration // how long each of three tasks takes
		stubborn     time.Duration // and how long it cleans up
		limit        time.Duration
		took         time.Duration
		left         time.Duration // for a Close after that
		canceled     int
	}{
		{"nothing to do", "no task lives", 0, 0, time.Hour, 0, 0, 0},
		{"in time", "the tasks end by themselves", time.Minute, 0, time.Hour, time.Minute, 0, 0},
		{"too long", "the rest is canceled", time.Hour, 0, time.Minute, time.Minute, 0, 3},
		{"stubborn", "and is left to a Close", time.Hour, time.Hour, time.Minute, time.Minute, time.Hour, 3},
		{"too late", "a context that has ended leaves no time", time.Hour, 0, 0, 0, 0, 3},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := executor.New(executor.WithWorkers(2))
				var hs []*executor.Handle[int]
				for range 3 {
					hs = append(hs, executor.Go(e, func(ctx context.Context) (int, error) {
						_, err := future.Await(ctx, future.After(tc.task))
						if err != nil {
							_, _ = future.Await(context.WithoutCancel(ctx), future.After(tc.stubborn))
						}
						return 1, err
					}))
				}
				synctest.Wait()
				ctx, cancel := context.WithTimeoutCause(t.Context(), tc.limit, errCause)
				defer cancel()
				began := time.Now()
				err := e.Shutdown(ctx)
				if d := time.Since(began); d != tc.took {
					t.Errorf("%s: it took %v, want %v", tc.reason, d, tc.took)
				}
				if tc.canceled == 0 && err != nil ||
					tc.canceled > 0 && (!errors.Is(err, errCause) || !strings.Contains(err.Error(), "3 tasks")) {
					t.Errorf("%s: %v", tc.reason, err)
				}
				if err := e.Close(); err != nil {
					t.Errorf("%s: Close: %v", tc.reason, err)
				}
				if d := time.Since(began) - tc.took; d != tc.left {
					t.Errorf("%s: a Close after it took %v, want %v", tc.reason, d, tc.left)
				}
				canceled := 0
				for _, h := range hs {
					switch v, ready, err := h.Poll(nil); {
					case !ready:
						t.Errorf("%s: a task is left", tc.reason)
					case err == errCause:
						canceled++
					case v != 1 || err != nil:
						t.Errorf("%s: %d, %v", tc.reason, v, err)
					}
				}
				if canceled != tc.canceled {
					t.Errorf("%s: %d tasks were cancelled, want %d", tc.reason, canceled, tc.canceled)
				}
				if _, _, err := executor.Spawn(e, future.Ready(1)).Poll(nil); err != executor.ErrRefused {
					t.Errorf("%s: a task afterwards: %v", tc.reason, err)
				}
			})
		})
	}
}

// Close and Shutdown may be called by several goroutines, and again.
func TestClosers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(2))
		h := executor.Go(e, func(ctx context.Context) (int, error) {
			_, err := future.Await(ctx, future.Never[int]())
			_, _ = future.Await(context.WithoutCancel(ctx), future.After(time.Minute))
			return 0, err
		})
		synctest.Wait() // until it waits
		began := time.Now()
		var ends atomic.Int32
		for i := range 6 {
			go func() {
				var err error
				if i%2 == 0 {
					err = e.Close()
				} else {
					err = e.Shutdown(context.Background())
				}
				if d := time.Since(began); err != nil || d != time.Minute || !h.Done() {
					t.Errorf("%d: %v after %v, done: %v", i, err, d, h.Done())
				}
				ends.Add(1)
			}()
		}
		time.Sleep(2 * time.Minute)
		if n := ends.Load(); n != 6 {
			t.Errorf("%d have returned", n)
		}
		if err := errors.Join(e.Close(), e.Shutdown(t.Context())); err != nil {
			t.Error(err)
		}
	})
}

// A handle may be polled by somebody outside every bubble, and a task be woken
// from there: nothing of an executor belongs to a bubble by itself.
func TestOutsideOfBubble(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	tx, rx := oneshot.New[int]()
	h := executor.Spawn(e, rx)
	synctest.Test(t, func(t *testing.T) {
		if err := tx.Send(7); err != nil { // wakes the task of the executor outside
			t.Error(err)
		}
	})
	if v, err := future.Await(t.Context(), h); v != 7 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
}

// A report that takes its time holds up neither the bubble's clock nor the next one.
func TestSlowReportInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reports atomic.Int32
		log := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
			time.Sleep(time.Second)
			reports.Add(1)
			return len(p), nil
		}), nil))
		e := executor.New(executor.WithWorkers(1), executor.WithLogger(log))
		for range 2 {
			executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Minute); return 0, nil })
		}
		time.Sleep(time.Hour)
		if n := reports.Load(); n != 2 {
			t.Errorf("%d reports of two stalls", n)
		}
		executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Minute); return 0, nil })
		time.Sleep(20 * time.Millisecond)
		_ = e.Close() // waits for the third
		if n := reports.Load(); n != 3 {
			t.Errorf("%d reports of three stalls after Close", n)
		}
	})
}

// A context that has ended is no failure if there is nothing left to cancel,
// whichever of the two Shutdown sees first.
func TestShutdownOfNothing(t *testing.T) {
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errCause)
	for range 20 {
		e := executor.New(executor.WithWorkers(1))
		if err := e.Shutdown(ended); err != nil {
			t.Errorf("no task lives: %v", err)
		}
	}
}

package executor_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// blocked returns an executor whose only worker is blocked until release is called.
func blocked(t *testing.T) (e *executor.Executor, release func()) {
	e = executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0), quiet)
	gate, busy := make(chan bool), make(chan bool)
	executor.Go(e, func(context.Context) (int, error) {
		close(busy)
		<-gate
		return 0, nil
	})
	<-busy
	return e, sync.OnceFunc(func() { close(gate) })
}

// A task that never ran ends when it is canceled, on the goroutine that cancels it,
// though no worker is free: with the cause, with its future canceled and with its end
// told once. Its entry in the queue does no harm.
func TestCanceledBeforeItRanEndsAtOnce(t *testing.T) {
	expired, cancel := context.WithCancelCause(context.Background())
	cancel(errCause)
	cancels := []struct {
		name string
		do   func(e *executor.Executor, h *executor.Handle[int])
		want error
	}{
		{"CancelCause", func(_ *executor.Executor, h *executor.Handle[int]) { h.CancelCause(errCause) }, errCause},
		{"CancelCause of nil", func(_ *executor.Executor, h *executor.Handle[int]) { h.CancelCause(nil) }, future.ErrCanceled},
		{"Cancel", func(_ *executor.Executor, h *executor.Handle[int]) { h.Cancel() }, future.ErrCanceled},
		{"Shutdown", func(e *executor.Executor, _ *executor.Handle[int]) { _ = e.Shutdown(expired) }, errCause},
		{"CloseContext", func(e *executor.Executor, _ *executor.Handle[int]) { _ = e.CloseContext(expired) }, executor.ErrClosed},
	}
	for _, kind := range []string{"Go", "Spawn"} {
		for _, c := range cancels {
			t.Run(kind+" "+c.name, func(t *testing.T) {
				e, release := blocked(t)
				defer e.Close()
				defer release()
				var told []error
				ended := executor.OnTaskEnd(func(err error) { told = append(told, err) })
				probe := &canceledFuture{}
				var ran atomic.Bool
				var h *executor.Handle[int]
				if kind == "Go" {
					h = executor.Go(e, func(context.Context) (int, error) { ran.Store(true); return 1, nil }, ended)
				} else {
					h = executor.Spawn(e, future.Future[int](probe), ended)
				}
				c.do(e, h)
				if !h.Done() || len(told) != 1 || told[0] != c.want {
					t.Errorf("done: %v, told %v, want the end with %v", h.Done(), told, c.want)
				}
				if _, ready, err := h.Poll(nil); !ready || !errors.Is(err, c.want) {
					t.Errorf("its result is %v, %v, want %v", ready, err, c.want)
				}
				if kind == "Spawn" && probe.cancels != 1 {
					t.Errorf("its future was canceled %d times, want once", probe.cancels)
				}
				if s := e.Stats(); s.Live != 1 || s.Queued > 1 {
					t.Errorf("got %+v, want the task that blocks to be the only live one", s)
				}
				c.do(e, h) // again
				release()
				_ = e.Close()
				if s := e.Stats(); ran.Load() || len(told) != 1 || s.Live != 0 || s.Queued != 0 {
					t.Errorf("ran: %v, told %v, left %+v", ran.Load(), told, s)
				}
			})
		}
	}
}

// A canceledFuture counts its cancellations.
type canceledFuture struct{ cancels int }

func (f *canceledFuture) Poll(*future.Waker) (int, bool, error) {
	return 0, f.cancels > 0, future.ErrCanceled
}
func (f *canceledFuture) Cancel() { f.cancels++ }

// A message that was sent before the cancellation is the result, also of a task that
// never ran.
func TestCanceledBeforeItRanLosesNoMessage(t *testing.T) {
	e, release := blocked(t)
	defer e.Close()
	defer release()
	tx, rx := oneshot.New[int]()
	h := executor.Spawn(e, rx)
	if err := tx.Send(7); err != nil {
		t.Fatal(err)
	}
	h.CancelCause(errCause)
	if v, ready, err := h.Poll(nil); v != 7 || !ready || err != nil {
		t.Errorf("got %d, %v, %v, want the message", v, ready, err)
	}
}

// The entry that a canceled task leaves in its queue keeps nothing of what the task
// was made of.
func TestCanceledBeforeItRanKeepsNothing(t *testing.T) {
	type big [1 << 16]byte
	e, release := blocked(t)
	defer e.Close()
	defer release()
	var collected atomic.Int32
	watched := func() *big {
		b := new(big)
		runtime.AddCleanup(b, func(int) { collected.Add(1) }, 0)
		return b
	}
	func() {
		in, told, carried := watched(), watched(), watched()
		type key struct{}
		ctx := context.WithValue(context.Background(), key{}, carried)
		opts := []executor.TaskOption{executor.TaskContext(ctx), executor.TaskName("named"),
			executor.OnTaskEnd(func(error) { told[0] = 1 })}
		executor.Go(e, func(context.Context) (byte, error) { return in[0], nil }, opts...).CancelCause(errCause)
		polled := watched()
		executor.Spawn(e, future.Func(func(*future.Waker) (byte, bool, error) { return polled[0], true, nil }), opts...).CancelCause(errCause)
	}()
	waitFor(t, "what the tasks had to be collected", func() bool {
		runtime.GC()
		return collected.Load() == 4
	})
}

// A Runnable that is canceled before its first Run has ended: Run is called for the
// schedule that there was, and runs nothing.
func TestRunnableCanceledBeforeItRan(t *testing.T) {
	for _, scheduled := range []bool{false, true} {
		schedules, told := 0, 0
		ran := false
		r, h := executor.NewRunnableFunc(context.Background(), func(context.Context) (int, error) { ran = true; return 1, nil },
			func(*executor.Runnable) { schedules++ }, executor.OnTaskEnd(func(error) { told++ }))
		if scheduled {
			r.Schedule()
		}
		r.CancelCause(errCause)
		if _, ready, err := h.Poll(nil); !ready || err != errCause || told != 1 {
			t.Errorf("scheduled %v: got %v, %v, told %d times, want the cause without a Run", scheduled, ready, err, told)
		}
		if !scheduled {
			r.Schedule() // it has ended, and there is nothing to run
		}
		if want := map[bool]int{true: 1}[scheduled]; schedules != want {
			t.Errorf("scheduled %d times, want %d", schedules, want)
		}
		before := schedules
		if !r.Run() || ran {
			t.Errorf("Run of a task that has ended has run it: %v", ran)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a Run more than there were schedules did not panic")
				}
			}()
			r.Run()
		}()
		h.CancelCause(errors.New("late"))
		if told != 1 || schedules != before {
			t.Errorf("told %d times, scheduled %d times after its end", told, schedules)
		}
	}
}

// A Runnable that waits is canceled by the executor's author, and unwinds in its next
// Run.
func TestRunnableCanceledWhileItWaits(t *testing.T) {
	schedules := 0
	r, h := executor.NewRunnableFunc(context.Background(), func(ctx context.Context) (int, error) {
		return future.Await(ctx, future.Never[int]())
	}, func(*executor.Runnable) { schedules++ })
	if r.Run() {
		t.Fatal("it does not wait")
	}
	r.CancelCause(nil)
	if schedules != 1 || !r.Run() {
		t.Errorf("scheduled %d times", schedules)
	}
	if _, ready, err := h.Poll(nil); !ready || err != future.ErrCanceled {
		t.Errorf("got %v, %v, want ErrCanceled", ready, err)
	}
}

// A task that is started after the end of its parent's context is begun all the same.
func TestStartedAfterTheEndOfItsContextRuns(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), quiet)
	defer e.Close()
	over, cancel := context.WithCancelCause(context.Background())
	cancel(errCause)
	fn := func(ctx context.Context) (int, error) { return 7, nil }
	if v, err := future.Await(t.Context(), executor.Go(e, fn, executor.TaskContext(over))); v != 7 || err != nil {
		t.Errorf("TaskContext: %d, %v", v, err)
	}
	h := executor.Go(e, func(ctx context.Context) (v int, err error) {
		_ = executor.Scope(ctx, func(g *executor.TaskGroup) error {
			executor.GoIn(g, func(context.Context) (int, error) { return 0, errCause })
			for g.Context().Err() == nil {
				_ = executor.Yield(context.WithoutCancel(ctx))
			}
			v, err = future.Await(context.WithoutCancel(ctx), executor.GoIn(g, fn))
			return nil
		})
		return v, err
	})
	if v, err := future.Await(t.Context(), h); v != 7 || err != nil {
		t.Errorf("GoIn: %d, %v", v, err)
	}
}

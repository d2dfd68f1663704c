package executor_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// elapsed runs fn as a task and returns how long it says that something took.
func elapsed(t *testing.T, e *executor.Executor, fn func(ctx context.Context) (time.Duration, error)) time.Duration {
	t.Helper()
	d, err := future.Await(t.Context(), executor.Go(e, fn))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A task that yields to one that then blocks goes on on another worker.
func TestYieldToBlocking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(0))
		defer e.Close()
		if d := elapsed(t, e, func(ctx context.Context) (time.Duration, error) {
			time.Sleep(time.Second) // until the other worker is idle
			began := time.Now()
			executor.Go(e, func(context.Context) (int, error) { time.Sleep(time.Hour); return 0, nil })
			err := executor.Yield(ctx)
			return time.Since(began), err
		}); d != 0 {
			t.Errorf("the task waited %v beside an idle worker", d)
		}
	})
}

// A task that was spawned by one that then blocks is taken over by a worker that
// has nothing to do.
func TestSpawnThenBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const threshold = time.Second
		e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(threshold))
		defer e.Close()
		began := time.Now()
		var begun time.Duration
		tx, rx := oneshot.New[int]()
		executor.Go(e, func(ctx context.Context) (int, error) {
			h := executor.Go(e, func(context.Context) (int, error) {
				begun = time.Since(began)
				return 0, tx.Send(1)
			})
			time.Sleep(time.Hour)
			return future.Await(ctx, h)
		})
		if _, err := rx.Recv(); err != nil || begun > 2*threshold {
			t.Errorf("begun after %v, %v", begun, err)
		}
	})
}

// Close waits for all there is to do at the end of a task, also of Run's.
func TestCloseOfRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over, closed := false, make(chan bool, 1)
		_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
			e := executor.FromContext(ctx)
			executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) },
				executor.OnTaskEnd(func(error) {
					time.Sleep(time.Second)
					over = true
				}))
			go func() {
				_ = e.Shutdown(context.Background())
				closed <- over
			}()
			return future.Await(ctx, future.Map(future.After(time.Second), func(struct{}) (int, error) { return 0, nil }))
		})
		if err != nil {
			t.Error(err)
		}
		if !<-closed {
			t.Errorf("Close returned before the end of a task")
		}
	})
}

// A task cannot wait for itself, whoever else uses the table of identities.
func TestCloseByOwnTask(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	closes := func() (bool, error) {
		e.ForgetIdentities()
		return e.Close() == executor.ErrOwnTask && e.Shutdown(context.Background()) == executor.ErrOwnTask, nil
	}
	code := executor.Go(e, func(context.Context) (bool, error) { return closes() })
	if v, err := future.Await(t.Context(), code); !v || err != nil {
		t.Errorf("in Go: %v, %v", v, err)
	}
	poll := executor.Spawn(e, future.Func(func(*future.Waker) (bool, bool, error) {
		v, err := closes()
		return v, true, err
	}))
	if v, err := future.Await(t.Context(), poll); !v || err != nil {
		t.Errorf("in Spawn: %v, %v", v, err)
	}
}

// A task that has been cancelled sees that at once, also while another goroutine
// is about to make the context that hangs on the task's.
func TestErrBesideDone(t *testing.T) {
	cause := errors.New("cause")
	scheduled := 1
	r, h := executor.NewRunnableFunc(t.Context(), func(ctx context.Context) (int, error) {
		executor.HalfCanceled(ctx, cause)
		return future.Await(ctx, future.Never[int]())
	}, func(*executor.Runnable) { scheduled++ })
	for ; scheduled > 0; scheduled-- {
		r.Run()
	}
	if _, ready, err := h.Poll(nil); !ready || err != cause {
		t.Errorf("%v, %v", ready, err)
	}
}

// A Runnable that is run too often says so, and comes to no harm.
func TestRunTooOften(t *testing.T) {
	tests := []struct {
		name, reason string
		make         func(tx **oneshot.Sender[int]) future.Future[int]
		polls        int
	}{
		{"waiting", "a wake must schedule it still", func(tx **oneshot.Sender[int]) future.Future[int] {
			t, rx := oneshot.New[int]()
			*tx = t
			return rx
		}, 1},
		{"ended", "it must not seem alive", func(**oneshot.Sender[int]) future.Future[int] { return future.Ready(1) }, 1},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			var tx *oneshot.Sender[int]
			scheduled := 0
			r, h := executor.NewRunnable(tc.make(&tx), func(*executor.Runnable) { scheduled++ })
			ended := r.Run()
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("Run did not panic")
					}
				}()
				r.Run()
			}()
			if h.Done() != ended {
				t.Errorf("%s: Done is %v", tc.reason, h.Done())
			}
			if tx != nil {
				_ = tx.Send(1)
				if scheduled != 1 || !r.Run() {
					t.Errorf("%s: scheduled %d times", tc.reason, scheduled)
				}
			}
			if v, ready, err := h.Poll(nil); v != 1 || !ready || err != nil {
				t.Errorf("%s: %v, %v, %v", tc.reason, v, ready, err)
			}
		})
	}
}

// An exitingFuture waits for ever, and exits the goroutine that cancels it.
type exitingFuture struct{}

func (exitingFuture) Poll(*future.Waker) (int, bool, error) { return 0, false, nil }
func (exitingFuture) Cancel()                               { runtime.Goexit() }

// A task ends also if its future does not even let itself be cancelled.
func TestGoexitInCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1), quiet)
		h := executor.Spawn(e, future.Future[int](exitingFuture{}))
		synctest.Wait()
		_ = e.Close() // a deadlock of the bubble, otherwise
		if _, ready, err := h.Poll(nil); !ready || err != future.ErrGoexit {
			t.Errorf("its result: %v, %v", ready, err)
		}
	})
}

// A task that is done has a result: there is no moment between the two.
func TestDoneIsReady(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0), quiet)
	defer e.Close()
	for range 20_000 {
		h := executor.Spawn(e, future.Failed[int](errCause))
		for !h.Done() {
			runtime.Gosched()
		}
		if _, ready, err := h.Poll(nil); !ready || err != errCause {
			t.Fatalf("done, and its result is %v, %v", ready, err)
		}
		if !h.Done() {
			t.Fatal("not done any more")
		}
	}
}

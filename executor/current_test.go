package executor_test

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// Each way to wait suspends the task whose goroutine calls it, whatever context it
// is given: in Run, where the task that ends the wait needs the same goroutine,
// nothing else could end it.
func TestWaitSuspendsTheTaskThatCalls(t *testing.T) {
	await := func(ctx context.Context, rx *oneshot.Receiver[int]) (int, error) {
		return future.Await(ctx, rx)
	}
	tests := []struct {
		name string
		wait func(ctx, outer, other context.Context, rx *oneshot.Receiver[int]) (int, error)
	}{
		{"Await with its own context", func(ctx, _, _ context.Context, rx *oneshot.Receiver[int]) (int, error) { return await(ctx, rx) }},
		{"Await with Background", func(_, _, _ context.Context, rx *oneshot.Receiver[int]) (int, error) {
			return await(context.Background(), rx)
		}},
		{"Await with the caller's of Run", func(_, outer, _ context.Context, rx *oneshot.Receiver[int]) (int, error) { return await(outer, rx) }},
		{"Await with another task's", func(_, _, other context.Context, rx *oneshot.Receiver[int]) (int, error) { return await(other, rx) }},
		{"loop over Completed", func(_, _, _ context.Context, rx *oneshot.Receiver[int]) (int, error) {
			for _, r := range future.Completed(context.Background(), future.Future[int](rx)) {
				return r.Value, r.Err
			}
			return 0, errors.New("no result")
		}},
		{"loop over Buffered", func(_, _, _ context.Context, rx *oneshot.Receiver[int]) (int, error) {
			for v, err := range future.Buffered(context.Background(), slices.Values([]future.Future[int]{rx}), 2) {
				return v, err
			}
			return 0, errors.New("no result")
		}},
		{"Run within Run", func(_, _, _ context.Context, rx *oneshot.Receiver[int]) (int, error) {
			return executor.Run(context.Background(), func(ctx context.Context) (int, error) { return await(ctx, rx) })
		}},
		{"Run within Run, with Background", func(_, _, _ context.Context, rx *oneshot.Receiver[int]) (int, error) {
			return executor.Run(context.Background(), func(context.Context) (int, error) { return await(context.Background(), rx) })
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // a hang is a deadlock there
				outer, cancel := context.WithCancel(t.Context())
				defer cancel()
				got, err := executor.Run(outer, func(ctx context.Context) (int, error) {
					e := executor.FromContext(ctx)
					other := make(chan context.Context, 1)
					executor.Go(e, func(ctx context.Context) (int, error) {
						other <- ctx
						return future.Await(ctx, future.Never[int]())
					})
					executor.Yield(ctx)
					tx, rx := oneshot.New[int]()
					executor.Go(e, func(ctx context.Context) (int, error) {
						for range 3 {
							executor.Yield(ctx)
						}
						return 0, tx.Send(42)
					})
					return tc.wait(ctx, outer, <-other, rx)
				})
				if got != 42 || err != nil {
					t.Errorf("got %d, %v, want 42", got, err)
				}
			})
		})
	}
}

// Yield lets the other tasks run whatever context it is given: in Run nothing else does.
func TestYieldWithForeignContext(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	other := make(chan context.Context, 1)
	executor.Go(e, func(ctx context.Context) (int, error) {
		other <- ctx
		return never(ctx)
	})
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errCause)
	for _, tc := range []struct {
		name string
		ctx  context.Context
		want error
	}{
		{"Background", context.Background(), nil},
		{"another task's", <-other, nil},
		{"one that has ended", ended, errCause},
	} {
		ran, _ := executor.Run(t.Context(), func(ctx context.Context) (bool, error) {
			ran := false
			executor.GoContext(ctx, func(context.Context) (int, error) {
				ran = true
				return 0, nil
			})
			if err := executor.Yield(tc.ctx); err != tc.want {
				t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
			}
			return ran, nil
		})
		if !ran {
			t.Errorf("%s: the other task did not run, want that it did", tc.name)
		}
	}
}

// The context that is given decides when the task gives up.
func TestForeignContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := errors.New("stop")
		given, cancel := context.WithCancelCause(context.Background())
		time.AfterFunc(time.Second, func() { cancel(stop) })
		_, err := executor.Run(t.Context(), func(context.Context) (int, error) {
			return future.Await(given, future.Never[int]())
		})
		if err != stop {
			t.Errorf("got %v, want %v", err, stop)
		}
	})
}

// What is not the task's own goroutine is blocked: the task is not suspended in its
// place.
func TestWaitBlocksOtherGoroutines(t *testing.T) {
	tests := []struct {
		name string
		wait func(rx *oneshot.Receiver[int]) (int, error)
	}{
		{"goroutine that the task has started", func(rx *oneshot.Receiver[int]) (v int, err error) {
			var wg sync.WaitGroup
			wg.Go(func() { v, err = future.Await(context.Background(), rx) })
			wg.Wait()
			return v, err
		}},
		{"iterator that iter.Pull runs", func(rx *oneshot.Receiver[int]) (int, error) {
			next, stop := iter.Pull2(func(yield func(int, error) bool) {
				yield(future.Await(context.Background(), rx))
			})
			defer stop()
			v, err, _ := next()
			return v, err
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
			defer e.Close()
			tx, rx := oneshot.New[int]()
			blocked := make(chan struct{})
			h := executor.Go(e, func(context.Context) (int, error) {
				close(blocked)
				return tc.wait(rx)
			})
			<-blocked
			beside := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
			time.Sleep(time.Millisecond)
			if beside.Done() {
				t.Errorf("another task ran on the only worker, want that blocked")
			}
			tx.Send(7)
			if v, err := future.Await(t.Context(), h); v != 7 || err != nil {
				t.Errorf("got %d, %v, want 7", v, err)
			}
		})
	}
}

// A Poll of a spawned future runs on the worker's goroutine, which has no task to
// suspend: Await in it blocks.
func TestWaitInPollOfSpawnedFutureBlocks(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	tx, rx := oneshot.New[int]()
	polled := make(chan struct{})
	h := executor.Spawn(e, future.Func(func(*future.Waker) (int, bool, error) {
		close(polled)
		v, err := future.Await(context.Background(), rx)
		return v, true, err
	}))
	<-polled
	tx.Send(7)
	if v, err := future.Await(t.Context(), h); v != 7 || err != nil {
		t.Errorf("got %d, %v, want 7", v, err)
	}
}

// While an inner Run has nothing to do, the outer executor's worker runs others, and
// no goroutine is blocked for it.
func TestInnerRunFreesTheWorker(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	const n = 20
	var txs [n]*oneshot.Sender[int]
	hs := make([]future.Future[int], n)
	for i := range n {
		tx, rx := oneshot.New[int]()
		txs[i] = tx
		hs[i] = executor.Go(e, func(ctx context.Context) (int, error) {
			return executor.Run(ctx, func(ctx context.Context) (int, error) {
				child := executor.Go(executor.FromContext(ctx), func(ctx context.Context) (int, error) {
					return future.Await(ctx, rx)
				})
				return future.Await(ctx, child)
			})
		})
	}
	last := executor.Go(e, func(context.Context) (int, error) {
		for i, tx := range slices.Backward(txs[:]) {
			tx.Send(i)
		}
		return 0, nil
	})
	if _, err := future.Await(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	vs, err := future.Await(t.Context(), future.All(hs...))
	if err != nil || vs[n-1] != n-1 {
		t.Errorf("got %v, %v", vs, err)
	}
}

// A task that is canceled ends although all its futures are ready: once its awaits
// are used up, Await gives the cause.
func TestCanceledTaskOfReadyFuturesEnds(t *testing.T) {
	loops := map[string]func(ctx context.Context, n int) error{
		"Ready": func(ctx context.Context, n int) error {
			_, err := future.Await(ctx, future.Ready(n))
			return err
		},
		"message": func(ctx context.Context, n int) error {
			tx, rx := oneshot.New[int]()
			tx.Send(n)
			v, err := future.Await(ctx, rx)
			if err != nil {
				// The message that was there is not lost: the receiver has it.
				if kept, late := rx.TryRecv(); kept != n || late != nil {
					return errors.Join(err, errors.New("message lost"))
				}
			} else if v != n {
				return errors.New("wrong message")
			}
			return err
		},
		"derived context": func(ctx context.Context, n int) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			_, err := future.Await(ctx, future.Ready(n))
			return err
		},
	}
	for name, loop := range loops {
		t.Run(name, func(t *testing.T) {
			e := executor.New(executor.WithWorkers(1))
			began := make(chan struct{})
			h := executor.Go(e, func(ctx context.Context) (int, error) {
				close(began)
				for n := 0; ; n++ {
					if err := loop(ctx, n); err != nil {
						return n, err
					}
				}
			})
			<-began
			e.Close()
			if _, err := future.Await(t.Context(), h); err != executor.ErrClosed {
				t.Errorf("got %v, want exactly ErrClosed", err)
			}
		})
	}
}

// A task keeps no context of an earlier wait: neither while it waits with another
// one, nor while it computes.
func TestTaskKeepsNoContextOfEarlierWait(t *testing.T) {
	type request struct{ _ [1 << 16]byte }
	type key struct{}
	serve := func(ctx context.Context) weak.Pointer[request] {
		r := new(request)
		ctx, cancel := context.WithCancel(context.WithValue(ctx, key{}, r))
		time.AfterFunc(time.Hour, cancel).Stop() // not called: nothing but the collector ends it
		future.Await(ctx, future.After(time.Millisecond))
		return weak.Make(r)
	}
	for name, after := range map[string]func(ctx context.Context, done chan struct{}){
		"waits with its own context": func(ctx context.Context, done chan struct{}) { future.Await(ctx, future.FromChan(done)) },
		"waits with Background": func(ctx context.Context, done chan struct{}) {
			future.Await(context.Background(), future.FromChan(done))
		},
		"computes": func(ctx context.Context, done chan struct{}) { <-done },
	} {
		t.Run(name, func(t *testing.T) {
			e := executor.New(executor.WithWorkers(2))
			defer e.Close()
			served, done := make(chan weak.Pointer[request], 1), make(chan struct{})
			h := executor.Go(e, func(ctx context.Context) (int, error) {
				// The request's context descends from one that lives on.
				served <- serve(context.WithoutCancel(ctx))
				after(ctx, done)
				return 0, nil
			})
			w := <-served
			for deadline := time.Now().Add(5 * time.Second); w.Value() != nil; runtime.GC() {
				if time.Now().After(deadline) {
					t.Error("the request is kept, want it collected")
					break
				}
				runtime.Gosched()
			}
			close(done)
			if _, err := future.Await(t.Context(), h); err != nil {
				t.Error(err)
			}
		})
	}
}

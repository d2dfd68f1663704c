package ants_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

func ExampleNewExecutor() {
	pool, err := ants.NewPool(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Release()
	e := antsx.NewExecutor(pool)
	defer e.Close()

	// A task on the only worker awaits what runs on the same worker.
	sum := executor.Go(e, func(ctx context.Context) (int, error) {
		a := executor.Go(e, func(context.Context) (int, error) { return 40, nil })
		b := antsx.Submit(pool, func() (int, error) { return 2, nil })
		v, err := future.Await(ctx, a)
		if err != nil {
			return 0, err
		}
		w, err := future.Await(ctx, b)
		return v + w, err
	})
	v, err := future.Await(context.Background(), sum)
	fmt.Println(v, err)
	// Output: 42 <nil>
}

// Tasks that wait for tasks that wait for tasks, two of each kind, with as many
// at the top as would fill the pool.
func TestNestedOnSmallPools(t *testing.T) {
	for _, size := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("size=%d", size), func(t *testing.T) {
			p := newPool(t, size)
			e := antsx.NewExecutor(p)
			defer e.Close()
			var tree func(ctx context.Context, depth int) (int, error)
			tree = func(ctx context.Context, depth int) (int, error) {
				if depth == 0 {
					return 1, nil
				}
				sum := 0
				for range 2 {
					task := executor.Go(e, func(ctx context.Context) (int, error) { return tree(ctx, depth-1) })
					call := antsx.Submit(p, func() (int, error) { return 1, nil })
					for _, f := range []future.Future[int]{task, call} {
						v, err := future.Await(ctx, f)
						if err != nil {
							return 0, err
						}
						sum += v
					}
				}
				return sum, nil
			}
			var tops []*executor.Handle[int]
			for range 2 * size {
				tops = append(tops, executor.Go(e, func(ctx context.Context) (int, error) { return tree(ctx, 3) }))
			}
			// A tree of depth d comes to 2(tree of depth d-1) + 2 calls: 1, 4, 10, 22.
			for _, h := range tops {
				if v, err := future.Await(t.Context(), h); v != 22 || err != nil {
					t.Errorf("%v, %v, want 22", v, err)
				}
			}
			if n := p.Running(); n > size {
				t.Errorf("%d workers, want at most %d", n, size)
			}
		})
	}
}

// The same with upstream alone: a task on every worker submits to the full pool
// and waits for the result, three deep. The watchdog finds it stuck after an hour
// (of a clock that moves on when everybody is blocked) and makes the pool larger,
// which lets go of it.
func TestNestedUpstreamDeadlocks(t *testing.T) {
	for _, size := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("size=%d", size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { nestUpstream(t, size) })
		})
	}
}

func nestUpstream(t *testing.T, size int) {
	p := newPool(t, size)
	var tops, full sync.WaitGroup
	full.Add(size)
	var nested func(depth int)
	nested = func(depth int) {
		if depth == 3 {
			full.Done()
			full.Wait() // until there is a top on every worker
		}
		if depth == 0 {
			return
		}
		done := make(chan struct{})
		if err := p.Submit(func() { nested(depth - 1); close(done) }); err != nil {
			t.Error(err)
			return
		}
		<-done
	}
	for range size {
		tops.Add(1)
		if err := p.Submit(func() { defer tops.Done(); nested(3) }); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan struct{})
	go func() { tops.Wait(); close(ended) }()
	select {
	case <-ended:
		t.Error("upstream did not deadlock")
	case <-time.After(time.Hour):
		if p.Waiting() != size {
			t.Errorf("%d wait for a worker, want %d", p.Waiting(), size)
		}
	}
	p.Tune(4 * size)
	<-ended
}

// A pool that is released while tasks run, wait for each other and for calls.
func TestExecutorReleasedPool(t *testing.T) {
	p := newPool(t, 2)
	e := antsx.NewExecutor(p)
	defer e.Close()
	started, gate := make(chan struct{}), make(chan struct{})
	call := antsx.Submit(p, func() (int, error) { close(started); <-gate; return 1, nil })
	<-started
	begun := make(chan struct{})
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		close(begun)
		return future.Await(ctx, call)
	})
	<-begun
	p.Release()
	// A worker that has not left yet may take it.
	late := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
	if v, err := future.Await(t.Context(), late); !(v == 1 && err == nil) && !errors.Is(err, ants.ErrPoolClosed) {
		t.Errorf("started after the release: %v, %v", v, err)
	}
	other := antsx.NewExecutor(p)
	defer other.Close()
	none := executor.Go(other, func(context.Context) (int, error) { return 1, nil })
	if _, err := future.Await(t.Context(), none); !errors.Is(err, ants.ErrPoolClosed) {
		t.Errorf("no worker at all: %v", err)
	}
	close(gate)
	if v, err := future.Await(t.Context(), h); !(v == 1 && err == nil) && !errors.Is(err, ants.ErrPoolClosed) {
		t.Errorf("waited during the release: %v, %v", v, err)
	}
}

// An executor does not wait for more workers than the pool has.
func TestExecutorFitsThePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, 1)
		e := antsx.NewExecutor(p)
		gate := make(chan struct{})
		var hs []*executor.Handle[int]
		for range 10 {
			hs = append(hs, executor.Go(e, func(context.Context) (int, error) { <-gate; return 1, nil }))
		}
		synctest.Wait()
		if n := p.Waiting(); n != 0 {
			t.Errorf("%d wait for a worker besides the one there is", n)
		}
		close(gate)
		for i, h := range hs {
			if v, err := future.Await(t.Context(), h); v != 1 || err != nil {
				t.Errorf("%d: %v, %v", i, v, err)
			}
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A pool that does not block and is full for a while.
func TestExecutorNonblockingPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, 1, ants.WithNonblocking(true))
		gate := occupy(p)
		e := antsx.NewExecutor(p)
		h := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
		time.Sleep(time.Second) // it has tried more than once
		close(gate)
		if v, err := future.Await(t.Context(), h); v != 1 || err != nil {
			t.Errorf("%v, %v", v, err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
}

// On a pool whose workers are all kept by others a task ends when it is canceled, and
// Shutdown and Close return, whether the pool blocks, refuses for a while, or takes
// more than it has workers.
func TestExecutorOnAKeptPool(t *testing.T) {
	cause := errors.New("enough")
	for _, opts := range [][]ants.Option{nil, {ants.WithNonblocking(true)}, {ants.WithMaxBlockingTasks(1)}} {
		p, err := ants.NewPool(1, opts...)
		if err != nil {
			t.Fatal(err)
		}
		e := antsx.NewExecutor(p)
		begun := executor.Go(e, func(ctx context.Context) (int, error) {
			_, err := future.Await(ctx, future.Never[int]())
			_, _ = future.Await(context.WithoutCancel(ctx), future.After(time.Millisecond)) // it cleans up
			return 0, err
		})
		for e.Stats().Polls == 0 || p.Running() > 0 && !allRest(e) {
			time.Sleep(time.Millisecond)
		}
		gate, kept := make(chan bool), make(chan bool)
		for p.Submit(func() { close(kept); <-gate }) != nil {
			time.Sleep(time.Millisecond) // until the executor has left it
		}
		<-kept

		never := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
		never.CancelCause(cause)
		if _, ready, err := never.Poll(nil); !ready || err != cause {
			t.Errorf("canceled before it ran: %v, %v, want the cause", ready, err)
		}
		begun.CancelCause(cause)
		if _, err := future.Await(t.Context(), begun); err != cause {
			t.Errorf("canceled while it waits: %v, want the cause", err)
		}
		left := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Millisecond, cause)
		if err := e.Shutdown(ctx); !errors.Is(err, cause) {
			t.Errorf("Shutdown: %v, want the cause", err)
		}
		cancel()
		if _, ready, err := left.Poll(nil); !ready || err != cause {
			t.Errorf("left by Shutdown: %v, %v, want the cause", ready, err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		close(gate)
		p.Release()
	}
}

// allRest reports whether no task of e runs or could run.
func allRest(e *executor.Executor) bool {
	for task := range e.Tasks() {
		if task.State != executor.StateWaiting {
			return false
		}
	}
	return true
}

// A careless pool accepts tasks and does not call them.
type careless struct{ *ants.Pool }

func (careless) Submit(func()) error { return nil }

// A pool that drops what it has accepted is reported, and keeps no goroutine of the
// executor's.
func TestExecutorOnAPoolThatDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged lockedBuffer
		e := antsx.NewExecutor(careless{newPool(t, 1)}, executor.WithLogger(slog.New(slog.NewTextHandler(&logged, nil))))
		h := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
		time.Sleep(time.Minute)
		if got, want := logged.take(), "Runner does not call what it has accepted"; !strings.Contains(got, want) {
			t.Errorf("the log: got %q, want %q in it", got, want)
		}
		h.Cancel()
		if _, err := future.Await(t.Context(), h); !errors.Is(err, future.ErrCanceled) {
			t.Errorf("got %v, want %v", err, future.ErrCanceled)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}) // panics if a goroutine is left
}

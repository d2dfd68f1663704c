package executor_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// many is n, or less for somebody who is in a hurry or has the race detector look
// at each step.
func many(n int) int {
	if testing.Short() || underRace {
		return n / 20
	}
	return n
}

// million has n tasks wait at once, each for a message of its own, sends the
// messages, and joins the tasks.
func million(t testing.TB, e *executor.Executor, n int, start func(rx *oneshot.Receiver[int]) *executor.Handle[int]) {
	txs, hs := make([]*oneshot.Sender[int], n), make([]*executor.Handle[int], n)
	for i := range n {
		tx, rx := oneshot.New[int]()
		txs[i], hs[i] = tx, start(rx)
	}
	if s := e.Stats(); s.Live != n {
		t.Errorf("%d tasks live, want %d", s.Live, n)
	}
	for e.Stats().Polls < uint64(n) { // until they have begun
		runtime.Gosched()
	}
	for i, tx := range txs {
		if err := tx.Send(i); err != nil {
			t.Fatal(err)
		}
	}
	sum := 0
	for i, h := range hs {
		v, err := future.Await(context.Background(), h)
		if v != i || err != nil {
			t.Fatalf("task %d: %d, %v", i, v, err)
		}
		sum++
		hs[i] = nil
	}
	if sum != n {
		t.Errorf("%d of %d", sum, n)
	}
}

// A million tasks may wait at once, without a goroutine for any of them, and leave
// nothing of their memory in the executor.
func TestMillion(t *testing.T) {
	e := executor.New(quiet)
	defer e.Close()
	n, heap, goroutines := many(1_000_000), liveBytes(), runtime.NumGoroutine()
	million(t, e, n, func(rx *oneshot.Receiver[int]) *executor.Handle[int] {
		return executor.Spawn(e, rx)
	})
	// A busy machine makes for spare workers, and they have stacks.
	if extra := runtime.NumGoroutine() - goroutines; extra > n/100 {
		t.Errorf("%d goroutines more than before", extra)
	}
	if left := liveBytes() - heap; left > 20*int64(n) {
		t.Errorf("%d bytes are left of %d tasks", left, n)
	}
}

// Of tasks on coroutines, which have stacks, twenty thousand will do.
func TestManyCoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	e := executor.New(quiet)
	defer e.Close()
	million(t, e, many(20_000), func(rx *oneshot.Receiver[int]) *executor.Handle[int] {
		return executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, rx) })
	})
	// The stacks are given back but for some of each worker's, and those by Close.
	workers := e.Stats().Workers
	waitFor(t, "the stacks to go", func() bool {
		return runtime.NumGoroutine() <= before+workers*(1+executor.MaxIdleCoroutines)
	})
	_ = e.Close()
	goleak.VerifyNone(t)
}

// Close cancels as many.
func TestCloseMillion(t *testing.T) {
	e := executor.New(quiet)
	n := many(200_000)
	var ended atomic.Int64
	for range n {
		executor.Spawn(e, future.Never[int](), executor.OnTaskEnd(func(err error) {
			if err == executor.ErrClosed {
				ended.Add(1)
			}
		}))
	}
	if err := e.Close(); err != nil || ended.Load() != int64(n) {
		t.Errorf("%v: %d of %d tasks were closed", err, ended.Load(), n)
	}
}

// A thousand executors come and go, used or not, and leave no goroutine and no
// memory.
func TestThousandExecutors(t *testing.T) {
	var left atomic.Int32
	for i := range 1000 {
		e := executor.New(executor.WithWorkers(1 + i%4))
		left.Add(1)
		runtime.AddCleanup(e, func(int) { left.Add(-1) }, 0)
		switch i % 4 {
		case 1:
			if v, err := future.Await(t.Context(), executor.Go(e, func(context.Context) (int, error) { return i, nil })); v != i || err != nil {
				t.Fatal(v, err)
			}
		case 2:
			executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
		case 3:
			executor.Spawn(e, future.Never[int]())
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	goleak.VerifyNone(t)
	waitFor(t, "all of them to be collected", func() bool {
		runtime.GC()
		return left.Load() == 0
	})
}

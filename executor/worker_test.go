package executor

import (
	"context"
	"slices"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// The stall watch must not take a worker for idle that is between two tasks: if
// it did so with all of them, it would look no more.
func TestTaskBetweenTasks(t *testing.T) {
	e := newExecutor(config{workers: 1}, runWorker)
	w := (*e.workers.Load())[0]
	w.task = new(task)
	if next := w.takeOwn(); next != nil || w.task == nil {
		t.Errorf("found %v, runs %v", next, w.task)
	}
}

// Coroutines come and go on a worker, and share slots of the table with its own
// goroutine: that knows all the same where it is.
func TestHomeBesideCoroutines(t *testing.T) {
	e := New(WithWorkers(1), WithStallThreshold(0))
	defer e.Close()
	_, err := future.Await(t.Context(), Go(e, func(ctx context.Context) (int, error) {
		over := false
		for range 200 {
			Go(e, func(ctx context.Context) (int, error) {
				for !over {
					_ = Yield(ctx)
				}
				return 0, nil
			})
		}
		polls, outside := 0, 0
		_, err := future.Await(ctx, Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
			if e.current() == nil {
				outside++
			}
			w.Wake()
			polls++
			return 0, polls == 20, nil
		})))
		over = true
		if outside > 0 {
			t.Errorf("%d of %d polls found themselves outside of the executor", outside, polls)
		}
		return 0, err
	}))
	if err != nil {
		t.Error(err)
	}
}

// The goroutine of a spare worker that has ended, and those of the coroutines that
// it kept, are no worker's: the runtime makes other goroutines of them, and what
// these wake would be left to a worker that is not there.
func TestSpareWorkerLeavesNoIdentity(t *testing.T) {
	e := newExecutor(config{workers: 1}, runWorker)
	spare := e.newSpare(1)
	e.changeWorkers(func(ws []*worker) []*worker { return append(slices.Clone(ws), spare) })
	spare.home.set(spare, atomics.Goroutine())
	co := newCoroutine()
	co.at.set(spare, co.id)
	spare.putCoroutine(co)
	e.retire(spare)
	if spare.home.goroutine.Load() != 0 {
		t.Error("its goroutine is still that of the spare worker")
	}
	if co.at.goroutine.Load() != 0 {
		t.Error("its coroutine is still on the spare worker")
	}
}

package executor

import (
	"context"
	"fmt"
	"sync"

	"github.com/go-await/await/internal/atomics"
)

// Shutdown refuses new tasks and waits until the live ones have ended and the
// workers have stopped. If ctx ends first it cancels the rest with the cause of
// ctx, waits until they have unwound, and returns an error that says how many
// there were and is the cause by errors.Is; otherwise it returns nil. Called by a
// task of e it returns [ErrOwnTask] and does nothing.
//
// A task that does not heed its cancellation keeps Shutdown waiting, as it does
// Close.
func (e *Executor) Shutdown(ctx context.Context) error {
	e.check("Shutdown")
	if ctx == nil {
		panic("executor: Shutdown with a nil context")
	}
	if e.ownsCaller() {
		return ErrOwnTask
	}
	e.refuse()
	var err error
	select {
	case <-e.drained:
	case <-ctx.Done():
		cause := context.Cause(ctx)
		if n := e.cancelAll(cause); n > 0 {
			err = fmt.Errorf("executor: %d tasks canceled at shutdown: %w", n, cause)
		}
	}
	e.stop()
	return err
}

// Close refuses new tasks, cancels the live ones with the cause [ErrClosed], and
// waits until they have unwound and the workers have stopped: then every Handle
// is ready and no goroutine of the executor is left. It may be called again, by
// several goroutines at once, and after Shutdown. Called by a task of e it
// returns [ErrOwnTask] and does nothing; otherwise it returns nil.
func (e *Executor) Close() error {
	e.check("Close")
	if e.ownsCaller() {
		return ErrOwnTask
	}
	e.refuse()
	e.cancelAll(ErrClosed)
	e.stop()
	return nil
}

// ownsCaller reports whether the calling goroutine runs a task of e. Unlike
// current it is exact, and slow.
func (e *Executor) ownsCaller() bool {
	g := uintptr(atomics.Goroutine())
	for _, w := range *e.workers.Load() {
		if w.home.goroutine.Load() == g {
			return true
		}
	}
	for i := range e.shards {
		for _, t := range e.shards[i].tasks() {
			if f := t.fiber(); f != nil && f.owner.Load() == g {
				return true
			}
		}
	}
	f := e.maker.Value()
	return f != nil && f.owner.Load() == g
}

// refuse makes the executor take no more tasks.
func (e *Executor) refuse() {
	for i := range e.shards {
		e.shards[i].close()
	}
}

// cancelAll cancels the live tasks and returns how many there were.
func (e *Executor) cancelAll(cause error) int {
	n := 0
	for i := range e.shards {
		for _, t := range e.shards[i].tasks() {
			t.cancelAs(&cancellation{cause: cause, all: true})
			n++
		}
	}
	return n
}

// stop waits for the last task and ends the workers.
func (e *Executor) stop() {
	<-e.drained
	e.stopWatch()
	e.stopLooking()
	e.resumeAll()
	for _, w := range *e.workers.Load() {
		w.withdraw()
	}
	e.goroutines.Wait()
	e.closing.Do(func() {
		var g sync.WaitGroup
		g.Go(func() { // in place of the caller, which may be locked to its thread
			for _, w := range *e.workers.Load() {
				w.endCoroutines()
			}
		})
		g.Wait()
	})
}

// resumeAll makes the workers that rest see that the executor has stopped.
func (e *Executor) resumeAll() {
	for w := e.lot.take(); w != nil; w = e.lot.take() {
		if w.needsGoroutine() {
			e.goroutines.Done() // it will have none
		} else {
			e.lot.searching.Add(1) // rule 2 of the lot
			w.resume()
		}
	}
}

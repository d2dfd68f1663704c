//go:build interleave

package executor

import (
	"errors"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/interleave"
	"github.com/go-await/await/internal/park"
)

// A silentRunner never calls.
type silentRunner struct{}

func (silentRunner) Submit(func()) error { return nil }

// silentWorld returns an executor on a Runner that does not call.
func silentWorld(m *interleave.Model) *world {
	w := newWorld(m, 1) // its worker does not run
	w.runner = silentRunner{}
	return w
}

// waitingTask returns a task that has begun to wait for f.
func (w *world) waitingTask(f future.Future[int]) *Handle[int] {
	h := w.spawn(f)
	t := w.global.pop(false, 0, nil)
	if t != &h.task || !t.state.begin() || t.poll() || t.state.pause() {
		w.m.Fatalf("the task does not wait")
	}
	return h
}

// A task is canceled and woken while the timer's look comes at any time: it unwinds
// once, and the executor is over after it.
func TestModelUnwinding(t *testing.T) {
	boom := errors.New("boom")
	interleave.Check(t, func(m *interleave.Model) {
		w := silentWorld(m)
		h := w.waitingTask(new(never))
		m.Go("cancel", func() { h.CancelCause(boom) })
		m.Go("wake", h.waker.Wake)
		m.Wait()
		if v, err := w.result(h); err != boom {
			m.Fatalf("result %d, %v", v, err)
		}
		w.end()
	}, interleave.Preemptions(3))
}

// Two tasks are canceled, so that the second may come while the timer's look goes on.
func TestModelUnwindingOfTwo(t *testing.T) {
	boom := errors.New("boom")
	interleave.Check(t, func(m *interleave.Model) {
		w := silentWorld(m)
		h, other := w.waitingTask(new(never)), w.waitingTask(new(never))
		m.Go("cancel", func() { h.CancelCause(boom) })
		m.Go("cancel the other", func() { other.CancelCause(boom) })
		m.Wait()
		for _, h := range []*Handle[int]{h, other} {
			if v, err := w.result(h); err != boom {
				m.Fatalf("result %d, %v", v, err)
			}
		}
		w.end()
	}, interleave.Preemptions(2))
}

// A waitsInCancel is a future whose Cancel waits for that of its peer.
type waitsInCancel struct {
	never
	gate park.Parker
	peer *waitsInCancel
}

func (f *waitsInCancel) Cancel() {
	f.never.Cancel()
	f.peer.gate.OnWake()
	f.gate.Park()
}

// A task blocks the goroutine that unwinds it until another one unwinds too: the
// timer starts a goroutine for that.
func TestModelUnwindingBlocks(t *testing.T) {
	boom := errors.New("boom")
	interleave.Check(t, func(m *interleave.Model) {
		w := silentWorld(m)
		a := new(waitsInCancel)
		b := &waitsInCancel{peer: a}
		a.peer = b
		ha, hb := w.waitingTask(a), w.waitingTask(b)
		m.Go("cancel", func() {
			ha.CancelCause(boom)
			hb.CancelCause(boom)
		})
		w.end()
		for _, h := range []*Handle[int]{ha, hb} {
			if v, err := w.result(h); err != boom {
				m.Fatalf("result %d, %v", v, err)
			}
		}
	}, interleave.Preemptions(2))
}

// The Runner calls after all, while the task unwinds or before: it runs on one of the
// two at a time.
func TestModelUnwindingAndWorker(t *testing.T) {
	boom := errors.New("boom")
	interleave.Check(t, func(m *interleave.Model) {
		w := silentWorld(m)
		h := w.waitingTask(new(never))
		w.start()
		m.Go("cancel", func() { h.CancelCause(boom) })
		w.end()
		if v, err := w.result(h); err != boom {
			m.Fatalf("result %d, %v", v, err)
		}
	}, interleave.Preemptions(2))
}

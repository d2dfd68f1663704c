//go:build interleave

package executor

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/interleave"
	"github.com/go-await/await/oneshot"
)

// A stage runs tasks on coroutines in a model. An execution that the checker gives
// up leaves them suspended: they are unwound at the end of the test. Of one that
// comes to its end nothing is left.
type stage struct{ left []leftover }

// A leftover is a coroutine, and the world whose end stops it.
type leftover struct {
	world  *world
	unwind func()
}

func newStage(t *testing.T) *stage {
	s := new(stage)
	t.Cleanup(func() {
		for _, l := range s.left {
			l.unwind()
		}
	})
	return s
}

// goes is Go on a coroutine of the stage, and counts the task.
func (s *stage) goes(w *world, fn func(ctx context.Context) (int, error)) *goTask[int] {
	t := newGoTask("Go", fn, nil)
	w.live.Add(1)
	t.extra.ended = func(*task, error) { w.done() }
	t.init(context.Background())
	co := newCoroutine()
	first := (*w.workers.Load())[0]
	first.coroutines = append(first.coroutines, co)
	s.left = slices.DeleteFunc(s.left, func(l leftover) bool { return l.world.over })
	s.left = append(s.left, leftover{w, func() {
		t.canceled.CompareAndSwap(nil, over)
		t.fiber.cancelContext(context.Canceled)
		co.end()
	}})
	t.launch(w.Executor)
	return t
}

// A task is cancelled while another goroutine makes the standard context behind
// its own: the task sees the cancellation by the wake that comes with it.
func TestModelFiberDone(t *testing.T) {
	boom := errors.New("boom")
	s := newStage(t)
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		h := s.goes(w, func(ctx context.Context) (int, error) {
			return future.Await(ctx, future.Never[int]())
		})
		w.start()
		m.Go("cancel", func() { h.CancelCause(boom) })
		m.Go("done", func() { h.fiber.Done() })
		w.end()
		if v, err := w.result(&h.Handle); err != boom {
			m.Fatalf("result %d, %v", v, err)
		}
		select {
		case <-h.fiber.Done():
		default:
			m.Fatalf("the context of a task that has ended has not")
		}
	}, interleave.Preemptions(3))
}

// A coroutine is woken, and cancelled, wherever it is.
func TestModelFiberCancel(t *testing.T) {
	boom := errors.New("boom")
	s := newStage(t)
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		tx, rx := oneshot.New[int]()
		h := s.goes(w, func(ctx context.Context) (int, error) { return future.Await(ctx, rx) })
		w.start()
		m.Go("send", func() { _ = tx.Send(7) })
		m.Go("cancel", func() { h.CancelCause(boom) })
		w.end()
		v, err := w.result(&h.Handle)
		if !(v == 7 && err == nil) && err != boom {
			m.Fatalf("result %d, %v", v, err)
		}
	}, interleave.Preemptions(2))
}

// A Runnable is run by whoever it was scheduled to, while it is woken and
// cancelled: it is scheduled once for each Run, and ends once.
func TestModelRunnable(t *testing.T) {
	boom := errors.New("boom")
	interleave.Check(t, func(m *interleave.Model) {
		tx, rx := oneshot.New[int]()
		var ready atomics.Uint32 // 1 if it is scheduled and nobody has taken it
		schedule := func(*Runnable) {
			if ready.Swap(1) == 1 {
				m.Fatalf("scheduled twice")
			}
		}
		p := &polled{rx: rx}
		r, h := NewRunnable(future.Future[int](p), schedule)
		r.Schedule()
		try := func() {
			if ready.Swap(0) == 1 {
				r.Run()
			}
		}
		for range 2 {
			m.Go("run", try)
		}
		m.Go("send", func() { _ = tx.Send(7) })
		m.Go("cancel", func() { h.CancelCause(boom) })
		m.Wait()
		for !h.Done() {
			if ready.Load() == 0 {
				m.Fatalf("it is %s, and not scheduled", stateName(h.state.word.Load()))
			}
			try()
		}
		v, ok, err := h.Poll(nil)
		if !ok || !(v == 7 && err == nil) && err != boom {
			m.Fatalf("result %d, %v, %v", v, ok, err)
		}
		if p.polls > 4 {
			m.Fatalf("%d polls for a start, a wake, a cancellation and the end", p.polls)
		}
	})
}

// A worker is awaited in vain while a task comes, and given up before that, meanwhile
// or after: the task does not wait for it.
func TestModelOverdue(t *testing.T) { modelAwaited(t, false) }

// The same with a Runner that calls the worker, before it is given up or after: it
// counts as searching once.
func TestModelOverdueAndCalled(t *testing.T) { modelAwaited(t, true) }

func modelAwaited(t *testing.T, called bool) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		ws := *w.workers.Load()
		x := ws[1]             // once it is called it is a worker like the other
		w.lot.searching.Add(1) // as whoever takes it from the lot does
		x.await()
		m.Go("worker", ws[0].loop)
		if called {
			w.silence = &silence{exec: w.Executor} // as on a Runner
			w.goroutines.Add(1)
			if x.offer() {
				m.Go("runner", func() { x.work(nil) })
			}
		}
		h := w.spawn(future.Ready(7))
		w.end()
		if v, err := w.result(h); v != 7 || err != nil {
			m.Fatalf("result %d, %v", v, err)
		}
	}, interleave.Preemptions(2))
}

// An executor stops while a worker is submitted to its Runner: the worker's
// goroutine is counted out once, whether it has looped or not.
func TestModelWithdraw(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newExecutor(config{name: "model", workers: 1}, runnerWorker)
		w.whenOver = func() {}
		x := w.lot.take() // counts a goroutine
		m.Go("submit", func() {
			if x.offer() {
				m.Go("runner", func() { x.work(nil) })
			}
		})
		m.Go("stop", func() {
			w.refuse(none)
			x.withdraw()
		})
		m.Wait()
		if !negative(&w.goroutines) {
			m.Fatalf("a goroutine is still counted")
		}
	})
}

// The same with a Runner that never calls: its worker is counted out all the same.
func TestModelBlockedSubmit(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newExecutor(config{name: "model", workers: 1}, runnerWorker)
		w.whenOver = func() {}
		x := w.lot.take()
		m.Go("submit", func() { x.offer() })
		m.Go("stop", func() {
			w.refuse(none)
			x.withdraw()
		})
		m.Wait()
		if !negative(&w.goroutines) {
			m.Fatalf("a goroutine is still counted")
		}
	})
}

// negative reports whether one Done more is one too many.
func negative(wg interface{ Done() }) (yes bool) {
	defer func() { yes = recover() != nil }()
	wg.Done()
	return false
}

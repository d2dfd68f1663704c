//go:build interleave

package executor

import (
	"context"
	"errors"
	"testing"
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/interleave"
	"github.com/go-await/await/internal/park"
	"github.com/go-await/await/oneshot"
)

// The models run the workers' own loop, queues and lot. What they leave out is
// how a worker gets its goroutine: the model gives it one.

// A world is an executor whose workers the model runs.
type world struct {
	*Executor
	m    *interleave.Model
	live atomics.Int64
	last park.Parker // woken when no task is left
	gone park.Parker // woken when the executor is over
	over bool        // it came to its end, and nothing is left
}

func newWorld(m *interleave.Model, workers int) *world {
	w := &world{Executor: newExecutor(config{name: "model", workers: workers}, runWorker), m: m}
	w.makeShards(1)        // each is a step of the end
	w.slots.armed.Store(1) // without looks at the slots, but in the models of them
	w.whenOver = func() {
		if !w.isStopped() {
			m.Fatalf("the executor is over, and has not stopped")
		}
		for i := range w.shards {
			if w.shards[i].live != 0 {
				m.Fatalf("the executor is over, and a task lives")
			}
		}
		w.gone.OnWake()
	}
	for i, x := range *w.workers.Load() {
		x.registrar.shards = w.shardsOf(i)
		x.started = true
		w.lot.take()
	}
	return w
}

// start lets the workers run.
func (w *world) start() {
	for _, x := range *w.workers.Load() {
		w.m.Go("worker", x.loop)
	}
}

// spawn is Spawn, and counts the task.
func (w *world) spawn(f future.Future[int]) *Handle[int] {
	h := new(Handle[int])
	w.live.Add(1)
	h.init(f, &extra{ended: func(*task, error) { w.done() }})
	h.launch(w.Executor)
	return h
}

// done counts a task that has ended.
func (w *world) done() {
	if w.live.Add(-1) == 0 {
		w.last.OnWake()
	}
}

// end waits until no task is left, ends the workers, and looks for what is left
// behind.
func (w *world) end() {
	for w.live.Load() != 0 {
		w.last.Park()
	}
	w.refuse(none)
	for !w.isStopped() {
		w.gone.Park() // until the last visitor has left
	}
	w.resumeAll()
	w.m.Wait()
	if n := w.lot.searching.Load(); n != 0 {
		w.m.Fatalf("%d workers still count as searching", n)
	}
	var left list
	for t := w.global.pop(false, 0, nil); t != nil; t = w.global.pop(false, 0, nil) {
		left.push(t)
	}
	for _, x := range *w.workers.Load() {
		for t := x.queue.takeLocked(false, nil); t != nil; t = x.queue.takeLocked(false, nil) {
			left.push(t)
		}
	}
	for t := left.pop(); t != nil; t = left.pop() {
		if t.state.begin() {
			w.m.Fatalf("a task is left in the queues")
		}
	}
	if len(w.visitors.ids) != 0 {
		w.m.Fatalf("visitors are left")
	}
	for i := range w.shards {
		if w.shards[i].head != nil {
			w.m.Fatalf("a task is left in the register")
		}
	}
	for _, x := range *w.workers.Load() {
		x.endCoroutines()
	}
	w.over = true
}

// result takes a handle's result, which must be there.
func (w *world) result(h *Handle[int]) (int, error) {
	v, ready, err := h.Poll(nil)
	if !ready || !h.Done() {
		w.m.Fatalf("the task's state is %s, and it has no result", stateName(h.state.word.Load()))
	}
	return v, err
}

// A polled is a future that counts its polls, and notices when two goroutines
// poll it at once or one polls it after its end.
type polled struct {
	rx    *oneshot.Receiver[int]
	polls int
	ended bool
}

func (p *polled) Poll(w *future.Waker) (int, bool, error) {
	atomics.Write(unsafe.Pointer(&p.polls)) // two at once are a data race
	p.polls++
	if p.ended {
		panic("polled after its end")
	}
	v, ready, err := p.rx.Poll(w)
	p.ended = ready
	return v, ready, err
}

func (p *polled) Cancel() {
	atomics.Write(unsafe.Pointer(&p.polls))
	p.rx.Cancel()
}

// One worker, a task that waits, a wake from outside: the wake meets the worker
// before its poll, during it, after it, on its way to the lot and in there.
func TestModelWakeFromOutside(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		tx, rx := oneshot.New[int]()
		p := &polled{rx: rx}
		h := w.spawn(p)
		w.start()
		m.Go("send", func() { _ = tx.Send(7) })
		w.end()
		if v, err := w.result(h); v != 7 || err != nil {
			m.Fatalf("result %d, %v", v, err)
		}
		if p.polls > 2 {
			m.Fatalf("polled %d times for one wake", p.polls)
		}
	}, interleave.Preemptions(4))
}

// The same with two workers, who must not poll it both.
func TestModelTwoWorkersOneTask(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		tx, rx := oneshot.New[int]()
		h := w.spawn(&polled{rx: rx})
		w.start()
		m.Go("send", func() { _ = tx.Send(7) })
		w.end()
		if v, err := w.result(h); v != 7 || err != nil {
			m.Fatalf("result %d, %v", v, err)
		}
	}, interleave.Preemptions(2))
}

// Two tasks become ready while both workers may be on their way to the lot: none
// is left behind.
func TestModelTwoWorkersTwoSpawns(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		w.start()
		a, b := w.spawn(future.Ready(1)), w.spawn(future.Ready(2))
		w.end()
		va, _ := w.result(a)
		vb, _ := w.result(b)
		if va != 1 || vb != 2 {
			m.Fatalf("results %d and %d", va, vb)
		}
	}, interleave.Preemptions(2))
}

// Two outsiders make tasks runnable at once.
func TestModelTwoSpawners(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		w.live.Add(2) // the two that are at it
		w.start()
		for i := range 2 {
			m.Go("spawn", func() {
				w.spawn(future.Ready(i))
				w.done()
			})
		}
		w.end()
	}, interleave.Preemptions(1))
}

// A worker spawns more than it runs next, so that another one is notified, and
// steals.
func TestModelStealing(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		var hs [3]*Handle[int]
		root := w.spawn(future.Func(func(*future.Waker) (int, bool, error) {
			for i := range hs {
				hs[i] = w.spawn(future.Ready(i))
			}
			return 9, true, nil
		}))
		w.start()
		w.end()
		if v, _ := w.result(root); v != 9 {
			m.Fatalf("root's result is %d", v)
		}
		for i, h := range hs {
			if v, err := w.result(h); v != i || err != nil {
				m.Fatalf("task %d: %d, %v", i, v, err)
			}
		}
	}, interleave.Preemptions(2))
}

// Two wakes, one of them during the poll that the other one led to: the task runs
// again, and no more often than it was woken.
func TestModelWakeWhileRunning(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		var wakes atomics.Uint32
		polls := uint32(0)
		h := w.spawn(future.Func(func(k *future.Waker) (int, bool, error) {
			polls++
			return int(polls), wakes.Load() == 2, nil
		}))
		w.start()
		for range 2 {
			m.Go("wake", func() {
				wakes.Add(1)
				h.waker.Wake()
			})
		}
		w.end()
		if _, err := w.result(h); err != nil || polls > 3 {
			m.Fatalf("%d polls for two wakes, %v", polls, err)
		}
	}, interleave.Preemptions(3))
}

// A cancellation meets a completion and a wake: the task ends once, with one or
// the other.
func TestModelCancel(t *testing.T) {
	boom := errors.New("boom")
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		tx, rx := oneshot.New[int]()
		h := w.spawn(&polled{rx: rx})
		w.start()
		m.Go("send", func() { _ = tx.Send(7) })
		m.Go("cancel", func() { h.CancelCause(boom) })
		w.end()
		v, err := w.result(h)
		if !(v == 7 && err == nil) && err != boom {
			m.Fatalf("result %d, %v", v, err)
		}
	}, interleave.Preemptions(3))
}

// Cancel, which gives the result up, at the same time as the end of the task.
func TestModelCancelHandle(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		h := w.spawn(future.Ready(1))
		w.start()
		m.Go("cancel", h.Cancel)
		w.end()
		if v, err := w.result(h); !(v == 1 && err == nil) && !errors.Is(err, future.ErrCanceled) {
			m.Fatalf("result %d, %v", v, err)
		}
	}, interleave.Preemptions(4))
}

// A shutdown meets a spawn: the task runs or is refused, and the executor stops
// in either case.
func TestModelShutdownAndSpawn(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		var h *Handle[int]
		w.live.Add(2) // the two that are at it
		w.start()
		m.Go("spawn", func() {
			h = w.spawn(future.Ready(1))
			w.done()
		})
		m.Go("close", func() {
			w.refuse(none)
			w.cancelAll(ErrClosed)
			w.done()
		})
		w.end()
		if v, err := w.result(h); !(v == 1 && err == nil) && !errors.Is(err, ErrClosed) {
			m.Fatalf("result %d, %v", v, err)
		}
	}, interleave.Preemptions(3))
}

// Somebody looks at a task with Tasks while it is woken: the wake is not lost.
func TestModelInspect(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		tx, rx := oneshot.New[int]()
		h := w.spawn(&polled{rx: rx})
		w.start()
		m.Go("send", func() { _ = tx.Send(7) })
		m.Go("inspect", func() { h.task.info(0, nil) })
		w.end()
		if v, err := w.result(h); v != 7 || err != nil {
			m.Fatalf("result %d, %v", v, err)
		}
	}, interleave.Preemptions(3))
}

// A worker that sees work while as many search as may looks for it itself: it
// does not go round until a searcher has found it.
func TestModelSearchersEnough(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		ws := *w.workers.Load()
		ws = append(ws, w.newSpare(2))
		w.workers.Store(&ws)
		w.active.Store(&ws)
		ws[1].taken = true // it has been resumed
		w.lot.searching.Add(1)
		for range 2 {
			h := new(Handle[int])
			w.live.Add(1)
			h.init(future.Ready(1), &extra{ended: func(*task, error) { w.done() }})
			w.register(&h.task, nil)
			w.scheduleFrom(ws[2], &h.task)
		}
		w.start()
		w.end()
	}, interleave.Preemptions(1))
}

// A worker on its way to the lot takes a task by itself, so that whoever was about
// to resume it for that one finds nobody there. A second task comes meanwhile, and
// is left to the first one's notify: neither is forgotten.
func TestModelNotifyOfNobody(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		x := (*w.workers.Load())[0]
		m.Go("worker", func() {
			for range 2 {
				_ = x.find()
			}
		})
		for range 2 {
			m.Go("schedule", func() { w.scheduleFrom(nil, new(task)) })
		}
		m.Wait()
		if w.hasWork() || w.lot.searching.Load() != 0 {
			m.Fatalf("tasks are left: %v, searching: %d", w.hasWork(), w.lot.searching.Load())
		}
	}, interleave.Preemptions(5))
}

// A gate is a future whose poll blocks its worker until somebody opens it.
type gate struct{ park.Parker }

func (g *gate) Poll(*future.Waker) (int, bool, error) {
	g.Park()
	return 1, true, nil
}

// A task blocks its worker until another one has run that came at the same time:
// the other worker runs that.
func TestModelBlockedBeside(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		g := new(gate)
		w.start()
		w.spawn(g)
		w.spawn(future.Func(func(*future.Waker) (int, bool, error) {
			g.OnWake()
			return 1, true, nil
		}))
		w.end()
	}, interleave.Preemptions(3))
}

// A task makes another one runnable that blocks, and yields: the other worker runs
// it, so that it can end the block.
func TestModelYieldToBlocking(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		g := new(gate)
		begun := false
		w.spawn(future.Func(func(k *future.Waker) (int, bool, error) {
			if !begun {
				begun = true
				w.spawn(g)
				k.Wake()
				return 0, false, nil
			}
			g.OnWake()
			return 1, true, nil
		}))
		w.start()
		w.end()
	}, interleave.Preemptions(2))
}

// Whoever sees the result finds the task ended and counted out.
func TestModelResult(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		h := w.spawn(future.Ready(1))
		w.start()
		v, err := future.Await(context.Background(), h)
		if v != 1 || err != nil || !h.Done() || h.shard.live != 0 {
			m.Fatalf("%d, %v: it is %s, and %d live", v, err, stateName(h.state.word.Load()), h.shard.live)
		}
		w.end()
	}, interleave.Preemptions(4))
}

// Who learns that no task is left finds the executor stopped: a worker that is
// resumed for that would rest again otherwise, and never stop. The look is whenOver's.
func TestModelDrained(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		w.spawn(future.Ready(1))
		w.start()
		w.live.Add(1) // the one that is at it
		m.Go("close", func() {
			w.refuse(none)
			w.done()
		})
		w.end()
	}, interleave.Preemptions(2))
}

// never is a future that waits until it is canceled, and notices when two goroutines
// use it at once.
type never struct{ polls, cancels int }

func (f *never) Poll(*future.Waker) (int, bool, error) {
	atomics.Write(unsafe.Pointer(&f.polls))
	f.polls++
	return 0, f.cancels > 0, future.ErrCanceled
}

func (f *never) Cancel() {
	atomics.Write(unsafe.Pointer(&f.polls))
	f.cancels++
}

// A cancellation meets the first poll: the canceler ends the task, and the worker
// drops the entry, or the worker does.
func TestModelCancelAndBegin(t *testing.T) {
	boom := errors.New("boom")
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		f := new(never)
		h := w.spawn(f)
		w.start()
		m.Go("cancel", func() { h.CancelCause(boom) })
		w.end()
		if v, err := w.result(h); err != boom {
			m.Fatalf("result %d, %v", v, err)
		}
		if f.cancels != 1 {
			m.Fatalf("its future was canceled %d times", f.cancels)
		}
	}, interleave.Preemptions(4))
}

// Two cancelers, of which one closes the executor, and a late wake: the task ends
// once, and is over before the executor is.
func TestModelCancelTwice(t *testing.T) {
	boom := errors.New("boom")
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		h := w.spawn(new(never))
		w.start()
		m.Go("cancel", func() { h.CancelCause(boom) })
		m.Go("close", func() {
			w.refuse(none)
			w.cancelAll(ErrClosed)
			h.waker.Wake()
		})
		w.end()
		if v, err := w.result(h); err != boom && err != ErrClosed {
			m.Fatalf("result %d, %v", v, err)
		}
	}, interleave.Preemptions(2))
}

// The executor is not over before the canceler has ended the task: who waits for that
// finds the result.
func TestModelCancelAndOver(t *testing.T) {
	boom := errors.New("boom")
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1) // its worker does not run
		h := w.spawn(new(never))
		m.Go("cancel", func() { h.CancelCause(boom) })
		m.Go("close", func() {
			w.refuse(none)
			w.cancelAll(ErrClosed)
			for !w.isStopped() {
				w.gone.Park()
			}
			if v, err := w.result(h); err != boom && err != ErrClosed {
				m.Fatalf("result %d, %v", v, err)
			}
		})
		m.Wait()
	})
}

// A task is canceled before it ran while its entry is moved to another worker's queue
// with others, and a reader looks at it.
func TestModelCancelAndSteal(t *testing.T) {
	boom := errors.New("boom")
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		f := new(never)
		var h *Handle[int]
		spawned := new(park.Parker)
		w.live.Add(1) // the canceler
		w.spawn(future.Func(func(*future.Waker) (int, bool, error) {
			h = w.spawn(f)
			w.spawn(future.Ready(1))
			w.spawn(future.Ready(2))
			spawned.OnWake()
			return 9, true, nil
		}))
		w.start()
		m.Go("cancel", func() {
			spawned.Park()
			h.CancelCause(boom)
			h.task.info(0, nil)
			w.done()
		})
		w.end()
		if v, err := w.result(h); err != boom {
			m.Fatalf("result %d, %v", v, err)
		}
		if f.cancels != 1 {
			m.Fatalf("its future was canceled %d times", f.cancels)
		}
	}, interleave.Preemptions(1))
}

// A task starts a child while its executor is shut down, and an outsider another: the
// child runs, and the executor stops after it.
func TestModelShutdownAndChild(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		var child *Handle[int]
		w.spawn(future.Func(func(*future.Waker) (int, bool, error) {
			child = w.spawn(future.Ready(7))
			return 9, true, nil
		}))
		w.start()
		w.live.Add(1) // the one that is at it
		m.Go("shutdown", func() {
			w.refuse(children)
			w.done()
		})
		w.end()
		if v, err := w.result(child); v != 7 || err != nil {
			m.Fatalf("result of the child %d, %v", v, err)
		}
	}, interleave.Preemptions(3))
}

// The same with an executor that is closed meanwhile: the child ends, with ErrClosed
// or not.
func TestModelCloseAndChild(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		var child *Handle[int]
		w.spawn(future.Func(func(*future.Waker) (int, bool, error) {
			child = w.spawn(new(never))
			return 9, true, nil
		}))
		w.live.Add(1) // the one that is at it
		w.start()
		m.Go("close", func() {
			w.refuse(children)
			w.refuse(none)
			w.cancelAll(ErrClosed)
			w.done()
		})
		w.end()
		if child == nil {
			return // its parent was canceled first
		}
		if v, err := w.result(child); !errors.Is(err, ErrClosed) {
			m.Fatalf("result of the child %d, %v", v, err)
		}
	}, interleave.Preemptions(3))
}

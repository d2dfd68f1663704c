//go:build interleave

package executor

import (
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/interleave"
	"github.com/go-await/await/internal/park"
)

// addSpare adds a spare worker, which start will run.
func (w *world) addSpare() *worker {
	spare := w.newSpare(1)
	w.changeWorkers(func(ws []*worker) []*worker { return append(ws[:len(ws):len(ws)], spare) })
	return spare
}

// A spare worker is dismissed while a task is made runnable that it alone might
// have noticed: the other one runs it.
func TestModelDismissSpare(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		spare := w.addSpare()
		w.start()
		m.Go("dismiss", func() { w.dismiss(spare) })
		h := w.spawn(future.Ready(7))
		w.end()
		if v, err := w.result(h); v != 7 || err != nil {
			m.Fatalf("result %d, %v", v, err)
		}
	}, interleave.Preemptions(2))
}

// A worker is stuck in a task until one that it spawns has run: if the watch sees
// that, before the spawn or after it, the other worker runs the one in the slot,
// wherever it is on its way to rest.
func TestModelBypass(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 2)
		var inside, released park.Parker
		var child *Handle[int]
		var stuck *worker
		h := w.spawn(future.Func(func(*future.Waker) (int, bool, error) {
			stuck = w.current()
			inside.OnWake()
			child = w.spawn(future.Func(func(*future.Waker) (int, bool, error) {
				released.OnWake()
				return 2, true, nil
			}))
			released.Park()
			return 1, true, nil
		}))
		w.start()
		m.Go("watch", func() {
			inside.Park()
			stuck.bypass()
		})
		w.end()
		if v, err := w.result(h); v != 1 || err != nil {
			m.Fatalf("result %d, %v", v, err)
		}
		if v, err := w.result(child); v != 2 || err != nil {
			m.Fatalf("the other's result %d, %v", v, err)
		}
	}, interleave.Preemptions(2))
}

// A worker is back, and others look into its queue again, while it makes tasks runnable:
// the idle one finds the one that this one keeps.
func TestModelBypassedIsBack(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w, back, idle := slotWorld(m, 1)
		back.bypass()
		w.activate(sighting{changed: true})
		m.Go("watch", func() { w.activate(sighting{changed: true, back: []*worker{back}}) })
		w.find(idle, 1)
		m.Go("back", func() {
			w.scheduleFrom(back, new(task))
			w.scheduleFrom(back, new(task)) // one of the two is not in the slot
		})
	}, interleave.Preemptions(2))
}

// A spare worker ends while somebody counts: it is counted once.
func TestModelStatsOfSpare(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		spare := w.addSpare()
		spare.polls = 7
		m.Go("retire", func() { w.retire(spare) })
		if s := w.Stats(); s.Polls != 7 {
			m.Fatalf("%d polls, with %d workers", s.Polls, s.Workers)
		}
		m.Wait()
	}, interleave.Preemptions(3))
}

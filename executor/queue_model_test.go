//go:build interleave

package executor

import (
	"testing"

	"github.com/go-await/await/internal/interleave"
)

// In these models a worker looks for tasks, and the models count its looks. Its first look
// is not one at the global queue.

// A turn is what a worker has found.
type turn struct {
	woken bool // the task has begun, and was woken
	after bool // the look began after the wake
}

// look has the worker x look for n tasks, and returns what it has found. woken reports
// whether the wake is over.
func look(m *interleave.Model, x *worker, n int, woken func() bool) (turns []turn) {
	for range n {
		after := woken()
		t := x.takeOwn()
		if t == nil {
			m.Fatalf("the worker found no task")
		}
		turns = append(turns, turn{t.polls > 0, after})
	}
	return turns
}

// begunTask returns a task that has begun.
func begunTask() *task { return &task{polls: 1} }

// inBoth checks the model with tasks that have not begun in the worker's own queue, and in
// the global one.
func inBoth(t *testing.T, model func(m *interleave.Model, own bool)) {
	for name, own := range map[string]bool{"own": true, "global": false} {
		t.Run(name, func(t *testing.T) {
			interleave.Check(t, func(m *interleave.Model) { model(m, own) }, interleave.Preemptions(2))
		})
	}
}

// A task is woken from outside at any moment, while tasks wait that have not begun, in the
// worker's queue or the global one. At most one of those is taken before it.
func TestModelWokenBeforeUnbegun(t *testing.T) {
	const unbegun = 4
	inBoth(t, func(m *interleave.Model, own bool) {
		w := newWorld(m, 1)
		x := (*w.workers.Load())[0]
		x.ticks = 1
		spawner := x
		if !own {
			spawner = nil
		}
		for range unbegun {
			w.scheduleFrom(spawner, new(task))
		}
		over := false
		m.Go("wake", func() {
			w.scheduleFrom(nil, begunTask())
			over = true
		})
		between := 0
		for _, got := range look(m, x, unbegun, func() bool { return over }) {
			if got.woken {
				break
			}
			if got.after {
				between++
			}
		}
		m.Wait()
		if between > 1 {
			m.Fatalf("%d tasks begin after the wake and before the task that was woken", between)
		}
	})
}

// Tasks wake each other without end: one that has not begun is taken all the same, from the
// worker's own queue and from the global one.
func TestModelUnbegunNotStarved(t *testing.T) {
	inBoth(t, func(m *interleave.Model, own bool) {
		w := newWorld(m, 1)
		x := (*w.workers.Load())[0]
		x.ticks = 1
		spawner := x
		if !own {
			spawner = nil
		}
		w.scheduleFrom(spawner, new(task))
		for range 3 {
			w.scheduleFrom(x, begunTask())
			w.scheduleFrom(nil, begunTask())
		}
		m.Go("worker", func() {
			for range turnsPerRound {
				t := x.takeOwn()
				if t.polls == 0 {
					return
				}
				w.scheduleFrom(x, t)
			}
			m.Fatalf("a task has not begun after %d others", turnsPerRound)
		})
	})
}

// A task that stands aside goes on after asideLimit tasks that have not begun, and the one in
// the slot.
func TestModelAside(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w := newWorld(m, 1)
		x := (*w.workers.Load())[0]
		aside := begunTask()
		x.queue.pushAside(aside)
		for range asideLimit + 3 {
			w.scheduleFrom(x, new(task))
		}
		m.Go("worker", func() {
			n := 0
			for x.takeOwn() != aside {
				n++
			}
			if n != asideLimit+1 {
				m.Fatalf("%d tasks that have not begun go before one that stands aside, want %d", n, asideLimit+1)
			}
		})
	})
}

//go:build interleave

package executor

import (
	"testing"

	"github.com/go-await/await/internal/interleave"
)

// In these models a worker makes tasks runnable and never comes back, and the other
// one looks for a task, on its way to rest or resting. If it never finds one that is a deadlock.

// slotWorld returns two workers. Of looks at the slots, one is to come if armed is 1.
func slotWorld(m *interleave.Model, armed uint32) (w *world, busy, idle *worker) {
	w = newWorld(m, 2)
	w.slots.armed.Store(armed)
	ws := *w.workers.Load()
	ws[0].ticks = 1 // a look must see it twice
	return w, ws[0], ws[1]
}

// find has the worker look for tasks.
func (w *world) find(x *worker, tasks int) {
	w.m.Go("idle", func() {
		for range tasks {
			if x.find() == nil {
				w.m.Fatalf("the worker found no task")
			}
		}
	})
}

// The push sees the worker that rests, or that sees the task.
func TestModelSlot(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w, busy, idle := slotWorld(m, 0)
		w.find(idle, 1)
		m.Go("busy", func() { w.scheduleFrom(busy, new(task)) })
		m.Wait()
		if w.slots.armed.Load() != 0 {
			m.Fatalf("a look is still to come")
		}
	}, interleave.Preemptions(3))
}

// The same while the last look of earlier ones is going on.
func TestModelSlotAtLastLook(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w, busy, idle := slotWorld(m, 1)
		w.goroutines.Add(1)
		m.Go("last look", w.laterLook)
		w.find(idle, 1)
		m.Go("busy", func() { w.scheduleFrom(busy, new(task)) })
	}, interleave.Preemptions(3))
}

// The worker takes a task between two looks, and then does not come back: a later look
// finds what is in the slot then.
func TestModelSlotLater(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w, busy, idle := slotWorld(m, 0)
		w.find(idle, 1)
		m.Go("busy", func() {
			w.scheduleFrom(busy, new(task))
			if busy.takeOwn() != nil {
				w.scheduleFrom(busy, new(task))
			}
		})
	}, interleave.Preemptions(2))
}

// The task in the slot is behind another one that made it there first: both are found.
func TestModelSlotAndList(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		w, busy, idle := slotWorld(m, 0)
		w.find(idle, 2)
		m.Go("busy", func() {
			w.scheduleFrom(busy, new(task))
			w.scheduleFrom(busy, new(task))
		})
	}, interleave.Preemptions(2))
}

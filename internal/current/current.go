// Package current finds the task that the calling goroutine runs.
//
// An executor enters each goroutine on which it runs the code of tasks, and
// removes it before the goroutine ends. A wait looks its goroutine up before it
// would block: [Get] is one load in a program without such goroutines, and a few
// otherwise.
package current

import (
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/gid"
)

// An Entry says what a goroutine runs. It is a field of whatever describes the
// goroutine, so that to enter one allocates nothing. It is entered once, and must
// not be copied.
type Entry struct {
	id   gid.ID
	runs any
}

// A Table maps goroutines to what they run. The zero Table is empty.
//
// A goroutine enters and removes itself, and asks only for itself. So it sees its
// own entry whatever the others do, as long as the newest slots have it: writers
// hold mu, and a larger copy is complete before it is published.
//
// # The slots
//
// The entries lie in an array by a hash of the goroutine's number, each in the
// first slot from there on that was free (linear probing):
//
//	nil ── Set ──▶ entry ── Remove ──▶ removed ── Set ──▶ entry …
//
// A look-up ends at its own entry or at nil. Removed slots do not end it; a copy
// leaves them out.
type Table struct {
	count atomics.Int64 // entries
	slots atomics.Pointer[[]slot]

	mu   atomics.Mutex
	used int // slots that are not nil
}

type slot = atomics.Pointer[Entry]

// removed stands in the slot of an entry that was removed.
var removed = new(Entry)

// minSlots is the size of the first array. Sizes are powers of two.
const minSlots = 64

// Set enters the calling goroutine, whose number is id, which runs what is given,
// and which is not in the table.
func (t *Table) Set(id gid.ID, e *Entry, runs any) {
	e.id, e.runs = id, runs
	t.mu.Lock()
	defer t.mu.Unlock()
	n := int(t.count.Load()) // changed under mu only
	slots := t.slots.Load()
	if slots == nil || 2*(t.used+1) > len(*slots) {
		slots = t.copySlots(max(minSlots, 4*(n+1)))
	}
	if place(*slots, e) {
		t.used++
	}
	t.count.Store(int64(n + 1)) // seen by the goroutine itself, at the least
}

// Remove removes the calling goroutine, which was entered with e.
func (t *Table) Remove(e *Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	slots := *t.slots.Load()
	for i := home(slots, e.id); ; i = (i + 1) & (len(slots) - 1) {
		if slots[i].Load() == e {
			slots[i].Store(removed) // entry → removed
			break
		}
	}
	e.runs = nil
	t.count.Store(t.count.Load() - 1)
}

// IsEmpty reports whether no goroutine is in the table, not even the caller.
func (t *Table) IsEmpty() bool { return t.count.Load() == 0 }

// Get returns what the calling goroutine, whose number is id, runs, or nil.
func (t *Table) Get(id gid.ID) any {
	slots := t.slots.Load()
	if slots == nil {
		return nil
	}
	for i := home(*slots, id); ; i = (i + 1) & (len(*slots) - 1) {
		switch e := (*slots)[i].Load(); {
		case e == nil:
			return nil
		case e != removed && e.id == id:
			return e.runs
		}
	}
}

// copySlots makes the slots of a table new, with room for size entries at least.
// mu is held.
func (t *Table) copySlots(size int) *[]slot {
	n := minSlots
	for n < size {
		n *= 2
	}
	slots := make([]slot, n)
	t.used = 0
	if old := t.slots.Load(); old != nil {
		for i := range *old {
			if e := (*old)[i].Load(); e != nil && e != removed {
				place(slots, e)
				t.used++
			}
		}
	}
	t.slots.Store(&slots) // publishes a complete copy
	return &slots
}

// place puts e into the first slot that is free, and reports whether it was nil.
func place(slots []slot, e *Entry) (fresh bool) {
	for i := home(slots, e.id); ; i = (i + 1) & (len(slots) - 1) {
		if old := slots[i].Load(); old == nil || old == removed {
			slots[i].Store(e) // publishes the entry
			return old == nil
		}
	}
}

// home is a multiplicative hash: goroutine numbers are aligned addresses, or small
// integers.
func home(slots []slot, g gid.ID) int {
	return int(uint32(g^g>>9)*2654435769>>8) & (len(slots) - 1)
}

// ContextKey is the key under which a context has its task's Suspender.
type ContextKey struct{}

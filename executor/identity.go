package executor

import (
	"sync/atomic"

	"github.com/go-await/await/internal/gid"
)

// An identity table answers the question "on which worker am I running?" from
// any goroutine, in two loads. A wake or a spawn that comes from a worker goes to
// that worker's own queue.
//
// A slot is chosen by the goroutine's number and holds the worker that was the
// last to run a goroutine of that slot; the worker's own field says which
// goroutine it runs now. Only if both agree is the caller on that worker: a
// goroutine runs on one worker at most, and the field is set before the
// goroutine runs and changed after it. Where two goroutines share a slot, one of
// them is taken for an outsider: its wakes take the way through the global queue.
type identityTable struct {
	slots []atomic.Pointer[worker]
	shift uint
}

func newIdentityTable(workers int) identityTable {
	bits := uint(4)
	for 1<<bits < 8*workers {
		bits++
	}
	return identityTable{slots: make([]atomic.Pointer[worker], 1<<bits), shift: 32 - bits}
}

// slot is a multiplicative hash: goroutine numbers are aligned addresses, or
// small integers.
func (t *identityTable) slot(g gid.ID) *atomic.Pointer[worker] {
	return &t.slots[(uint32(g>>4)*2654435769)>>t.shift]
}

// current returns the worker that the calling goroutine runs on, or nil.
func (e *Executor) current() *worker {
	g := gid.Current()
	// Sees what setGoroutine on this same goroutine's behalf has stored, or a
	// later worker of the slot.
	if w := e.identity.slot(g).Load(); w != nil && w.goroutine.Load() == uintptr(g) {
		return w
	}
	return nil
}

// setGoroutine notes that goroutine g runs on w from now on, or none if it is 0.
func (w *worker) setGoroutine(g gid.ID) {
	w.goroutine.Store(uintptr(g)) // before the slot: who finds w there sees g
	if g != 0 {
		if s := w.exec.identity.slot(g); s.Load() != w {
			s.Store(w)
		}
	}
}

package executor

import (
	"sync/atomic"

	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/gid"
)

// An anchor is a goroutine that runs on a worker: the one that a worker loops on,
// or a coroutine, which runs on one worker after another.
type anchor struct {
	goroutine atomic.Uintptr          // 0 once the goroutine may end or do something else
	worker    *worker                 // that it runs on; only for that goroutine to read
	slot      *atomic.Pointer[anchor] // of its goroutine in the worker's executor
}

// An identity table answers the question "on which worker am I running?" from
// any goroutine, in two loads. A wake or a spawn that comes from a worker goes to
// that worker's own queue.
//
// A slot is chosen by the goroutine's number and holds the anchor that was the
// last of that slot to be set. Only if the anchor's goroutine is the caller does
// it say where the caller runs. Where two goroutines share a slot, one of them is
// taken for an outsider: its wakes take the way through the global queue. Of the
// goroutines that run at the same time one in thirty or so has that bad luck.
type identityTable struct {
	slots []atomic.Pointer[anchor]
	shift uint
}

func newIdentityTable(workers int) identityTable {
	bits := uint(4)
	for 1<<bits < 32*workers {
		bits++
	}
	return identityTable{slots: make([]atomic.Pointer[anchor], 1<<bits), shift: 32 - bits}
}

// slot is a multiplicative hash: goroutine numbers are aligned addresses, or
// small integers.
func (t *identityTable) slot(g uintptr) *atomic.Pointer[anchor] {
	return &t.slots[(uint32(g^g>>9)*2654435769)>>t.shift]
}

// current returns the worker that the calling goroutine runs on, or nil.
func (e *Executor) current() *worker {
	g := uintptr(atomics.Goroutine())
	// A match is an anchor of this very goroutine, so that nobody changes it
	// now: whoever sets it does so while the goroutine does not run.
	if a := e.identity.slot(g).Load(); a != nil && a.goroutine.Load() == g {
		return a.worker
	}
	return nil
}

// set notes that the anchor's goroutine g runs on w from now on. It is called
// while g does not run, or by g.
func (a *anchor) set(w *worker, g gid.ID) {
	a.worker = w
	if a.goroutine.Load() != uintptr(g) {
		a.goroutine.Store(uintptr(g))
	}
	a.slot = w.exec.identity.slot(uintptr(g))
	a.hold()
}

// hold sees to it that the anchor is in its slot, from which a coroutine that ran
// on the worker may have driven the worker's own.
func (a *anchor) hold() {
	if a.slot.Load() != a {
		a.slot.Store(a) // a later look of its goroutine finds it
	}
}

// weigh ends the anchor's time: its goroutine is no worker's any more.
func (a *anchor) weigh() { a.goroutine.Store(0) }

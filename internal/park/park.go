// Package park blocks a goroutine until another one wakes it.
package park

import "github.com/go-await/await/internal/atomics"

// A Parker blocks its owner in Park until OnWake is called. It holds at most
// one wake: a call of OnWake before Park makes that Park return at once, and
// further ones before it change nothing.
//
//	             Park                     OnWake
//	empty    ──────────────▶ parked ──────────────────┐
//	  ▲ │                                             │ signals the owner
//	  │ └───── OnWake ─────▶ notified ◀───────────────┘
//	  └──────── Park ───────────┘
//
// Invariants: only the owner makes the state parked or empty; whoever finds it
// parked and makes it notified, and nobody else, signals the owner.
//
// It is a sync.Cond without a mutex. Cond.Wait takes its ticket before it
// calls L.Unlock, so an Unlock that publishes the parked state publishes it
// when no later Signal can miss the ticket. A Cond, unlike a channel or a
// WaitGroup, belongs to no synctest bubble: a Parker may be kept and used
// again in another one, and waiting in it is durably blocking.
//
// The zero Parker is ready to use. It must not be copied.
type Parker struct {
	state atomics.Uint32
	cond  atomics.Cond
}

const (
	empty    uint32 = iota // nobody waits, no wake is kept   → parked, notified
	parked                 // the owner waits for a signal    → notified
	notified               // a wake is kept for the owner    → empty
)

// Park blocks until OnWake has been called since the last Park returned. Only
// one goroutine at a time may call it. The wake synchronizes before its return.
func (p *Parker) Park() {
	if p.state.Load() != notified { // a wake may come now; Unlock sees it
		p.cond.L = (*ticket)(p)
		p.cond.Wait()
	}
	// notified → empty: the wake is taken. Nobody else leaves this state. A
	// Store would do, but for the race detector, which does not know that Signal
	// synchronizes with Wait.
	p.state.Swap(empty)
}

// OnWake lets the owner's Park return. It does not block, and any goroutine
// may call it.
func (p *Parker) OnWake() {
	// → notified: publishes what the caller wrote before to the owner. The
	// one that finds parked owes the signal.
	if p.state.Swap(notified) == parked {
		p.cond.Signal()
	}
}

// A ticket is a Parker as the Locker of its Cond.
type ticket Parker

// Unlock publishes that the owner waits, once Cond.Wait holds a ticket.
func (t *ticket) Unlock() {
	// empty → parked. If a wake was quicker, it found empty and signalled
	// nobody, so the owner wakes itself: its ticket is spent.
	if !t.state.CompareAndSwap(empty, parked) {
		t.cond.Signal()
	}
}

// Lock does nothing: there is no lock to take again.
func (t *ticket) Lock() {}

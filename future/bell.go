package future

import "github.com/go-await/await/internal/atomics"

// A bell is rung once, by a timer, a context callback or a goroutine, and wakes
// the waker of the latest Poll. It is one word:
//
//	nil ───poll───▶ waker ───poll───▶ waker …
//	 │                │
//	 ├─────ring───────┴──▶ rung
//	 └─────mute───────┴──▶ muted ──ring──▶ rung
//
// Invariants: poll and mute are called by the goroutine that polls, ring by
// any other. The one that replaces a waker by rung wakes it, after the transition.
// Nothing but ring can interfere with mute, and with poll only another consumer
// besides, so neither loops.
type bell struct {
	state atomics.Pointer[Waker]
}

var (
	rung  = new(Waker) // it has rung: final
	muted = new(Waker) // no consumer listens any more
)

// ring rings, and reports whether the consumer hears it or still can. What the
// caller did before synchronizes before the poll that hears it.
func (b *bell) ring() (heard bool) {
	// → rung: publishes the caller's writes and takes the waker. The waker of
	// a muted bell wakes no consumer; what the consumer did before it muted the bell
	// synchronizes with this.
	w := b.state.Swap(rung)
	w.Wake()
	return w != muted
}

// settle rings for a [Settler].
func (b *bell) settle(failed bool) (heard bool) {
	w := b.state.Swap(rung) // as in ring
	w.Settle(failed)
	return w != muted
}

// poll reports whether the bell has rung, and otherwise leaves w, unless that is nil,
// to be woken. It returns true and ErrBusy if another consumer waits for self, whose
// bell this is.
func (b *bell) poll(self any, w *Waker) (rang bool, err error) {
	// rung here synchronizes with ring.
	old := b.state.Load()
	switch {
	case old == rung:
		return true, nil
	case w == nil || old == w:
		return false, nil
	}
	if waits, _ := old.WaitsFor(self, w); waits {
		return true, ErrBusy
	}
	// nil or waker → waker.
	if b.state.CompareAndSwap(old, w) {
		if old != nil {
			old.replaced(self, w)
		}
		return false, nil
	}
	// ring was quicker, and this load synchronizes with it; or another consumer was.
	if b.state.Load() == rung {
		return true, nil
	}
	w.Wake() // look again
	return false, nil
}

// mute reports whether the bell has rung, and otherwise ends the polling.
func (b *bell) mute() bool {
	old := b.state.Load()
	// nil or waker → muted. As in poll, only ring can have been quicker.
	return old == rung || old != muted && !b.state.CompareAndSwap(old, muted)
}

// holds reports whether w is the waker that is to be woken.
func (b *bell) holds(w *Waker) bool { return b.state.Load() == w }

// isMuted reports whether no consumer listens any more. It is for the ringing side.
func (b *bell) isMuted() bool {
	return b.state.Load() == muted // a mute that comes later is not seen
}

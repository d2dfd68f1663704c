package future

import "github.com/go-await/await/internal/atomics"

// A bell is rung once, by a timer, a context callback or a goroutine, and wakes
// the waker of the latest Poll. It is one word:
//
//	nil ──listen──▶ waker ──listen──▶ waker …
//	 │                │
//	 ├─────ring───────┴──▶ rung
//	 └─────mute───────┴──▶ muted ──ring──▶ rung
//
// Invariants: listen and mute are called by the goroutine that polls, ring by
// any other. Whoever replaces a waker by rung wakes it, after the transition.
// Nothing but ring can interfere with listen or mute, so neither loops.
type bell struct {
	state atomics.Pointer[Waker]
}

var (
	rung  = new(Waker) // it has rung: final
	muted = new(Waker) // nobody listens any more
)

// ring rings, and reports whether the consumer hears it or still can. What the
// caller did before synchronizes before the listen that hears it.
func (b *bell) ring() (heard bool) {
	// → rung: publishes the caller's writes and takes the waker. The waker of
	// a muted bell wakes nobody; what the consumer did before it muted the bell
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

// listen reports whether the bell has rung, and otherwise leaves w to be woken.
func (b *bell) listen(w *Waker) bool {
	// rung here synchronizes with ring.
	old := b.state.Load()
	if old == rung {
		return true
	}
	// nil or waker → waker. Only ring can have been quicker; the failed swap
	// synchronizes with it.
	return old != w && !b.state.CompareAndSwap(old, w)
}

// mute reports whether the bell has rung, and otherwise ends the listening.
func (b *bell) mute() bool { return b.listen(muted) }

// isMuted reports whether nobody listens any more. It is for the ringing side.
func (b *bell) isMuted() bool {
	return b.state.Load() == muted // a mute that comes later is not seen
}

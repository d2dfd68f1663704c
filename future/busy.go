package future

import (
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/safe"
)

// # How the second consumer of a future is found
//
// A future keeps one waker. If it is polled with another one, either the consumer
// has changed, which is allowed, or there are two, and the first would never be
// woken. So a leaf that is about to replace a waker asks [Waker.WaitsFor] whether
// the old one's target waits for this very leaf at this moment. If it does, the
// newcomer gets [ErrBusy] and the leaf keeps its waker. If it does not, because it
// runs, has ended, or waits for something else by now, the leaf takes the new waker
// and wakes the old one: a target that has polled the leaf and is about to wait
// polls it once more, and learns that there is another consumer.
//
// The target looks at the future that it waits for, whose fields belong to it and
// not to the newcomer's goroutine. So the target answers while it does not poll: a
// goroutine that is blocked and a task that is suspended are kept so during the
// look. A child of a combinator asks the combinator's consumer.

// A Consumer is a [Wakeable] that can say what it waits for. Targets that are none
// count as not waiting.
type Consumer interface {
	Wakeable

	// Consuming calls is with the future that the consumer waits for, and returns
	// its result. The consumer does not poll the future meanwhile. It returns
	// false without a call if the consumer does not wait at this moment. Any
	// goroutine may call it, also within a Poll; is does not block.
	Consuming(is func(f any) bool) bool
}

// WaitsFor reports whether the target of w waits for the future f at this moment.
// A future of yours that is polled with another waker than it holds asks the old
// waker, and if that waits for it, Poll returns [ErrBusy] and keeps the old one.
// Otherwise it takes the new one, and then wakes the old one, whose target may be
// about to wait. f is found also below the combinators of this package that have one source; a
// future of somebody else's that polls f in its own Poll hides it. w may be nil.
func (w *Waker) WaitsFor(f any) bool {
	if w == nil {
		return false
	}
	c, ok := w.target.(Consumer)
	return ok && c.Consuming(func(root any) bool { return contains(root, f) })
}

// contains reports whether root is f, or passes its waker on to f.
func contains(root, f any) bool {
	if root == nil {
		return false
	}
	if safe.Equal(root, f) {
		return true
	}
	if h, ok := root.(holder); ok {
		return h.holds(f)
	}
	return false
}

// A holder is a combinator that hands its waker on.
type holder interface {
	// holds reports whether f is a source, or below one. Only who may poll the
	// combinator may call it.
	holds(f any) bool
}

func (m *mapped[T, U]) holds(f any) bool { return contains(m.src, f) }
func (c *catch[T]) holds(f any) bool     { return contains(c.src, f) }
func (y *finally[T]) holds(f any) bool   { return contains(y.src, f) }
func (b *bounded[T]) holds(f any) bool   { return contains(b.src, f) }
func (l *lazy[T]) holds(f any) bool      { return contains(l.src, f) }
func (t *then[T, U]) holds(f any) bool   { return contains(t.src, f) || contains(t.next, f) }
func (s *select2[A, B]) holds(f any) bool {
	return contains(s.a, f) || contains(s.b, f)
}
func (j *join[T]) holds(f any) bool {
	for _, p := range j.parts {
		if p != nil && contains(p, f) {
			return true
		}
	}
	return false
}
func (p *part[T]) holds(f any) bool { return contains(p.src, f) }

// A consumption is a goroutine that awaits a future, as a [Consumer].
//
//	polls ── wait ──▶ waits ── Consuming ──▶ looked at
//	  ▲                │  ▲                      │
//	  └──── resume ────┘  └──────────────────────┘
//
// Rules: the goroutine makes the state waits and polls; a look makes it looked at
// and waits again, and holds mu meanwhile. A goroutine that finds its state looked
// at waits for mu, which is held for some steps.
type consumption struct {
	state   atomics.Uint32
	mu      atomics.Mutex
	awaited any // belongs to the goroutine, and to the look while that lasts
}

const (
	polls    uint32 = iota // the goroutine may poll           → waits
	waits                  // it is blocked, or about to be    → polls, lookedAt
	lookedAt               // so it is kept                    → waits
)

// wait is called before the goroutine blocks.
func (c *consumption) wait(awaited any) {
	c.awaited = awaited
	c.state.Store(waits) // polls → waits: publishes awaited
}

// resume is called before the goroutine polls again.
func (c *consumption) resume() {
	// waits → polls: a look that begins now finds nothing.
	if !c.state.CompareAndSwap(waits, polls) {
		c.mu.Lock() // until the look has ended, whose reads synchronize with this
		c.state.Store(polls)
		c.mu.Unlock()
	}
}

// Consuming is part of [Consumer].
func (c *consumption) Consuming(is func(f any) bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	// waits → looked at: awaited is ours until the store.
	if !c.state.CompareAndSwap(waits, lookedAt) {
		return false
	}
	defer c.state.Store(waits) // looked at → waits
	return is(c.awaited)
}

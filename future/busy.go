package future

import (
	"unsafe"

	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/safe"
)

// # How the second consumer of a future is found
//
// A future keeps one waker. If it is polled with another one, either the consumer
// has changed, which is allowed, or there are two, and the first would never be
// woken. So a leaf that is about to replace a waker asks [Waker.WaitsFor] what the
// old one's target does at this moment:
//
//   - It waits for this very leaf. The newcomer gets [ErrBusy], and the leaf keeps
//     its waker.
//   - It waits for something else: it has moved on. The leaf takes the new waker.
//   - It does not wait. It may have polled the leaf and be about to wait. The leaf
//     takes the new waker, too.
//
// The target may go on meanwhile, and come to wait for the leaf before that has the new
// waker. So the leaf asks again once it has it: a target that waits for the leaf, or may
// be about to, is woken, so that it polls once more, and asks in turn.
//
// The target looks at the future that it waits for, whose fields belong to it and
// not to the newcomer's goroutine. So the target answers while it does not poll: a
// goroutine that is blocked and a task that is suspended are kept so during the
// look. A child of a combinator asks the combinator's consumer, unless it is the
// newcomer's goroutine that polls the combinator: the leaf is in it twice.

// A Consumer is a [Wakeable] that can say what it waits for.
type Consumer interface {
	Wakeable

	// Consuming reports whether the consumer waits at this moment, and if so calls
	// is with the future that it waits for, or with each of several. The consumer
	// does not poll meanwhile. newcomer is the waker for which that is asked. For a
	// child of a combinator of this package newcomer is the waker that the combinator
	// was polled with.
	//
	// If newcomer is the consumer's own waker, the consumer's goroutine asks, within a
	// Poll. A consumer that knows the future it polls then calls is with that, and
	// returns true.
	//
	// Any goroutine may call Consuming, also within a Poll. is does not block.
	Consuming(newcomer *Waker, is func(f any)) bool
}

// WaitsFor reports whether the target of w waits for the future f at this moment,
// and otherwise whether the target polls and may be about to wait. It is for
// futures: one that holds w and is polled with a newcomer asks w. If the target waits
// for it, its Poll returns [ErrBusy] and it keeps w. Otherwise it takes the newcomer
// and asks w once more, since the target may have gone on meanwhile: it wakes w if the
// target waits for it now, or polls.
//
// f is found also below the combinators of this package that have one source. A
// future written elsewhere that polls f in its own Poll hides f. Of a target that is
// no [Consumer], and of a nil w, both results are false.
func (w *Waker) WaitsFor(f any, newcomer *Waker) (waits, polls bool) {
	if w == nil {
		return false, false
	}
	if c, ok := w.target.(Consumer); ok {
		return ask(c, f, newcomer)
	}
	return false, false
}

// ask is WaitsFor of a consumer. It is apart because what the function captures is
// allocated.
func ask(c Consumer, f any, newcomer *Waker) (waits, polls bool) {
	polls = !inquire(c, newcomer, func(root any) { waits = waits || contains(root, f) })
	return waits, polls
}

// inquire calls Consuming of a link with the newcomer, and of another consumer with the
// waker that stands above it.
func inquire(c Consumer, newcomer *Waker, is func(f any)) bool {
	if _, ok := c.(link); !ok {
		for newcomer != nil {
			l, ok := newcomer.target.(link)
			if !ok {
				break
			}
			_, newcomer = l.up()
		}
	}
	return c.Consuming(newcomer, is)
}

// A consumerOf is the waker of the latest Poll of a combinator of few sources, which
// hands it on to them. It is kept to tell a second consumer of the combinator from one
// of its sources, whose ErrBusy is an error of the combinator.
type consumerOf struct{ waker *Waker }

// isBusy notes w, unless another consumer waits for self: then it reports true.
func (c *consumerOf) isBusy(self any, w *Waker) bool {
	if w == nil || w == c.waker {
		return false
	}
	if waits, _ := c.waker.WaitsFor(self, w); waits {
		return true
	}
	c.waker = w
	return false
}

// replaced is called once f has taken newcomer in place of w. A target that waits for f
// all the same, or may be about to, looks at f again.
func (w *Waker) replaced(f any, newcomer *Waker) {
	if waits, polls := w.WaitsFor(f, newcomer); waits || polls {
		w.Wake()
	}
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
		return h.PassesWakerTo(f)
	}
	return false
}

// A link is the target of a waker that a combinator made for a child of it, or for
// several.
type link interface {
	Consumer
	// up returns the combinator, and its own consumer's waker.
	up() (whole any, w *Waker)
}

// isPolledWith reports whether a combinator is being polled by the goroutine that
// polls with w: whether it is above what is polled.
func isPolledWith(combinator any, w *Waker) bool {
	for w != nil {
		l, ok := w.target.(link)
		if !ok {
			return false
		}
		var whole any
		if whole, w = l.up(); whole == combinator { // pointers both
			return true
		}
	}
	return false
}

// consuming is Consuming of the link l, which waits for what each calls its argument
// with. The link waits if its combinator is waited for. If no consumer waits for the
// combinator, the result is false: the link is woken once its waker is replaced, so that
// the combinator's next Poll polls the child.
func consuming(l link, newcomer *Waker, each func(is func(f any)), is func(f any)) bool {
	whole, w := l.up()
	if isPolledWith(whole, newcomer) {
		each(is) // the caller's goroutine has the combinator
		return true
	}
	if w == nil {
		return false // not polled since it took the child, or over
	}
	c, ok := w.target.(Consumer)
	found := false
	return ok && inquire(c, newcomer, func(root any) {
		if contains(root, whole) {
			found = true
			each(is)
		}
	}) && found
}

func (c *child[T]) up() (whole any, w *Waker) { return c.queue.whole, c.queue.waker.Load() }

// Consuming is part of [Consumer].
func (c *child[T]) Consuming(newcomer *Waker, is func(f any)) bool {
	return consuming(c, newcomer, func(is func(f any)) { is(c.src) }, is)
}

func (j *joint) up() (whole any, w *Waker) { return j.whole, j.consumer.Load() }

// Consuming is part of [Consumer].
func (j *joint) Consuming(newcomer *Waker, is func(f any)) bool {
	return consuming(j, newcomer, j.each, is)
}

// A holder is a combinator that hands its waker on, or a future that is part of a
// larger one. Once it has ended it holds nothing. Package executor knows it by its
// method.
type holder interface {
	// PassesWakerTo reports whether f is a source, or below one, or this part. Only
	// who may poll the future may call it.
	PassesWakerTo(f any) bool
}

func (m *mapped[T, U]) PassesWakerTo(f any) bool { return contains(m.src, f) }
func (c *catch[T]) PassesWakerTo(f any) bool     { return contains(c.src, f) }
func (y *finally[T]) PassesWakerTo(f any) bool   { return contains(y.src, f) }
func (o *owned[T]) PassesWakerTo(f any) bool     { return contains(o.src, f) }
func (b *borrowed[T]) PassesWakerTo(f any) bool  { return contains(b.src, f) }
func (b *bounded[T]) PassesWakerTo(f any) bool   { return any(b) == f || contains(b.src, f) }
func (c *course[T]) PassesWakerTo(f any) bool    { return contains(c.next, f) }
func (t *then[T, U]) PassesWakerTo(f any) bool {
	return contains(t.src, f) || t.course.PassesWakerTo(f)
}
func (o *orElse[T]) PassesWakerTo(f any) bool     { return contains(o.src, f) || o.course.PassesWakerTo(f) }
func (s *select2[A, B]) PassesWakerTo(f any) bool { return contains(s.a, f) || contains(s.b, f) }
func (j *join[T]) PassesWakerTo(f any) bool       { return anyHolds(j.parts, f) }
func (c *choice[T]) PassesWakerTo(f any) bool     { return anyHolds(c.parts, f) }
func (p *part[T]) PassesWakerTo(f any) bool       { return contains(p.src, f) }
func (n *next[T]) PassesWakerTo(f any) bool       { return any(n.set) == f }
func (u *unordered[T]) PassesWakerTo(f any) bool  { return any(&u.set) == f }
func (r *reached) PassesWakerTo(f any) bool       { return any(r) == f }
func (g *goroutine[T]) PassesWakerTo(f any) bool  { return any(g) == f }

func anyHolds(parts [4]joined, f any) bool {
	for _, p := range parts {
		if p != nil && contains(p, f) {
			return true
		}
	}
	return false
}

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
	atomics.Write(unsafe.Pointer(&c.awaited))
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

// is reports whether c is other. It tells a consumer by its embedded consumption.
func (c *consumption) is(other *consumption) bool { return c == other }

// Consuming is part of [Consumer].
func (c *consumption) Consuming(newcomer *Waker, is func(f any)) bool {
	if newcomer != nil {
		if own, ok := newcomer.target.(interface{ is(*consumption) bool }); ok && own.is(c) {
			if c.awaited == nil { // never waited
				return false
			}
			is(c.awaited)
			return true
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// waits → looked at: awaited is ours until the store.
	if !c.state.CompareAndSwap(waits, lookedAt) {
		return false
	}
	defer c.state.Store(waits) // looked at → waits
	atomics.Read(unsafe.Pointer(&c.awaited))
	is(c.awaited)
	return true
}

package future

import "github.com/go-await/await/internal/safe"

// A Settler is a future that wakes its waker once, when it is ready, and does
// that by [Waker.Settle], telling how it ended. Receivers of messages and handles
// of tasks are such futures; one that may need several Polls, or calls a function
// of its user in Poll, is not.
//
// Holds reports whether w is the waker that the future would wake. A combinator that
// has one waker for several settlers finds one that it was given twice by it.
//
// Settles returns the future itself and does nothing else. A combinator takes f for
// a Settler if f.Settles() == f. A type that embeds a Settler has its method, but the
// method returns the embedded one. So such a type is no Settler.
//
// [All] and [Settle] know then, without a Poll, that a settler is ready. They
// wake their consumer when all settlers are, or when one has failed, instead of
// once for each. A combinator written elsewhere can do the same: the target of
// the waker that it polls settlers with is a [Settleable].
type Settler interface {
	Settles() any
	Holds(w *Waker) bool
}

// A Settleable is a [Wakeable] that wants to be told when a [Settler] settles.
//
// OnSettle is called in place of OnWake, and under the same conditions: from any
// goroutine, at any time, without blocking and without polling. failed reports
// whether the future ended with an error.
type Settleable interface {
	Wakeable
	OnSettle(failed bool)
}

// Settle is Wake for a [Settler]: it says that the future is ready, and whether
// with an error. It calls the OnSettle of a target that is a [Settleable], and
// wakes any other one.
func (w *Waker) Settle(failed bool) {
	if w == nil {
		return
	}
	if t, ok := w.target.(Settleable); ok {
		t.OnSettle(failed)
		return
	}
	w.Wake()
}

// settles reports whether f is a Settler by a method of its own.
func settles(f any) bool {
	s, ok := f.(Settler)
	if !ok {
		return false
	}
	itself := s.Settles()
	return safe.Identical(itself, f) || safe.Equal(itself, f)
}

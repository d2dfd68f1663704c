package oneshot

import (
	"errors"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/park"
)

// errGaveUp stands for the reason for which recvUntil stopped waiting.
var errGaveUp = errors.New("oneshot: gave up")

// A waiter blocks the goroutine of a receive until its waker is woken.
type waiter struct {
	waker future.Waker
	park.Parker
}

// waiters keeps those of Recv. A parker belongs to no synctest bubble, so one
// that was used in a bubble may be used outside it or in another.
var waiters = atomics.Pool{New: func() any {
	w := new(waiter)
	w.waker.Init(w)
	return w
}}

func newWaiter() *waiter { return waiters.Get().(*waiter) }

// free gives w back. No wake may be on its way to it.
func (w *waiter) free() { waiters.Put(w) }

// isBlocked reports whether s is the waker of a goroutine that is blocked in a
// receive.
func isBlocked(s *future.Waker) bool {
	_, ok := s.Target().(*waiter)
	return ok
}

// enlist makes w wait for the sender. It returns nil if it does, and otherwise
// the state for settle.
func (c *channel[T]) enlist(w *waiter) *future.Waker {
	s := c.state.Load()
	if !isFinal(s) && !isBlocked(s) {
		if c.wait(s, &w.waker) {
			return nil
		}
		s = c.state.Load()
	}
	return s
}

// settle returns the result of a receive that does not wait in state s.
func (c *channel[T]) settle(s *future.Waker) (T, error) {
	if !isFinal(s) {
		var zero T
		return zero, ErrBusy
	}
	return c.take(s)
}

// recvUntil receives until the event that arm sets up wakes the waiter, and
// then returns end. arm returns what takes the event back.
func (c *channel[T]) recvUntil(end error, arm func(w *waiter) (disarm func() bool)) (T, error) {
	// The event may come at any time, even after the return: this waiter is
	// used once.
	w := new(waiter)
	w.waker.Init(w)
	s := c.enlist(w)
	if s == nil {
		disarm := arm(w)
		w.Park()
		disarm()
		if c.unwait(&w.waker) {
			var zero T
			return zero, end
		}
		s = c.state.Load()
	}
	return c.settle(s)
}

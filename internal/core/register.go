package core

import "github.com/go-await/await/future"

// Register makes w the waker of a channel that has no result, as Poll does, and reports
// whether there is a result, which it leaves there. It is for a receiver that no other
// one uses.
func (c *Channel[T]) Register(w *future.Waker) (ready bool) {
	s := c.state.Load()
	if isFinal(s) {
		return true
	}
	// nil or older waker → w: what the receiver did before is published to the one that
	// takes w. It fails if the sender was quicker.
	return !c.state.CompareAndSwap(s, w)
}

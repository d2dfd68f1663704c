package core

// panicNil says that a method of oneshot's Sender or Receiver was called on nil. A
// nil Channel comes from nothing else.
func panicNil(method, end string) {
	panic("oneshot: " + method + " of a nil " + end)
}

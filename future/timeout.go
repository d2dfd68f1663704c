package future

import "time"

// Timeout returns a future with the result of f, or with [ErrTimeout] if f is
// not ready d after the call. It cancels f then. f is polled before the time is
// looked at, so with a d of zero or less f still has one Poll to be ready in,
// and a result that comes before the cancellation took effect is not lost.
//
// The waker goes straight to f. A timer is started by the first Poll that finds
// f not ready and the time not come; it is stopped when f is ready and by
// Cancel. Before that Poll it is one allocation, and then three more. It runs no
// goroutine.
func Timeout[T any](f Future[T], d time.Duration) Future[T] {
	return Deadline(f, time.Now().Add(d))
}

// Deadline is like [Timeout] with a point in time. A t with a monotonic reading
// is not moved by a change of the wall clock.
func Deadline[T any](f Future[T], t time.Time) Future[T] {
	d := &deadline[T]{alarm: alarm{at: t}}
	d.src, d.limit = orNil(f), &d.alarm
	return d
}

type deadline[T any] struct {
	bounded[T]
	alarm alarm
}

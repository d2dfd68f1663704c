package future

import (
	"context"
	"os"
	"reflect"
	"time"
)

// Timeout returns a future with the result of f, or with [ErrTimeout] if f is
// not ready d after the call. It cancels f then. f is polled before the time is
// looked at, so with a d of zero or less f still has one Poll to be ready in,
// and a result that comes before the cancellation took effect is not lost: not
// to this Timeout, and not to Cancel, after which one further Poll gives it.
//
// The error of a Timeout whose own time is up is ErrTimeout itself: err ==
// future.ErrTimeout. If f fails with the ErrTimeout of a Timeout inside of it,
// that is passed on wrapped: it is ErrTimeout by errors.Is only. So a loop that
// tries again when its own time is up, and must not do so when its source has
// failed, compares with ==.
//
// The waker goes straight to f. A timer is started by the first Poll that finds
// f not ready and the time not come; it is stopped when f is ready and by
// Cancel. Before that Poll it is one allocation, and then three more. It runs no
// goroutine.
func Timeout[T any](f Future[T], d time.Duration) Future[T] {
	return newDeadline(orNil(f, "Timeout: the future"), time.Now().Add(d))
}

// Deadline is like [Timeout] with a point in time. A t with a monotonic reading
// is not moved by a change of the wall clock.
func Deadline[T any](f Future[T], t time.Time) Future[T] {
	return newDeadline(orNil(f, "Deadline: the future"), t)
}

func newDeadline[T any](f Future[T], t time.Time) Future[T] {
	d := &deadline[T]{alarm: alarm{at: t}}
	d.src, d.limit = f, &d.alarm
	return d
}

type deadline[T any] struct {
	bounded[T]
	alarm alarm
}

func (d *deadline[T]) String() string { return typeName("Timeout", reflect.TypeFor[T]()) }

// errInnerTimeout is what a Timeout makes of the ErrTimeout of its source.
var errInnerTimeout error = innerTimeout{}

type innerTimeout struct{}

func (innerTimeout) Error() string   { return "future: timeout of an inner future" }
func (innerTimeout) Timeout() bool   { return true }
func (innerTimeout) Temporary() bool { return true }
func (innerTimeout) Is(target error) bool {
	return target == ErrTimeout || target == context.DeadlineExceeded || target == os.ErrDeadlineExceeded
}

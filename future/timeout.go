package future

import "time"

// Timeout returns a future with the result of f, or with [ErrTimeout] if f is
// not ready d after the call. It cancels f then. f is polled before the time is
// looked at, so with a d of zero or less f still has one Poll to be ready in,
// and a result that comes before the cancellation took effect is not lost.
//
// The waker goes straight to f. A timer is started by the first Poll that finds
// f not ready and the time not come; it is stopped when f is ready and by
// Cancel. It runs no goroutine.
func Timeout[T any](f Future[T], d time.Duration) Future[T] {
	return Deadline(f, time.Now().Add(d))
}

// Deadline is like [Timeout] with a point in time. A t with a monotonic reading
// is not moved by a change of the wall clock.
func Deadline[T any](f Future[T], t time.Time) Future[T] {
	return &deadline[T]{src: orNil(f), at: t}
}

type deadline[T any] struct {
	src   Future[T]
	at    time.Time
	alarm alarm
	life  life
}

func (d *deadline[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if d.life != live {
		return v, true, d.life.err()
	}
	v, ready, err = d.src.Poll(w)
	if !ready && !d.alarm.poll(d.at, w) {
		return v, false, nil
	}
	src := d.src
	d.end(consumed)
	if !ready {
		v, err = giveUp(src, ErrTimeout)
	}
	return v, true, err
}

// Cancel stops the timer and cancels the source.
func (d *deadline[T]) Cancel() {
	if d.life == live {
		src := d.src
		d.end(canceled)
		Cancel(src)
	}
}

func (d *deadline[T]) end(l life) {
	d.src, d.life = nil, l
	d.alarm.stop()
}

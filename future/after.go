package future

import (
	"time"

	"github.com/go-await/await/internal/atomics"
)

// After returns a future that is ready once d has passed since the call. Its
// timer is started by the first Poll that finds the time not come, and stopped
// by Cancel: before that Poll it is one allocation, and then three more. It runs
// no goroutine.
func After(d time.Duration) Future[struct{}] { return At(time.Now().Add(d)) }

// At returns a future that is ready at t, by the clock that t was read from: a t
// with a monotonic reading is not moved by a change of the wall clock. It is
// otherwise like [After].
func At(t time.Time) Future[struct{}] {
	a := &after{alarm: alarm{at: t}}
	a.limit = &a.alarm
	return a
}

type after struct {
	reached
	alarm alarm
}

func (a *after) String() string { return "future.After" }

// An alarm is the limit of a time that comes: it rings a bell then. It holds no
// timer before its first poll. The timer's callback may run while the alarm is
// stopped, and then wakes no consumer.
type alarm struct {
	at     time.Time
	bell   bell
	disarm func() bool // nil before there is a timer
}

func (a *alarm) poll(self any, w *Waker) (reached bool, err error) {
	if a.disarm == nil {
		d := time.Until(a.at)
		if d <= 0 {
			return true, nil
		}
		a.disarm = atomics.AfterFunc(d, func() { a.bell.ring() })
	}
	return a.bell.poll(self, w)
}

func (a *alarm) cause() error { return ErrTimeout }

// pass wraps the ErrTimeout of another alarm.
func (a *alarm) pass(err error) error {
	if err == ErrTimeout {
		return errInnerTimeout
	}
	return err
}

// stop stops the timer, if there is one.
func (a *alarm) stop() {
	if a.disarm != nil {
		a.disarm()
		a.bell.mute()
	}
}

package future

import (
	"time"

	"github.com/go-await/await/internal/atomics"
)

// After returns a future that is ready once d has passed since the call. Its
// timer is started by the first Poll that finds the time not come, and stopped
// by Cancel. It runs no goroutine.
func After(d time.Duration) Future[struct{}] { return At(time.Now().Add(d)) }

// At returns a future that is ready at t, by the clock that t was read from: a t
// with a monotonic reading is not moved by a change of the wall clock. It is
// otherwise like [After].
func At(t time.Time) Future[struct{}] { return &after{at: t} }

type after struct {
	at    time.Time
	alarm alarm
	life  life
}

func (a *after) Poll(w *Waker) (v struct{}, ready bool, err error) {
	if a.life != live {
		return v, true, a.life.err()
	}
	if !a.alarm.poll(a.at, w) {
		return v, false, nil
	}
	a.life = consumed
	return v, true, nil
}

// Cancel stops the timer.
func (a *after) Cancel() {
	if a.life == live {
		a.life = canceled
		a.alarm.stop()
	}
}

// An alarm rings a bell at a certain time. It holds no timer before its first
// poll. The timer's callback may run while the alarm is stopped, and then wakes
// nobody.
type alarm struct {
	bell   bell
	disarm func() bool // nil before there is a timer
}

// poll reports whether the time at has come, and otherwise leaves w to be woken
// when it does.
func (a *alarm) poll(at time.Time, w *Waker) bool {
	if a.disarm == nil {
		d := time.Until(at)
		if d <= 0 {
			return true
		}
		a.disarm = atomics.AfterFunc(d, a.bell.ring)
	}
	return a.bell.listen(w)
}

// stop stops the timer, if there is one. The alarm is not polled any more.
func (a *alarm) stop() {
	if a.disarm != nil {
		a.disarm()
		a.bell.mute()
	}
}

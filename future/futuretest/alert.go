package futuretest

import (
	"time"

	"github.com/go-await/await/future"
)

// wakerPanic is what the wakers of TestFuture panic with.
const wakerPanic = "futuretest: a waker that panics"

// An alert remembers a wake of its waker.
type alert struct {
	waker  future.Waker
	woken  chan struct{} // holds one wake
	panics bool
}

func newAlert(panics bool) *alert {
	a := &alert{woken: make(chan struct{}, 1), panics: panics}
	a.waker.Init(a)
	return a
}

func (a *alert) OnWake() {
	select {
	case a.woken <- struct{}{}:
	default:
	}
	if a.panics {
		panic(wakerPanic)
	}
}

// took reports whether there was a wake since the last reset.
func (a *alert) took() bool {
	select {
	case <-a.woken:
		return true
	default:
		return false
	}
}

func (a *alert) reset() { a.took() }

// wait waits for a wake, if it may still come, and reports whether it came.
func (a *alert) wait(now bool) bool {
	if now {
		return a.took()
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-a.woken:
		return true
	case <-timer.C:
		return false
	}
}

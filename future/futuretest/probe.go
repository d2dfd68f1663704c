package futuretest

import (
	"runtime"
	"sync"

	"github.com/go-await/await/future"
)

// A Probe is a future that does what the test tells it, and counts what is done
// to it. It wakes the waker of the latest Poll, at each call of Wake and when
// its outcome is set, on the goroutine of the caller. The outcome is set once;
// later settings do nothing.
type Probe[T any] struct {
	mu      sync.Mutex
	waker   *future.Waker
	polls   int
	cancels int
	outcome func() (T, error) // nil: pending
	taken   bool
}

// NewProbe returns a Probe that is pending.
func NewProbe[T any]() *Probe[T] { return new(Probe[T]) }

// Resolve makes the probe ready with v.
func (p *Probe[T]) Resolve(v T) { p.set(func() (T, error) { return v, nil }) }

// Fail makes the probe ready with err.
func (p *Probe[T]) Fail(err error) {
	p.set(func() (v T, _ error) { return v, err })
}

// Panic makes the next Poll panic with v.
func (p *Probe[T]) Panic(v any) { p.set(func() (T, error) { panic(v) }) }

// Goexit makes the next Poll call runtime.Goexit.
func (p *Probe[T]) Goexit() {
	p.set(func() (v T, err error) { runtime.Goexit(); return v, err })
}

func (p *Probe[T]) set(outcome func() (T, error)) {
	p.mu.Lock()
	if p.outcome == nil {
		p.outcome = outcome
	}
	p.mu.Unlock()
	p.Wake()
}

// Wake wakes the waker of the latest Poll. The probe keeps it.
func (p *Probe[T]) Wake() { p.Waker().Wake() }

// Waker returns the waker of the latest Poll, or nil.
func (p *Probe[T]) Waker() *future.Waker {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waker
}

// Polls returns how often the probe was polled.
func (p *Probe[T]) Polls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.polls
}

// Cancels returns how often the probe was canceled.
func (p *Probe[T]) Cancels() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cancels
}

// Finished reports whether a Poll has come to the outcome, be it a panic.
func (p *Probe[T]) Finished() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}

// Poll is the Poll of [future.Future].
func (p *Probe[T]) Poll(w *future.Waker) (v T, ready bool, err error) {
	p.mu.Lock()
	p.polls++
	outcome, taken, canceled := p.outcome, p.taken, p.cancels > 0
	if outcome == nil {
		p.waker = w
	} else {
		p.taken = true
	}
	p.mu.Unlock()
	switch {
	case taken:
		return v, true, future.ErrConsumed
	case canceled:
		return v, true, future.ErrCanceled
	case outcome == nil:
		return v, false, nil
	}
	v, err = outcome()
	return v, true, err
}

// Cancel is the Cancel of [future.Canceler]. It drops the outcome and keeps the
// waker, so that a test may wake it afterwards.
func (p *Probe[T]) Cancel() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancels++
}

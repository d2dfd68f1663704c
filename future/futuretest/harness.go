package futuretest

import (
	"reflect"
	"testing"
	"time"

	"github.com/go-await/await/future"
)

// patience is how long anything here waits for a wake or the end of a Poll.
var patience = 10 * time.Second

// A Harness polls a future step by step, and fails its test when a step goes
// otherwise than expected. It does so with Fatalf, so it is used by the goroutine
// of the test.
type Harness[T any] struct {
	t     testing.TB
	f     future.Future[T]
	woken chan struct{} // holds one wake since the latest Poll
	waker *future.Waker
	count Counter
	seen  int
}

// NewHarness returns a Harness for f. It polls with one waker of its own. It panics if
// t or f is nil.
func NewHarness[T any](t testing.TB, f future.Future[T]) *Harness[T] {
	if t == nil {
		panic("futuretest: NewHarness with a nil testing.TB")
	}
	if f == nil {
		panic("futuretest: NewHarness of a nil future")
	}
	h := &Harness[T]{t: t, f: f, woken: make(chan struct{}, 1)}
	h.waker = future.NewWaker(func() {
		h.count.OnWake()
		select {
		case h.woken <- struct{}{}:
		default:
		}
	})
	return h
}

// Pending polls, and requires that the future is not ready.
func (h *Harness[T]) Pending() {
	h.check()
	h.t.Helper()
	if v, ready, err := h.poll(); ready {
		h.t.Fatalf("Poll is ready with (%v, %v), want pending", v, err)
	}
}

// Ready polls, requires that the future is ready and returns the result.
func (h *Harness[T]) Ready() (T, error) {
	h.check()
	h.t.Helper()
	v, ready, err := h.poll()
	if !ready {
		h.t.Fatalf("Poll is pending, want ready")
	}
	return v, err
}

// Panics polls, requires that this panics, cancels the future as rule 5 has it,
// and returns what it panicked with.
func (h *Harness[T]) Panics() (value any) {
	h.check()
	h.t.Helper()
	polled := false
	defer func() {
		if polled {
			h.t.Fatalf("Poll returned, want a panic")
		}
		value = recover()
		future.Cancel(h.f)
	}()
	h.poll()
	polled = true
	return nil
}

// Run polls at once and after each wake, until the future is ready, and returns
// the result. It fails the test when no wake comes.
func (h *Harness[T]) Run() (T, error) {
	h.check()
	h.t.Helper()
	for {
		v, ready, err := h.poll()
		if ready {
			return v, err
		}
		h.Wait()
	}
}

// Wait blocks until the waker has been woken since the latest Poll, and fails
// the test when that does not happen.
func (h *Harness[T]) Wait() {
	h.check()
	h.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-h.woken:
	case <-timer.C:
		h.t.Fatalf("not woken")
	}
}

// Wakes returns how often the waker was woken since the last call of Wakes.
func (h *Harness[T]) Wakes() int {
	h.check()
	n := h.count.Wakes()
	wakes := n - h.seen
	h.seen = n
	return wakes
}

// Cancel cancels the future.
func (h *Harness[T]) Cancel() {
	h.check()
	future.Cancel(h.f)
}

func (h *Harness[T]) check() {
	if h == nil || h.t == nil {
		panic("futuretest: a Harness that NewHarness has not made")
	}
}

func (h *Harness[T]) poll() (T, bool, error) {
	h.t.Helper()
	select {
	case <-h.woken:
	default:
	}
	v, ready, err := h.f.Poll(h.waker)
	if !ready && (err != nil || !isZero(v)) {
		h.t.Fatalf("rule 1: a pending Poll returned (%v, %v)", v, err)
	}
	return v, ready, err
}

func isZero[T any](v T) bool { return reflect.ValueOf(&v).Elem().IsZero() }

package futuretest_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

func freshProbe() futuretest.Subject[int] {
	p := futuretest.NewProbe[int]()
	return futuretest.Subject[int]{
		Future:      p,
		Steps:       []func(){func() { p.Resolve(7) }},
		Synchronous: true,
		Check: func(v int, err error) error {
			if v != 7 || err != nil {
				return errors.New("wrong result")
			}
			return nil
		},
		Released: func() error {
			if p.Cancels() == 0 {
				return errors.New("not cancelled")
			}
			return nil
		},
	}
}

func TestProbeFollowsTheRules(t *testing.T) {
	if err := futuretest.TestFuture(freshProbe); err != nil {
		t.Error(err)
	}
}

// A broken future is a Probe with one thing wrong.
type broken struct {
	*futuretest.Probe[int]
	poll   func(p *futuretest.Probe[int], w *future.Waker) (int, bool, error)
	cancel func(p *futuretest.Probe[int])
}

func (b *broken) Poll(w *future.Waker) (int, bool, error) {
	if b.poll != nil {
		return b.poll(b.Probe, w)
	}
	return b.Probe.Poll(w)
}

func (b *broken) Cancel() {
	if b.cancel != nil {
		b.cancel(b.Probe)
		return
	}
	b.Probe.Cancel()
}

// Every planted fault must be found: a checker that never fails proves nothing.
func TestBrokenFuturesAreFound(t *testing.T) {
	type probe = futuretest.Probe[int]
	release := make(chan struct{}) // lets goroutines go that a fault has blocked
	t.Cleanup(func() { close(release) })
	tests := []struct {
		name  string
		want  string // part of the error
		fresh func() (poll func(*probe, *future.Waker) (int, bool, error), cancel func(*probe))
	}{
		{"forgets a new waker", "rule 3", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			var first *future.Waker
			return func(p *probe, w *future.Waker) (int, bool, error) {
				if first == nil {
					first = w
				}
				return p.Poll(first)
			}, nil
		}},
		{"never keeps a waker", "rule 3", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return func(p *probe, w *future.Waker) (int, bool, error) { return p.Poll(nil) }, nil
		}},
		{"looks first and registers later", "rule 3", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			var mu sync.Mutex
			polled := false
			return func(p *probe, w *future.Waker) (int, bool, error) {
				mu.Lock()
				defer mu.Unlock()
				if !polled {
					polled = true
					return 0, false, nil
				}
				return p.Poll(w)
			}, nil
		}},
		{"gives a value when it is pending", "rule 1", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return func(p *probe, w *future.Waker) (int, bool, error) {
				v, ready, err := p.Poll(w)
				if !ready {
					v = 1
				}
				return v, ready, err
			}, nil
		}},
		{"gives an error when it is pending", "rule 1", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return func(p *probe, w *future.Waker) (int, bool, error) {
				v, ready, err := p.Poll(w)
				if !ready {
					err = errors.New("not yet")
				}
				return v, ready, err
			}, nil
		}},
		{"gives the result twice", "rule 2", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return func(p *probe, w *future.Waker) (int, bool, error) {
				v, ready, err := p.Poll(w)
				if errors.Is(err, future.ErrConsumed) {
					return 7, true, nil
				}
				return v, ready, err
			}, nil
		}},
		{"is pending after the result", "rule 2", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return func(p *probe, w *future.Waker) (int, bool, error) {
				v, ready, err := p.Poll(w)
				if errors.Is(err, future.ErrConsumed) {
					return 0, false, nil
				}
				return v, ready, err
			}, nil
		}},
		{"is pending after Cancel", "rule 4", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return func(p *probe, w *future.Waker) (int, bool, error) {
				v, ready, err := p.Poll(w)
				if errors.Is(err, future.ErrCanceled) {
					return 0, false, nil
				}
				return v, ready, err
			}, nil
		}},
		{"makes up a result after Cancel", "rule 4", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return func(p *probe, w *future.Waker) (int, bool, error) {
				v, ready, err := p.Poll(w)
				if errors.Is(err, future.ErrCanceled) {
					return 7, true, nil
				}
				return v, ready, err
			}, nil
		}},
		{"panics when cancelled twice", "cancel: panic", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return nil, func(p *probe) {
				if p.Cancels() > 0 {
					panic("cancelled twice")
				}
				p.Cancel()
			}
		}},
		{"does not tell its producer", "rule 4: after Cancel: not cancelled", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			canceled := false
			return func(p *probe, w *future.Waker) (int, bool, error) {
				v, ready, err := p.Poll(w)
				if !ready && canceled {
					return 0, true, future.ErrCanceled
				}
				return v, ready, err
			}, func(p *probe) { canceled = true }
		}},
		{"does not bear a nil waker", "with nil: panic", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return func(p *probe, w *future.Waker) (int, bool, error) {
				if w == nil {
					panic("nil waker")
				}
				return p.Poll(w)
			}, nil
		}},
		{"wakes with a lock held", "does not return", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			lock := make(chan struct{}, 1)
			locked := func(fn func()) {
				select {
				case lock <- struct{}{}:
					fn() // may panic
					<-lock
				case <-release:
				}
			}
			return func(p *probe, w *future.Waker) (v int, ready bool, err error) {
				locked(func() {
					v, ready, err = p.Poll(future.NewWaker(func() { locked(w.Wake) }))
				})
				return v, ready, err
			}, nil
		}},
		{"gives a wrong result", "wrong result", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return func(p *probe, w *future.Waker) (int, bool, error) {
				v, ready, err := p.Poll(w)
				if v == 7 {
					v = 8
				}
				return v, ready, err
			}, nil
		}},
		{"calls Goexit", "Goexit", func() (func(*probe, *future.Waker) (int, bool, error), func(*probe)) {
			return func(p *probe, w *future.Waker) (int, bool, error) {
				p.Goexit()
				return p.Poll(w)
			}, nil
		}},
	}
	futuretest.SetPatience(t, 100*time.Millisecond)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := futuretest.TestFuture(func() futuretest.Subject[int] {
				s := freshProbe()
				b := &broken{Probe: s.Future.(*futuretest.Probe[int])}
				b.poll, b.cancel = test.fresh()
				s.Future = b
				return s
			})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

// A future that waits for the clock is checked in the time of a bubble.
func TestFutureInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		err := futuretest.TestFuture(func() futuretest.Subject[struct{}] {
			return futuretest.Subject[struct{}]{Future: future.After(time.Minute)}
		})
		// Ten seconds are less than the minute.
		if err == nil || !strings.Contains(err.Error(), "rule 3") {
			t.Errorf("got %v, want a wake that does not come in time", err)
		}
		err = futuretest.TestFuture(func() futuretest.Subject[struct{}] {
			return futuretest.Subject[struct{}]{Future: future.After(time.Second)}
		})
		if err != nil {
			t.Error(err)
		}
	})
}

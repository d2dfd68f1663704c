package future_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// The one who polled may go away in any manner: another one takes over.
func TestShareTakesOver(t *testing.T) {
	leave := map[string]func(first *future.Shared[int]){
		"cancels":      func(first *future.Shared[int]) { first.Cancel() },
		"forgets":      func(first *future.Shared[int]) {},
		"tries":        func(first *future.Shared[int]) { first.Poll(nil) },
		"was a try":    nil,
		"has panicked": func(first *future.Shared[int]) { first.Poll(futuretest.PanicWaker("no")) },
	}
	for name, leave := range leave {
		p := futuretest.NewProbe[int]()
		first := future.Share[int](p)
		second := futuretest.NewHarness(t, first.Clone())
		if leave == nil {
			first.Poll(nil)
		} else {
			first.Poll(futuretest.NewCounter().Waker())
		}
		second.Pending()
		if p.Polls() != 1 {
			t.Errorf("%s: polled %d times before a wake", name, p.Polls())
		}
		if leave != nil {
			leave(first)
		}
		func() {
			defer func() { recover() }() // the waker that panics
			p.Wake()
		}()
		if second.Wakes() != 1 {
			t.Fatalf("%s: the other was not woken", name)
		}
		second.Pending()
		if p.Polls() != 2 {
			t.Errorf("%s: polled %d times after a wake", name, p.Polls())
		}
		func() {
			defer func() { recover() }()
			p.Resolve(3)
		}()
		if v, err := second.Run(); v != 3 || err != nil {
			t.Errorf("%s: got (%v, %v)", name, v, err)
		}
	}
}

// A clone that is polled while another one polls the source is woken when that
// is over, if the source is ready or was woken.
func TestShareDuringPoll(t *testing.T) {
	for _, ready := range []bool{true, false} {
		var first *future.Shared[int]
		var second *futuretest.Harness[int]
		polls := 0
		first = future.Share(future.Func(func(w *future.Waker) (int, bool, error) {
			if polls++; polls == 1 {
				second = futuretest.NewHarness(t, first.Clone())
				second.Pending()
				if !ready {
					w.Wake()
					return 0, false, nil
				}
			}
			return 3, true, nil
		}))
		if _, is, _ := first.Poll(futuretest.NewCounter().Waker()); is != ready {
			t.Errorf("the first is ready: %v", is)
		}
		if second.Wakes() != 1 {
			t.Errorf("with a source that is ready (%v) or woken the other was woken %d times", ready, second.Wakes())
		}
		if v, err := second.Ready(); v != 3 || err != nil {
			t.Errorf("got (%v, %v)", v, err)
		}
	}
}

func TestShareCancel(t *testing.T) {
	p := futuretest.NewProbe[int]()
	a := future.Share[int](p)
	b, c := a.Clone(), a.Clone()
	b.Poll(nil)
	steps := []struct {
		do      func()
		cancels int
		reason  string
	}{
		{b.Cancel, 0, "two are left"},
		{b.Cancel, 0, "a clone counts once"},
		{func() { a.Cancel() }, 0, "one is left"},
		{func() { a = b.Clone() }, 0, "a clone of a cancelled one is alive while another is"},
		{c.Cancel, 0, "that one is left"},
		{func() { a.Cancel() }, 1, "none is left"},
		{func() { a.Cancel() }, 1, "once"},
	}
	for i, step := range steps {
		step.do()
		if p.Cancels() != step.cancels {
			t.Errorf("step %d: cancelled %d times: %s", i, p.Cancels(), step.reason)
		}
	}
	if _, err := once(t, a.Clone()); !errors.Is(err, future.ErrCanceled) {
		t.Errorf("a clone of what was cancelled: %v", err)
	}
	p.Resolve(1) // late

	done := future.Share(future.Ready(4))
	once[int](t, done)
	later := done.Clone()
	done.Cancel()
	if v, err := once[int](t, later); v != 4 || err != nil {
		t.Errorf("a result that was there is lost: (%v, %v)", v, err)
	}
}

func TestShareGoexit(t *testing.T) {
	p := futuretest.NewProbe[int]()
	p.Goexit()
	a := future.Share[int](p)
	b := a.Clone()
	_, err := future.Await(background, future.Go(func() (int, error) {
		return future.Await[int](background, a)
	}))
	if err != future.ErrGoexit {
		t.Errorf("who polled got %v", err)
	}
	if _, err := once[int](t, b); err != future.ErrGoexit {
		t.Errorf("the other got %v", err)
	}
}

// Consumers on many goroutines, of which some give up: the others have the
// result, and it is computed once.
func TestShareStress(t *testing.T) {
	const consumers = 16
	for range 100 {
		var computed atomic.Int64
		stage := make(chan struct{}, 4)
		s := future.Share(future.Then(
			future.FromChan(stage), func(struct{}) future.Future[int] {
				return future.Go(func() (int, error) {
					runtime.Gosched()
					return int(computed.Add(1)), nil
				})
			}))
		var wg sync.WaitGroup
		for i := range consumers {
			clone := s.Clone()
			wg.Go(func() {
				ctx, cancel := context.WithCancel(background)
				defer cancel()
				if i%4 == 0 {
					go func() {
						for range rand.IntN(20) {
							runtime.Gosched()
						}
						cancel()
					}()
				}
				v, err := future.Await[int](ctx, clone)
				if err == nil && v != 1 || err != nil && (i%4 != 0 || err != context.Canceled) {
					t.Errorf("got (%v, %v)", v, err)
				}
			})
		}
		stage <- struct{}{}
		wg.Wait()
		if v, err := future.Await[int](background, s); v != 1 || err != nil {
			t.Errorf("the first clone got (%v, %v)", v, err)
		}
	}
}

package future_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// goroutinesIn counts the goroutines that have a function of that name on their
// stack.
func goroutinesIn(function string) int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for _, stack := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(stack, function) {
			n++
		}
	}
	return n
}

func TestChan(t *testing.T) {
	tests := []struct {
		name    string
		end     func(p *futuretest.Probe[int])
		want    future.Result[int]
		cancels int
		reason  string
	}{
		{"value", func(p *futuretest.Probe[int]) { p.Resolve(1) }, future.Result[int]{Value: 1}, 0, "the result"},
		{"error", func(p *futuretest.Probe[int]) { p.Fail(errTest) }, future.Result[int]{Err: errTest}, 0, "the error"},
		{"panic", func(p *futuretest.Probe[int]) { p.Panic(errTest) }, future.Result[int]{Err: errTest}, 1, "nobody else can get it"},
		{"Goexit", func(p *futuretest.Probe[int]) { p.Goexit() }, future.Result[int]{Err: future.ErrGoexit}, 1, "it ends only a goroutine for one Poll"},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			p := futuretest.NewProbe[int]()
			c := future.Chan[int](p)
			for range 3 {
				p.Wake()
				p.Wake()
			}
			synctest.Wait()
			if n := goroutinesIn("future.(*channel["); n != 0 {
				t.Errorf("%s: %d goroutines while it is pending", test.name, n)
			}
			select {
			case r := <-c:
				t.Fatalf("%s: got %v while it is pending", test.name, r)
			default:
			}
			test.end(p)
			r, ok := <-c
			if !ok || r.Value != test.want.Value || !errors.Is(r.Err, test.want.Err) {
				t.Errorf("%s: got %v, want %v: %s", test.name, r, test.want, test.reason)
			}
			if _, ok := <-c; ok {
				t.Errorf("%s: there is a second result", test.name)
			}
			p.Wake() // late
			synctest.Wait()
			if n := p.Cancels(); n != test.cancels {
				t.Errorf("%s: cancelled %d times, want %d", test.name, n, test.cancels)
			}
		})
	}
}

// What is ready at once needs no goroutine, and a panic of the first Poll does
// not reach the caller.
func TestChanAtOnce(t *testing.T) {
	select {
	case r := <-future.Chan(future.Ready(1)):
		if r.Value != 1 {
			t.Errorf("got %v", r)
		}
	default:
		t.Error("not there")
	}
	if r := <-future.Chan(future.Map(future.Ready(1), func(int) (int, error) { panic(errTest) })); !errors.Is(r.Err, errTest) {
		t.Errorf("got %v", r)
	}
}

// Wakes that race with each other and with Polls are not lost.
func TestChanStress(t *testing.T) {
	for range 500 {
		p := futuretest.NewProbe[int]()
		go func() {
			p.Wake()
			p.Resolve(1)
		}()
		if r := <-future.Chan[int](p); r.Value != 1 {
			t.Fatal(r)
		}
	}
}

func TestChanGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		p := futuretest.NewProbe[int]()
		c := future.Chan(future.WithContext[int](ctx, p))
		cancel(errTest)
		if r := <-c; r.Err != errTest || p.Cancels() != 1 {
			t.Errorf("got %v, cancelled %d times", r, p.Cancels())
		}
	})
}

func TestFromChan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		more := func() int {
			synctest.Wait()
			return goroutinesIn("future.(*fromChan[")
		}
		w := futuretest.NewCounter()

		c := make(chan int, 1)
		c <- 1
		if v, err := once(t, future.FromChan(c)); v != 1 || err != nil || more() != 0 {
			t.Errorf("what is there: (%v, %v), %d goroutines", v, err, more())
		}
		f := future.FromChan(c)
		f.Poll(nil)
		if more() != 0 {
			t.Error("a try has started a goroutine")
		}
		f.Poll(w.Waker())
		f.Poll(w.Waker())
		if more() != 1 {
			t.Errorf("%d goroutines wait, want 1", more())
		}
		c <- 2
		if more() != 0 || w.Wakes() != 1 {
			t.Errorf("%d goroutines and %d wakes after the value", more(), w.Wakes())
		}
		if v, err := once(t, f); v != 2 || err != nil {
			t.Errorf("got (%v, %v)", v, err)
		}

		f = future.FromChan(c)
		f.Poll(w.Waker())
		future.Cancel(f)
		if more() != 0 {
			t.Errorf("%d goroutines after Cancel", more())
		}
		c <- 3
		if v := <-c; v != 3 {
			t.Errorf("a value was taken after Cancel")
		}

		f = future.FromChan(c)
		f.Poll(w.Waker())
		c <- 4
		synctest.Wait()
		future.Cancel(f)
		if v, err := once(t, f); v != 4 || err != nil {
			t.Errorf("a value that was there is lost: (%v, %v)", v, err)
		}

		close(c)
		if _, err := once(t, future.FromChan(c)); err != future.ErrChanClosed {
			t.Errorf("closed: %v", err)
		}
		if v, err := future.Await(t.Context(), future.Race(future.FromChan(make(chan int)), later(time.Second, 5))); v != 5 || err != nil || more() != 0 {
			t.Errorf("got (%v, %v), %d goroutines left", v, err, more())
		}
	})
}

// An exiting is a future that exits the goroutine that polls it for the second time, and
// the one that cancels it.
type exiting struct{ polls int }

func (e *exiting) Poll(w *future.Waker) (int, bool, error) {
	if e.polls++; e.polls > 1 {
		runtime.Goexit()
	}
	go w.Wake()
	return 0, false, nil
}

func (e *exiting) Cancel() { runtime.Goexit() }

// A channel gets its result also if the future does not even let itself be cancelled.
func TestChanOfExiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if r := <-future.Chan(future.Future[int](new(exiting))); r.Err != future.ErrGoexit {
			t.Errorf("got %v", r.Err)
		}
	})
}

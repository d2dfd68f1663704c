package future_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

func TestAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := future.After(time.Minute)
		time.Sleep(20 * time.Second) // counts: the minute begins at the call
		if _, err := future.Await(context.Background(), f); err != nil || time.Since(start) != time.Minute {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		forever := future.After(math.MaxInt64)
		time.Sleep(time.Hour)
		if _, ready, _ := forever.Poll(nil); ready {
			t.Error("the longest time there is has passed in an hour")
		}
		future.Cancel(forever)
		for _, past := range []future.Future[struct{}]{
			future.After(0), future.After(-time.Hour), future.At(start), future.At(time.Time{}),
		} {
			once(t, past)
			if future.TimerStarted(past) {
				t.Error("a time that has come needs no timer")
			}
		}
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := futuretest.NewProbe[int]()
		_, err := future.Await(context.Background(), future.Timeout[int](p, time.Second))
		if err != future.ErrTimeout || time.Since(start) != time.Second || p.Cancels() != 1 {
			t.Errorf("error %v after %v, source cancelled %d times", err, time.Since(start), p.Cancels())
		}

		// The shorter of two wins, whichever is inside.
		f := future.Timeout(future.Timeout(future.Never[int](), time.Hour), time.Second)
		if _, err := future.Await(context.Background(), f); err != future.ErrTimeout {
			t.Errorf("error %v", err)
		}
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("after %v", d)
		}
	})
}

// A timer is started by the first Poll that needs it, once, and stopped when
// nobody needs it any more.
func TestTimersAreStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := futuretest.NewProbe[int]()
		timeout := func() future.Future[int] { return future.Timeout[int](p, time.Hour) }
		tests := []struct {
			name    string
			run     func(f future.Future[int])
			started bool
		}{
			{"unpolled", func(f future.Future[int]) {}, false},
			{"ready at once", func(f future.Future[int]) { p.Resolve(1); f.Poll(nil) }, false},
			{"ready later", func(f future.Future[int]) { f.Poll(nil); f.Poll(nil); p.Resolve(1); f.Poll(nil) }, true},
			{"failed", func(f future.Future[int]) { f.Poll(nil); p.Fail(errTest); f.Poll(nil) }, true},
			{"cancelled", func(f future.Future[int]) { f.Poll(nil); future.Cancel(f) }, true},
			{"panicked", func(f future.Future[int]) {
				f.Poll(nil)
				p.Panic("no")
				defer future.Cancel(f)
				defer func() { recover() }()
				f.Poll(nil)
			}, true},
			{"loser of a Race", func(f future.Future[int]) {
				once(t, future.Race(f, future.Ready(1)))
			}, true},
			{"behind an error of All", func(f future.Future[int]) {
				once(t, future.All(f, future.Failed[int](errTest)))
			}, true},
			{"in a Timeout that is over", func(f future.Future[int]) { once(t, future.Timeout(f, 0)) }, true},
			{"last of a Share", func(f future.Future[int]) {
				s := future.Share(f)
				c := s.Clone()
				c.Poll(nil)
				c.Cancel()
				s.Cancel()
			}, true},
			{"in a Set", func(f future.Future[int]) {
				var set future.Set[int]
				set.Add(f)
				set.Next().Poll(nil)
				set.Cancel()
			}, true},
		}
		for _, test := range tests {
			p = futuretest.NewProbe[int]()
			f := timeout()
			test.run(f)
			if future.TimerStarted(f) != test.started {
				t.Errorf("%s: timer started: %v", test.name, !test.started)
			}
			if future.TimerActive(f) {
				t.Errorf("%s: the timer is still active", test.name)
			}
		}
		f := future.After(time.Hour)
		f.Poll(nil)
		future.Cancel(f)
		if !future.TimerStarted(f) || future.TimerActive(f) {
			t.Error("After: the timer is still active")
		}
	})
}

// A timer that fires while its future is cancelled wakes at most a waker that is
// not needed any more.
func TestTimerRacesWithCancel(t *testing.T) {
	for range 200 {
		c := futuretest.NewCounter()
		f := future.Timeout(future.Never[int](), 10*time.Microsecond)
		if _, ready, _ := f.Poll(c.Waker()); ready {
			continue // the time is up already
		}
		future.Cancel(f)
		if _, err := once(t, f); !errors.Is(err, future.ErrCanceled) {
			t.Fatal(err)
		}
	}
}

// A countingContext counts the callbacks that are registered with it.
type countingContext struct {
	context.Context
	registered, removed int
}

// Value hides the standard context inside, whose callbacks would not be seen.
func (c *countingContext) Value(any) any { return nil }

func (c *countingContext) AfterFunc(f func()) func() bool {
	c.registered++
	stop := context.AfterFunc(c.Context, f)
	return func() bool {
		c.removed++
		return stop()
	}
}

// A context gets one callback, when it is needed, and is rid of it after that.
func TestContextCallbacks(t *testing.T) {
	build := map[string]func(ctx context.Context, p *futuretest.Probe[int]) future.Future[any]{
		"WithContext": func(ctx context.Context, p *futuretest.Probe[int]) future.Future[any] {
			return erase(future.WithContext[int](ctx, p))
		},
		"Done": func(ctx context.Context, p *futuretest.Probe[int]) future.Future[any] {
			return erase(future.Done(ctx))
		},
	}
	for name, build := range build {
		ctx := &countingContext{Context: background}
		cancelable, cancel := context.WithCancel(background)
		ctx.Context = cancelable
		p := futuretest.NewProbe[int]()
		f := build(ctx, p)
		if ctx.registered != 0 {
			t.Errorf("%s: registered before it was polled", name)
		}
		for range 3 {
			f.Poll(futuretest.NewCounter().Waker())
		}
		if ctx.registered != 1 {
			t.Errorf("%s: registered %d times, want once", name, ctx.registered)
		}
		future.Cancel(f)
		future.Cancel(f)
		if ctx.removed != 1 {
			t.Errorf("%s: removed %d times, want once", name, ctx.removed)
		}

		f = build(ctx, futuretest.NewProbe[int]())
		c := futuretest.NewCounter()
		f.Poll(c.Waker())
		cancel()
		for c.Wakes() == 0 { // the callback has a goroutine of its own
			time.Sleep(time.Millisecond)
		}
		once(t, f)
		if ctx.registered != 2 || ctx.removed != 1 {
			t.Errorf("%s: registered %d times and removed %d times, want 2 and 1: what was called is not removed", name, ctx.registered, ctx.removed)
		}

		// One that has ended, or never will, gets none.
		once(t, build(ctx, futuretest.NewProbe[int]()))
		forever := &countingContext{Context: background}
		build(forever, futuretest.NewProbe[int]()).Poll(nil)
		if ctx.registered != 2 || forever.registered != 0 {
			t.Errorf("%s: registered with a context that needs no callback", name)
		}
	}
}

func TestWithContextPrefersTheResult(t *testing.T) {
	ctx, cancel := context.WithCancelCause(background)
	cancel(errTest)
	if v, err := once(t, future.WithContext(ctx, future.Ready(1))); v != 1 || err != nil {
		t.Errorf("got (%v, %v), want the result", v, err)
	}
	p := futuretest.NewProbe[int]()
	if _, err := once(t, future.WithContext[int](ctx, p)); err != errTest || p.Cancels() != 1 {
		t.Errorf("error %v, cancelled %d times; want the cause, once", err, p.Cancels())
	}
}

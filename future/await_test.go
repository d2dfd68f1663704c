package future_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

func TestAwaitContext(t *testing.T) {
	ended, cancel := context.WithCancelCause(background)
	cancel(errTest)

	t.Run("a result wins over a context that has ended", func(t *testing.T) {
		if v, err := future.Await(ended, future.Ready(1)); v != 1 || err != nil {
			t.Errorf("got (%v, %v)", v, err)
		}
	})
	t.Run("ended before", func(t *testing.T) {
		p := futuretest.NewProbe[int]()
		if _, err := future.Await[int](ended, p); err != errTest || p.Cancels() != 1 {
			t.Errorf("error %v after %d cancels, want the cause after one", err, p.Cancels())
		}
	})
	t.Run("ends meanwhile", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			start := time.Now()
			p := futuretest.NewProbe[int]()
			_, err := future.Await[int](ctx, p)
			if err != context.DeadlineExceeded || time.Since(start) != time.Second || p.Cancels() != 1 {
				t.Errorf("error %v after %v and %d cancels", err, time.Since(start), p.Cancels())
			}
		})
	})
	t.Run("a result that comes during the cancellation is not lost", func(t *testing.T) {
		resolved := false
		f := &broken{
			poll:   func() (int, bool, error) { return 1, resolved, nil },
			cancel: func() { resolved = true },
		}
		if v, err := future.Await(ended, f); v != 1 || err != nil {
			t.Errorf("got (%v, %v)", v, err)
		}
	})
	t.Run("a context value is enough", func(t *testing.T) {
		if _, err := future.Await(context.TODO(), future.Failed[int](errTest)); err != errTest {
			t.Errorf("got %v", err)
		}
	})
}

// A broken future does what the test says.
type broken struct {
	poll   func() (int, bool, error)
	cancel func()
}

func (b *broken) Poll(*future.Waker) (int, bool, error) { return b.poll() }
func (b *broken) Cancel()                               { b.cancel() }

// A blocked Await polls only when it was woken, and sees a wake that comes at
// any moment.
func TestAwaitPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := futuretest.NewProbe[int]()
		done := make(chan int)
		go func() {
			v, _ := future.Await[int](background, p)
			done <- v
		}()
		want := 2 // without and with a waker
		for range 5 {
			synctest.Wait()
			if n := p.Polls(); n != want {
				t.Errorf("%d polls, want %d", n, want)
			}
			p.Wake()
			p.Wake() // may coalesce
			synctest.Wait()
			want = p.Polls()
		}
		p.Resolve(7)
		if v := <-done; v != 7 {
			t.Errorf("got %v", v)
		}
	})
}

func TestAwaitOfWhatDoesNotReturn(t *testing.T) {
	t.Run("panic", func(t *testing.T) {
		p := futuretest.NewProbe[int]()
		p.Panic(errTest)
		defer func() {
			if r := recover(); r != errTest || p.Cancels() != 1 {
				t.Errorf("panicked with %v after %d cancels", r, p.Cancels())
			}
		}()
		future.Await[int](background, p)
	})
	t.Run("panic after a wait", func(t *testing.T) {
		p := futuretest.NewProbe[int]()
		go func() {
			for p.Waker() == nil {
				runtime.Gosched()
			}
			p.Panic(errTest)
		}()
		defer func() {
			if r := recover(); r != errTest || p.Cancels() != 1 {
				t.Errorf("panicked with %v after %d cancels", r, p.Cancels())
			}
		}()
		future.Await[int](background, p)
	})
	t.Run("Goexit", func(t *testing.T) {
		p := futuretest.NewProbe[int]()
		p.Goexit()
		_, err := future.Await(background, future.Go(func() (int, error) {
			return future.Await[int](background, p)
		}))
		if err != future.ErrGoexit || p.Cancels() != 1 {
			t.Errorf("error %v after %d cancels", err, p.Cancels())
		}
	})
}

func TestWaker(t *testing.T) {
	var none *future.Waker
	none.Wake()              // does nothing
	new(future.Waker).Wake() // neither
	n := 0
	w := future.NewWaker(func() { n++ })
	w.Wake()
	w.Wake()
	if n != 2 {
		t.Errorf("woken %d times, want 2", n)
	}
}

func TestResultsOfTheStart(t *testing.T) {
	for name, test := range map[string]struct {
		f   future.Future[int]
		v   int
		err error
	}{
		"Ready":         {future.Ready(3), 3, nil},
		"Failed":        {future.Failed[int](errTest), 0, errTest},
		"Failed of nil": {future.Failed[int](nil), 0, nil},
	} {
		future.Cancel(test.f) // has nothing to release
		if v, err := once(t, test.f); v != test.v || err != test.err {
			t.Errorf("%s: (%v, %v)", name, v, err)
		}
		if v, err := once(t, test.f); v != 0 || !errors.Is(err, future.ErrConsumed) {
			t.Errorf("%s, again: (%v, %v)", name, v, err)
		}
	}
}

package ants_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// refusing refuses all, with an error, a panic or an exit.
type refusing struct{ refuse func() error }

func (p refusing) Submit(func()) error { return p.refuse() }

// The function of OnEnd is called once, with the reason, however the call ends or comes not
// to begin, and before the result is there.
func TestOnEndIsCalledOnce(t *testing.T) {
	boom := errors.New("boom")
	returns := func(err error) func() (int, error) { return func() (int, error) { return 7, err } }
	closed := newPool(t, 1)
	closed.Release()
	type submit = func(fn func() (int, error), opts ...antsx.CallOption) *oneshot.Receiver[int]
	on := func(p antsx.Pool) submit {
		return func(fn func() (int, error), opts ...antsx.CallOption) *oneshot.Receiver[int] {
			return antsx.Submit(p, fn, opts...)
		}
	}
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(boom)
	for _, tc := range []struct {
		name   string
		submit submit
		fn     func() (int, error)
		is     func(error) bool
	}{
		{"value", on(newPool(t, 1)), returns(nil), func(err error) bool { return err == nil }},
		{"error", on(newPool(t, 1)), returns(boom), func(err error) bool { return err == boom }},
		{"panic", on(newPool(t, 1)), func() (int, error) { panic("oops") }, func(err error) bool {
			var p *future.PanicError
			return errors.As(err, &p) && p.Value == "oops"
		}},
		{"Goexit", on(newPool(t, 1)), func() (int, error) { runtime.Goexit(); return 0, nil }, func(err error) bool { return err == future.ErrGoexit }},
		{"closed pool", on(closed), returns(nil), func(err error) bool { return errors.Is(err, ants.ErrPoolClosed) }},
		{"refused", on(refusing{func() error { return boom }}), returns(nil), func(err error) bool { return err == boom }},
		{"Submit panics", on(refusing{func() error { panic(boom) }}), returns(nil), func(err error) bool { return errors.Is(err, boom) }},
		{"context has ended", func(fn func() (int, error), opts ...antsx.CallOption) *oneshot.Receiver[int] {
			return antsx.SubmitContext(ended, newPool(t, 1), func(context.Context) (int, error) { return fn() }, opts...)
		}, returns(nil), func(err error) bool { return err == boom }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var first, second []error
			rx := tc.submit(tc.fn, antsx.OnEnd(func(err error) { first = append(first, err) }),
				antsx.OnEnd(func(err error) { second = append(second, err) }))
			_, err := rx.Recv()
			if len(first) != 1 || len(second) != 1 || !tc.is(first[0]) || !tc.is(second[0]) {
				t.Errorf("got %v and %v, want the end of the call, once each; its result is %v", first, second, err)
			}
			if !tc.is(err) {
				t.Errorf("got the result %v, want the same", err)
			}
		})
	}
}

// Queued counts the calls that wait for a worker, and none that was given up.
func TestQueued(t *testing.T) {
	p := newPool(t, 1)
	release, begun := make(chan bool), make(chan bool)
	rxs := []*oneshot.Receiver[struct{}]{antsx.Do(p, func() error { close(begun); <-release; return nil })}
	<-begun
	if n := antsx.Queued(p); n != 0 {
		t.Errorf("got %d while the only call runs, want 0", n)
	}
	for range 5 {
		rxs = append(rxs, antsx.Do(p, func() error { return nil }))
	}
	if n := antsx.Queued(p); n != 5 {
		t.Errorf("got %d, want 5", n)
	}
	rxs[5].Close()
	if n := antsx.Queued(p); n != 4 {
		t.Errorf("got %d after one was given up, want 4", n)
	}
	close(release)
	for _, rx := range rxs[:5] {
		if _, err := rx.Recv(); err != nil {
			t.Error(err)
		}
	}
	if n, other := antsx.Queued(p), antsx.Queued(refusing{}); n != 0 || other != 0 {
		t.Errorf("got %d when all have ended and %d for a foreign pool, want 0", n, other)
	}
}

// A call whose receiver is closed while it is queued has come to its end then.
func TestOnEndOfQueuedCallThatIsGivenUp(t *testing.T) {
	p := newPool(t, 1)
	release := make(chan bool)
	busy := antsx.Do(p, func() error { <-release; return nil })
	var ends []error
	rx := antsx.Submit(p, func() (int, error) { t.Error("a call that was given up began"); return 0, nil },
		antsx.OnEnd(func(err error) { ends = append(ends, err) }))
	rx.Close()
	if len(ends) != 1 || !errors.Is(ends[0], oneshot.ErrClosed) {
		t.Errorf("got %v after Close, want oneshot.ErrClosed once", ends)
	}
	close(release)
	if _, err := busy.Recv(); err != nil {
		t.Error(err)
	}
	if _, err := antsx.Submit(p, func() (int, error) { return 1, nil }).Recv(); err != nil || len(ends) != 1 {
		t.Errorf("got %v, and the ends %v, want none but the first", err, ends)
	}
}

// A limit whose places are given back by OnEnd is never exceeded, and loses no place,
// whatever becomes of the calls.
func TestOnEndKeepsALimit(t *testing.T) {
	p := newPool(t, 4)
	const limit = 2
	places := make(chan struct{}, limit)
	var running, most, lost atomic.Int32
	var wg sync.WaitGroup
	for i := range 2000 {
		places <- struct{}{}
		rx := antsx.Submit(p, func() (int, error) {
			n := running.Add(1)
			defer running.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			switch i % 4 {
			case 0:
				panic("oops")
			case 1:
				return 0, errors.New("boom")
			case 2:
				runtime.Goexit()
			}
			return i, nil
		}, antsx.OnEnd(func(error) {
			select {
			case <-places:
			default:
				lost.Add(1)
			}
		}))
		if i%3 == 0 {
			wg.Go(rx.Close)
		}
	}
	wg.Wait()
	for range limit {
		places <- struct{}{} // all are given back
	}
	if most.Load() > limit || lost.Load() != 0 {
		t.Errorf("%d calls ran at once, want at most %d; %d places were given back twice", most.Load(), limit, lost.Load())
	}
}

// What a function of OnEnd does wrong holds up neither the result nor the next call.
func TestOnEndGoesWrong(t *testing.T) {
	captureLog(t)
	for name, wrong := range map[string]func(error){
		"panic":  func(error) { panic("oops") },
		"Goexit": func(error) { runtime.Goexit() },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPool(t, 1)
			told := false
			for range 3 {
				rx := antsx.Submit(p, func() (int, error) { return 7, nil }, antsx.OnEnd(wrong), antsx.OnEnd(func(error) { told = true }))
				if v, err := rx.RecvTimeout(time.Minute); v != 7 || err != nil || !told {
					t.Errorf("got %d, %v, and the second function was called: %v, want 7 and true", v, err, told)
				}
			}
		})
	}
}

func ExampleQueued() {
	pool, err := ants.NewPool(1)
	if err != nil {
		panic(err)
	}
	defer pool.Release()
	release := make(chan bool)
	first := antsx.Do(pool, func() error { <-release; return nil })
	second := antsx.Do(pool, func() error { return nil })
	fmt.Println(antsx.Queued(pool))
	close(release)
	_, _ = first.Recv()
	_, _ = second.Recv()
	fmt.Println(antsx.Queued(pool))
	// Output:
	// 1
	// 0
}

// A limit of three on calls that may panic, be refused or be given up.
func ExampleOnEnd() {
	pool, err := ants.NewPool(8)
	if err != nil {
		panic(err)
	}
	defer pool.Release()
	places := make(chan struct{}, 3)
	var results []*oneshot.Receiver[int]
	for i := range 10 {
		places <- struct{}{}
		results = append(results, antsx.Submit(pool, func() (int, error) { return i * i, nil },
			antsx.OnEnd(func(error) { <-places })))
	}
	for _, rx := range results {
		v, _ := rx.Recv()
		fmt.Print(v, " ")
	}
	// Output: 0 1 4 9 16 25 36 49 64 81
}

package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A goroutine that runs the code of a task finds its Suspender whatever context a
// wait is given.
func ExampleBind() {
	a := &announcer{woken: make(chan struct{}, 1)}
	a.waker.Init(a)
	unbind := future.Bind(a)
	defer unbind()
	a.OnWake() // or from elsewhere, later
	first := true
	f := future.Func(func(w *future.Waker) (int, bool, error) {
		ready := w != nil && !first
		first = w == nil
		return 42, ready, nil
	})
	fmt.Println(future.Await(context.Background(), f))
	// Output:
	// waiting for a *future.pollFunc[int]
	// 42 <nil>
}

// A polite task is one that Enter has let wait for the others.
type polite struct {
	announcer
	turnNow uint32
}

func (p *polite) Enter() (*future.Waker, uint32) { return &p.waker, p.turnNow }

func ExampleSuspender_yielded() {
	p := &polite{turnNow: future.Yielded}
	ctx, cancel := context.WithCancelCause(future.WithSuspender(context.Background(), p))
	fmt.Println(future.Await(ctx, future.Ready(1)))
	cancel(errors.New("enough"))
	fmt.Println(future.Await(ctx, future.Ready(2)))
	// Output:
	// 1 <nil>
	// 0 enough
}

// A reader is a Consumer: it says what it waits for.
type reader struct {
	waker future.Waker
	waits any
}

func (r *reader) OnWake() {}

func (r *reader) Consuming(_ *future.Waker, is func(f any)) bool {
	if r.waits == nil {
		return false
	}
	is(r.waits)
	return true
}

func ExampleConsumer() {
	_, rx := oneshot.New[int]()
	r := &reader{waits: rx}
	r.waker.Init(r)
	rx.Poll(&r.waker)
	_, ready, err := rx.Poll(future.NewWaker(func() {})) // by another consumer
	fmt.Println(ready, err == future.ErrBusy)
	r.waits = nil // it has moved on
	_, ready, err = rx.Poll(future.NewWaker(func() {}))
	fmt.Println(ready, err)
	// Output:
	// true true
	// false <nil>
}

func ExampleWaker_WaitsFor() {
	_, rx := oneshot.New[int]()
	_, other := oneshot.New[int]()
	r := &reader{waits: future.Map(rx, func(v int) (int, error) { return -v, nil })}
	r.waker.Init(r)
	newcomer := future.NewWaker(func() {})
	fmt.Println(r.waker.WaitsFor(rx, newcomer))
	fmt.Println(r.waker.WaitsFor(other, newcomer)) // it has moved on
	r.waits = nil
	fmt.Println(r.waker.WaitsFor(rx, newcomer)) // it may be about to wait
	// Output:
	// true false
	// false false
	// false true
}

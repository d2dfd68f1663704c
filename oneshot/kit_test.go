package oneshot_test

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A counter counts the wakes of its waker.
type counter struct {
	waker *future.Waker
	wakes atomic.Int32
}

func newCounter() *counter {
	c := new(counter)
	c.waker = future.NewWaker(func() { c.wakes.Add(1) })
	return c
}

// poll polls rx with the waker.
func (c *counter) poll(rx *oneshot.Receiver[int]) (int, bool, error) { return rx.Poll(c.waker) }

// A receive is a way to receive.
type receive struct {
	name string
	recv func(rx *oneshot.Receiver[int]) (int, error)
}

// blockingReceives wait for as long as it takes.
var blockingReceives = []receive{
	{"Recv", (*oneshot.Receiver[int]).Recv},
	{"RecvTimeout", func(rx *oneshot.Receiver[int]) (int, error) { return rx.RecvTimeout(time.Hour) }},
	{"RecvDeadline", func(rx *oneshot.Receiver[int]) (int, error) {
		return rx.RecvDeadline(time.Now().Add(time.Hour))
	}},
	{"RecvContext", func(rx *oneshot.Receiver[int]) (int, error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		return rx.RecvContext(ctx)
	}},
	{"RecvContext without end", func(rx *oneshot.Receiver[int]) (int, error) {
		return rx.RecvContext(context.Background())
	}},
	{"Await", func(rx *oneshot.Receiver[int]) (int, error) {
		return future.Await(context.Background(), rx)
	}},
}

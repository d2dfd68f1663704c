package oneshot_test

import (
	"context"
	"errors"
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

// errGone is the cause of the context that endedReceives use.
var errGone = errors.New("gone")

// An endedReceive is one that does not wait: it returns empty if nothing is there.
type endedReceive struct {
	receive
	empty error
}

var endedReceives = []endedReceive{
	{receive{"TryRecv", (*oneshot.Receiver[int]).TryRecv}, oneshot.ErrEmpty},
	{receive{"RecvTimeout of zero", func(rx *oneshot.Receiver[int]) (int, error) {
		return rx.RecvTimeout(0)
	}}, oneshot.ErrTimeout},
	{receive{"RecvTimeout of less", func(rx *oneshot.Receiver[int]) (int, error) {
		return rx.RecvTimeout(-time.Hour)
	}}, oneshot.ErrTimeout},
	{receive{"RecvDeadline now", func(rx *oneshot.Receiver[int]) (int, error) {
		return rx.RecvDeadline(time.Now())
	}}, oneshot.ErrTimeout},
	{receive{"RecvDeadline long ago", func(rx *oneshot.Receiver[int]) (int, error) {
		return rx.RecvDeadline(time.Time{})
	}}, oneshot.ErrTimeout},
	{receive{"RecvContext ended", func(rx *oneshot.Receiver[int]) (int, error) {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errGone)
		return rx.RecvContext(ctx)
	}}, errGone},
	{receive{"Poll", func(rx *oneshot.Receiver[int]) (int, error) {
		v, ready, err := newCounter().poll(rx)
		if !ready {
			err = errPending
		}
		return v, err
	}}, errPending},
	{receive{"Poll with nil", func(rx *oneshot.Receiver[int]) (int, error) {
		v, ready, err := rx.Poll(nil)
		if !ready {
			err = errPending
		}
		return v, err
	}}, errPending},
}

// errPending stands for a Poll that is not ready.
var errPending = errors.New("pending")

// allReceives are those of both lists.
func allReceives() []receive {
	all := blockingReceives[:len(blockingReceives):len(blockingReceives)]
	for _, r := range endedReceives {
		all = append(all, r.receive)
	}
	return all
}

// errFailed is what is sent by Fail.
var errFailed = errors.New("failed")

// A sending is what a sender does, and what the receiver gets by it.
type sending struct {
	name, reason string
	send         func(tx *oneshot.Sender[int]) error
	want         int
	err          error // of the first receive
	again        error // of a later one
}

var sendings = []sending{
	{"Send", "the message comes once",
		func(tx *oneshot.Sender[int]) error { return tx.Send(7) },
		7, nil, oneshot.ErrReceived},
	{"Fail", "the error comes once, in place of a message",
		func(tx *oneshot.Sender[int]) error { return tx.Fail(errFailed) },
		0, errFailed, oneshot.ErrReceived},
	{"Fail with nil", "no error is a success",
		func(tx *oneshot.Sender[int]) error { return tx.Fail(nil) },
		0, nil, oneshot.ErrReceived},
	{"SendResult", "a value that comes with an error is delivered with it",
		func(tx *oneshot.Sender[int]) error { return tx.SendResult(7, errFailed) },
		7, errFailed, oneshot.ErrReceived},
	{"SendResult with nil", "it is a Send",
		func(tx *oneshot.Sender[int]) error { return tx.SendResult(7, nil) },
		7, nil, oneshot.ErrReceived},
	{"Close", "a sender that is gone stays gone",
		func(tx *oneshot.Sender[int]) error { return tx.Close() },
		0, oneshot.ErrDisconnected, oneshot.ErrDisconnected},
	{"Send, Close", "a deferred Close changes nothing",
		func(tx *oneshot.Sender[int]) error { defer tx.Close(); return tx.Send(7) },
		7, nil, oneshot.ErrReceived},
	{"Send, Send", "the first message counts",
		func(tx *oneshot.Sender[int]) error { defer tx.Send(8); return tx.Send(7) },
		7, nil, oneshot.ErrReceived},
	{"Send, SendResult", "the first message counts",
		func(tx *oneshot.Sender[int]) error { defer tx.SendResult(8, errFailed); return tx.Send(7) },
		7, nil, oneshot.ErrReceived},
	{"Send, Fail", "the message counts",
		func(tx *oneshot.Sender[int]) error { defer tx.Fail(errFailed); return tx.Send(7) },
		7, nil, oneshot.ErrReceived},
}

package main

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

var oneshotKinds = []kind{
	{"oneshot: Send and Recv", sendAndRecv},
	{"oneshot: Send against Close", sendAgainstClose},
	{"oneshot: Fail and sender's Close", failAndClose},
	{"oneshot: NewGuarded", guarded},
	{"oneshot: RecvTimeout", recvTimeout},
	{"oneshot: RecvContext", recvContext},
	{"oneshot: Sender.Context", senderContext},
	{"oneshot: Closed and OnClose", closedAndOnClose},
}

func sendAndRecv(_ *house, b *batch) error {
	tx, rx := oneshot.New[uint64]()
	v := b.send()
	go func() { _ = tx.Send(v) }() // the receiver stays, so it is not refused
	return b.take(rx.Recv())
}

// sendAgainstClose sends while the receiver goes: the value is refused or dropped.
func sendAgainstClose(_ *house, b *batch) error {
	tx, rx := oneshot.New[uint64]()
	rx.OnDrop(b.back)
	v := b.send()
	go func() {
		if tx.Send(v) != nil {
			b.back(v)
		}
	}()
	runtime.Gosched()
	rx.Close()
	return nil
}

func failAndClose(*house, *batch) error {
	tx, rx := oneshot.New[uint64]()
	go func() { _ = tx.Fail(errPlanned) }()
	_, failed := rx.Recv()
	tx, rx = oneshot.New[uint64]()
	go func() { _ = tx.Close() }()
	_, closed := rx.Recv()
	return errors.Join(expect(failed, errPlanned), expect(closed, oneshot.ErrDisconnected))
}

// guarded leaves every other sender to the collector.
func guarded(_ *house, b *batch) error {
	time.Sleep(20 * time.Millisecond) // all kinds wait for the collector
	var sent, dropped [size]*oneshot.Receiver[uint64]
	for i := range size {
		var tx *oneshot.Sender[uint64]
		tx, sent[i] = oneshot.NewGuarded[uint64]()
		if err := tx.Send(b.send()); err != nil {
			return err
		}
		_, dropped[i] = oneshot.NewGuarded[uint64]()
	}
	runtime.GC()
	for i := range size {
		if err := b.take(sent[i].Recv()); err != nil {
			return err
		}
		// A sender that the collector has found on a stack is found by a later collection.
		for {
			_, err := dropped[i].RecvTimeout(10 * time.Millisecond)
			if !errors.Is(err, oneshot.ErrTimeout) {
				if err := expect(err, oneshot.ErrDisconnected); err != nil {
					return err
				}
				break
			}
			runtime.GC()
		}
	}
	return nil
}

// recvTimeout gives up, and receives later.
func recvTimeout(_ *house, b *batch) error {
	tx, rx := oneshot.New[uint64]()
	if _, err := rx.RecvTimeout(time.Millisecond); !errors.Is(err, oneshot.ErrTimeout) {
		return expect(err, oneshot.ErrTimeout)
	}
	v := b.send()
	go func() { _ = tx.Send(v) }()
	return b.take(rx.RecvTimeout(time.Hour))
}

// recvContext gives up, and receives later.
func recvContext(_ *house, b *batch) error {
	tx, rx := oneshot.New[uint64]()
	ctx, cancel := context.WithCancelCause(context.Background())
	go cancel(errPlanned)
	if _, err := rx.RecvContext(ctx); !errors.Is(err, errPlanned) {
		return expect(err, errPlanned)
	}
	v := b.send()
	go func() { _ = tx.Send(v) }()
	return b.take(rx.RecvContext(context.Background()))
}

// senderContext stops its work when the receiver goes.
func senderContext(_ *house, b *batch) error {
	tx, rx := oneshot.New[uint64]()
	v := b.send()
	go func() {
		ctx, cancel := tx.Context(context.Background())
		defer cancel()
		<-ctx.Done()
		if tx.Send(v) != nil {
			b.back(v)
		}
	}()
	rx.Close()
	return nil
}

// closedAndOnClose sees receivers go that way and the other.
func closedAndOnClose(_ *house, b *batch) error {
	tx, rx := oneshot.New[uint64]()
	v := b.send()
	tx.OnClose(func() { b.back(v) })
	go rx.Close()
	_, err := future.Await(context.Background(), tx.Closed())
	if err != nil {
		return err
	}
	tx, rx = oneshot.New[uint64]()
	stop := tx.OnClose(func() {})
	go func() {
		_ = tx.Send(b.send())
		stop()
	}()
	return b.take(rx.Recv())
}

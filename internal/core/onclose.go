package core

import (
	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// A CloseFunc is a function of OnClose: all of it in one allocation.
type CloseFunc struct {
	watch
	waker   future.Waker
	record  record  // used if the channel has no outer record
	watcher watcher // used if no node is free
	ended   atomics.Uint32
	fn      func() // of what makes ended 1
}

// OnClose is OnClose of oneshot.Sender. It returns what has the function stop.
func (tx *Channel[T]) OnClose(fn func()) *CloseFunc {
	if tx == nil {
		panicNil("OnClose", "Sender")
	}
	if fn == nil {
		panic("oneshot: OnClose of a nil function")
	}
	c := tx.channel()
	f := &CloseFunc{fn: fn}
	f.waker.Init(f)
	f.watch = watch{channel: c, record: c.watch(&f.record)}
	f.enlist(&f.waker, &f.watcher)
	// The receiver may have closed before it could see the waker: look again.
	if f.over() {
		f.OnWake()
	}
	return f
}

// OnWake calls the function if the receiver has closed. Otherwise the Sender was used:
// it will not be called.
func (f *CloseFunc) OnWake() {
	closed := f.channel.receiverClosed()
	if fn := f.end(); fn != nil && closed {
		fn()
	}
}

// Stop is what OnClose of oneshot.Sender returns.
func (f *CloseFunc) Stop() bool { return f.end() != nil }

// end returns the function, once. Nothing in f keeps it from then on.
func (f *CloseFunc) end() (fn func()) {
	// 0 → 1: what makes this step owns the function and the node.
	if f.ended.CompareAndSwap(0, 1) {
		fn, f.fn = f.fn, nil
		f.leave()
	}
	return fn
}

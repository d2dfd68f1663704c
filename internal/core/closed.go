package core

import (
	"context"
	"sync"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// Context is Context of oneshot.Sender.
func (tx *Channel[T]) Context(parent context.Context) (context.Context, context.CancelFunc) {
	if tx == nil {
		panicNil("Context", "Sender")
	}
	if parent == nil {
		panic("oneshot: Context with a nil parent")
	}
	c := tx.channel()
	ctx, cancel := context.WithCancelCause(parent)
	s := &contextStop{watch: watch{channel: c, record: c.watch(nil)}, cancel: cancel}
	s.waker.Init(s)
	s.enlist(&s.waker, nil)
	if s.over() {
		s.OnWake()
	}
	return ctx, func() {
		s.once.Do(s.leave)
		cancel(nil)
	}
}

// A contextStop cancels a context when it is woken.
type contextStop struct {
	watch
	waker  future.Waker
	cancel context.CancelCauseFunc
	once   sync.Once // leave may be called once
}

func (s *contextStop) OnWake() { s.cancel(s.cause()) }

// closing is the future of Closed.
type closing struct {
	watch
	keep any   // the Sender: a guarded one is in use while this is awaited
	end  error // once not nil: what Poll returns
}

func (f *closing) Poll(w *future.Waker) (_ struct{}, ready bool, err error) {
	if f.end != nil {
		return struct{}{}, true, f.end
	}
	if !f.over() {
		if w == nil {
			return struct{}{}, false, nil
		}
		if old := f.waker(); old != nil && old != w {
			if isAwaited(old, f, w) {
				return struct{}{}, true, ErrBusy
			}
			defer replaced(old, f, w)
		}
		f.enlist(w, nil)
		// The receiver may have closed before it could see w, which is not woken
		// then: look again.
		if !f.over() {
			return struct{}{}, false, nil
		}
	}
	if err = f.cause(); err == ErrClosed {
		err = nil
	}
	f.finish(future.ErrConsumed)
	return struct{}{}, true, err
}

// String names the future without a look at what its Poll changes.
func (f *closing) String() string { return "oneshot.Closed" }

// Cancel stops watching.
func (f *closing) Cancel() {
	if f.end == nil {
		f.finish(future.ErrCanceled)
	}
}

func (f *closing) finish(end error) {
	f.leave()
	f.end, f.keep = end, nil
}

// watch returns the record of a channel whose receiver's end is waited for. It uses
// w, or allocates one, if there is none yet.
//
// # How the receiver's close and a watcher find each other
//
// The watcher stores its waker in its node, then looks at the state. The
// receiver makes the state closed, then looks at the nodes. Atomic operations
// are totally ordered, so one of the two sees the other. The same holds for the
// sender's claim and its look at the nodes.
func (c *Channel[T]) watch(w *record) *record {
	r := c.claim.Load()
	if r == nil || !r.outer {
		if w == nil {
			// The first watch finds a free node, which lives as long as the
			// record does.
			first := new(struct {
				record
				watcher
			})
			first.watchers.Store(&first.watcher)
			w = &first.record
		}
		w.outer = true
		// nil → outer. If the Sender was used before, the record stays
		// outside the channel: there is nothing to be told any more.
		if c.claim.CompareAndSwap(nil, w) {
			return w
		}
		if r = c.claim.Load(); !r.outer {
			return w
		}
	}
	return r
}

// A watch is one that waits for the receiver's end.
type watch struct {
	channel watchable
	record  *record
	node    *watcher // ours while we are enlisted; set before that is published
}

// A watchable is a channel of any type.
type watchable interface {
	claimed() *record
	receiverClosed() bool
}

func (c *Channel[T]) receiverClosed() bool {
	if c.state.Load() == &closed {
		return true
	}
	r := c.claimed()
	return r == &gone || r == &late
}

// over reports whether there is nothing more to wait for.
func (w *watch) over() bool { return w.channel.claimed() != nil || w.channel.receiverClosed() }

// cause tells why the watch is over.
func (w *watch) cause() error {
	if w.channel.receiverClosed() {
		return ErrClosed
	}
	return ErrSent
}

// A watcher is a node of a record's list. Nodes are only ever added; one whose
// waker is nil is free and may be used by the next watch. So the list is never
// longer than the most watches there were at once.
type watcher struct {
	waker atomics.Pointer[future.Waker]
	next  *watcher // final before the node is published
}

// enlist makes waker the one that is woken. It uses the node n, or allocates one, if
// no node is free. It is lock-free.
func (w *watch) enlist(waker *future.Waker, n *watcher) {
	if w.node != nil {
		w.node.waker.Store(waker) // older waker → waker; the node is ours
		return
	}
	for w.node = w.record.watchers.Load(); w.node != nil; w.node = w.node.next {
		// free → ours: publishes the watch.
		if w.node.waker.Load() == nil && w.node.waker.CompareAndSwap(nil, waker) {
			return
		}
	}
	if n == nil {
		n = new(watcher)
	}
	n.waker.Store(waker)
	w.node = n
	for {
		// Push: publishes the node, and the watch. It is tried again only if
		// another watch was added meanwhile.
		n.next = w.record.watchers.Load()
		if w.record.watchers.CompareAndSwap(n.next, n) {
			return
		}
	}
}

// waker returns the waker that is enlisted, or nil.
func (w *watch) waker() *future.Waker {
	if w.node == nil {
		return nil
	}
	return w.node.waker.Load() // stored by enlist
}

// leave frees the node.
func (w *watch) leave() {
	if w.node != nil {
		w.node.waker.Store(nil) // ours → free
		w.node = nil
	}
}

// wakeWatchers wakes all that are enlisted, also if one of the wakers panics.
// Watchers that come later see why.
func (r *record) wakeWatchers() {
	wakeFrom(r.watchers.Load())
}

func wakeFrom(n *watcher) {
	defer func() {
		if n != nil {
			wakeFrom(n)
		}
	}()
	for n != nil {
		w := n.waker.Load()
		n = n.next
		w.Wake()
	}
}

// settleAfter is wakeWatchers after w was settled, also if w panics.
func (r *record) settleAfter(w *future.Waker, failed bool) {
	defer r.wakeWatchers()
	w.Settle(failed)
}

// wakeAfter is wakeWatchers after w was woken, also if w panics.
func (r *record) wakeAfter(w *future.Waker) {
	defer r.wakeWatchers()
	w.Wake()
}

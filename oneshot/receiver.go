package oneshot

import (
	"context"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// A Receiver receives the one message of its [Sender]. It is a
// [future.Future], so a task or goroutine can await it.
//
// A Receiver is used by one goroutine at a time, except that any goroutine may
// call TryRecv, HasMessage, IsClosed and Close at any time; Close ends a
// blocked receive. If two goroutines receive at once all the same, one gets the
// message and the other [ErrReceived], or [ErrBusy] if both would have to wait.
//
// The first receive that finds a message, or the error of [Sender.Fail], takes
// it; receives after it return [ErrReceived]. A Sender closed without sending
// gives [ErrDisconnected] again and again, except that Poll, whose results come
// once, gives [ErrReceived] from the second time on.
//
// A Receiver must not be copied.
type Receiver[T any] channel[T]

// TryRecv returns the message if it is there, and otherwise without waiting
// [ErrEmpty], [ErrDisconnected], the error of [Sender.Fail], [ErrReceived] or
// [ErrClosed]. It does not allocate. It is wait-free: a load, and a
// compare-and-swap if there is a message.
func (rx *Receiver[T]) TryRecv() (T, error) {
	c := (*channel[T])(rx)
	s := c.state.Load()
	if s == nil || !isFinal(s) {
		var zero T
		return zero, ErrEmpty
	}
	return c.take(s)
}

// Recv blocks until there is a message and returns it, or [ErrDisconnected], the
// error of [Sender.Fail], [ErrReceived], [ErrClosed] or [ErrBusy]. In a task use
// [future.Await], which does not hold up a worker. It allocates nothing beyond
// what is pooled.
func (rx *Receiver[T]) Recv() (T, error) {
	c := (*channel[T])(rx)
	s := c.state.Load()
	if !isFinal(s) {
		w := newWaiter()
		if s = c.enlist(w); s == nil {
			w.Park()
			s = c.state.Load()
		}
		w.free() // was never enlisted, or was woken by whoever took it out
	}
	return c.settle(s)
}

// RecvTimeout is Recv for at most d, after which it returns [ErrTimeout]. The
// receiver stays usable: a message that comes later can be received. A d that is
// not positive makes it a TryRecv with ErrTimeout in place of [ErrEmpty]. If it
// has to wait it allocates a timer and its wake-up object.
func (rx *Receiver[T]) RecvTimeout(d time.Duration) (T, error) {
	c := (*channel[T])(rx)
	if s := c.state.Load(); isFinal(s) {
		return c.take(s)
	}
	if d <= 0 {
		var zero T
		return zero, ErrTimeout
	}
	return c.recvUntil(ErrTimeout, func(w *waiter) func() bool {
		return atomics.AfterFunc(d, w.OnWake)
	})
}

// RecvDeadline is RecvTimeout until t.
func (rx *Receiver[T]) RecvDeadline(t time.Time) (T, error) {
	return rx.RecvTimeout(time.Until(t))
}

// RecvContext is Recv until ctx ends, after which it returns the context's
// cause. The receiver stays usable. A message that is there wins over a context
// that has ended. If it has to wait and ctx can end, it allocates a context
// callback and its wake-up object.
func (rx *Receiver[T]) RecvContext(ctx context.Context) (T, error) {
	c := (*channel[T])(rx)
	if s := c.state.Load(); isFinal(s) {
		return c.take(s)
	}
	if ctx.Done() == nil {
		return rx.Recv()
	}
	if ctx.Err() != nil {
		var zero T
		return zero, context.Cause(ctx)
	}
	v, err := c.recvUntil(errGaveUp, func(w *waiter) func() bool {
		return atomics.ContextAfterFunc(ctx, w.OnWake)
	})
	if err == errGaveUp {
		err = context.Cause(ctx)
	}
	return v, err
}

// Poll is the receiver as a [future.Future]. Its errors are those of Recv. It
// does not block and does not allocate. It is wait-free: a load, and a
// compare-and-swap if w is new or there is a message. Polling with the same w
// again is the load alone.
func (rx *Receiver[T]) Poll(w *future.Waker) (v T, ready bool, err error) {
	c := (*channel[T])(rx)
	s := c.state.Load()
	if !isFinal(s) {
		if w == nil || s == w {
			return v, false, nil
		}
		if isBlocked(s) {
			return v, true, ErrBusy
		}
		if c.wait(s, w) {
			return v, false, nil
		}
		if s = c.state.Load(); !isFinal(s) {
			w.Wake() // somebody else received at this moment: look again
			return v, false, nil
		}
	}
	v, err = c.take(s)
	if s == &disconnected {
		// disconnected → received: a future's result comes once.
		c.state.CompareAndSwap(s, &received)
	}
	return v, true, err
}

// Close says that nobody will receive: the Sender's Send will fail, its futures
// and contexts of Closed and Context end. A message that was already sent is let
// go. It wakes a receive or a task that waits, which gets [ErrClosed]. It does
// nothing if the message was received. Close is wait-free: a load and a swap,
// and what the woken wakers cost.
func (rx *Receiver[T]) Close() {
	c := (*channel[T])(rx)
	if s := c.state.Load(); s == &received || s == &closed {
		return
	}
	// Any state → closed: the sender's next swap finds it (rule 4).
	switch old := c.state.Swap(&closed); old {
	case &message:
		c.drop() // rule 1
	case &failed, &disconnected, &received, &closed:
	default:
		defer c.tellSender()
		old.Wake() // rule 3
	}
}

// Cancel is Close for a future that nobody awaits any more, except that a result
// that has already come stays, and a further Poll gives it: nothing is lost
// between a last Poll and Cancel. It must not be called at the same time as
// Poll. It takes a load and a compare-and-swap.
func (rx *Receiver[T]) Cancel() {
	c := (*channel[T])(rx)
	s := c.state.Load()
	if isFinal(s) {
		return
	}
	// nil or waker → closed. It fails if the sender was quicker: there is a
	// result.
	if c.state.CompareAndSwap(s, &closed) {
		c.tellSender()
	}
}

// HasMessage reports whether there is a message to receive. It is a single
// atomic load.
func (rx *Receiver[T]) HasMessage() bool {
	return (*channel[T])(rx).state.Load() == &message
}

// IsClosed reports whether no message is there and none will come: the sender
// is gone or has failed, the message was received, or the receiver was closed.
// Once true it stays true. It is a single atomic load.
func (rx *Receiver[T]) IsClosed() bool {
	s := (*channel[T])(rx).state.Load()
	return s != &message && isFinal(s)
}

// tellSender wakes whoever watches for the receiver's end.
func (c *channel[T]) tellSender() {
	if r := c.claim.Load(); r != nil && r.watched {
		r.wakeWatchers()
	}
}

package core

import (
	"context"
	"time"

	"github.com/go-await/await/future"
)

// TryRecv is TryRecv of oneshot.Receiver.
func (c *Channel[T]) TryRecv(v *T) error {
	if c == nil {
		panicNil("TryRecv", "Receiver")
	}
	s := c.state.Load()
	if s == nil {
		return ErrEmpty
	}
	if c.takeMessage(s) {
		c.move(v)
		return nil
	}
	if !isFinal(s) {
		return ErrEmpty
	}
	return c.take(s, v)
}

// Recv is Recv of oneshot.Receiver, which is self.
func (c *Channel[T]) Recv(v *T, self any) (err error) {
	if c == nil {
		panicNil("Recv", "Receiver")
	}
	s := c.state.Load()
	if c.takeMessage(s) {
		c.move(v)
		return nil
	}
	if !isFinal(s) {
		if s, err = block(&c.state, s, 0, self); err != nil {
			return err
		}
	}
	return c.take(s, v)
}

// RecvTimeout is RecvTimeout of oneshot.Receiver, which is self.
func (c *Channel[T]) RecvTimeout(d time.Duration, v *T, self any) (err error) {
	if c == nil {
		panicNil("RecvTimeout", "Receiver")
	}
	s := c.state.Load()
	if !isFinal(s) {
		if d <= 0 {
			return ErrTimeout
		}
		if s, err = block(&c.state, s, d, self); err != nil {
			return err
		}
	}
	return c.take(s, v)
}

// RecvContext is RecvContext of oneshot.Receiver, which is self.
func (c *Channel[T]) RecvContext(ctx context.Context, v *T, self any) (err error) {
	if c == nil {
		panicNil("RecvContext", "Receiver")
	}
	if ctx == nil {
		panic("oneshot: RecvContext with a nil context")
	}
	s := c.state.Load()
	switch {
	case isFinal(s):
	case ctx.Done() == nil:
		return c.Recv(v, self)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	default:
		s, err = blockContext(ctx, &c.state, s, self)
		if err == ErrTimeout {
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
	return c.take(s, v)
}

// Poll is Poll of oneshot.Receiver. self is the future whose state the channel is: a
// consumer that waits for it knows it by that.
func (c *Channel[T]) Poll(w *future.Waker, self any, v *T) (ready bool, err error) {
	if c == nil {
		panicNil("Poll", "Receiver")
	}
	s := c.state.Load()
	if c.takeMessage(s) {
		c.move(v)
		return true, nil
	}
	if s == nil || !isFinal(s) {
		if w == nil || s == w {
			return false, nil
		}
		if s != nil && isAwaited(s, self, w) {
			return true, ErrBusy
		}
		// nil or older waker → w: what the receiver did before is published to
		// the one that takes w.
		if c.state.CompareAndSwap(s, w) {
			if s != nil {
				replaced(s, self, w)
			}
			return false, nil
		}
		if s = c.state.Load(); !isFinal(s) {
			w.Wake() // another receive came at this moment: look again
			return false, nil
		}
	}
	err = c.take(s, v)
	if s == &disconnected {
		// disconnected → received: a future's result comes once.
		c.state.CompareAndSwap(s, &received)
	}
	return true, err
}

// Holds is Holds of oneshot.Receiver.
func (c *Channel[T]) Holds(w *future.Waker) bool { return c.state.Load() == w }

// Close is Close of oneshot.Receiver.
func (c *Channel[T]) Close() {
	if c == nil {
		panicNil("Close", "Receiver")
	}
	s := c.visibleState()
	if s == &received {
		return
	}
	if c.rejectSenders(); s == &closed {
		return // by a Cancel that may not have rejected senders yet
	}
	// Any state → closed: the sender's next swap finds it (rule 4).
	switch old := c.state.Swap(&closed); old {
	case &message:
		if d := c.takeDrops(); d != nil {
			var v T
			c.move(&v)
			dropMessage(d, &v) // rule 6
			return
		}
		c.letGo(old)
	case &failed:
		c.letGo(old)
	case &disconnected, &received, &closed:
	default:
		c.wakeAll(old)
	}
}

// Cancel is Cancel of oneshot.Receiver.
func (c *Channel[T]) Cancel() {
	if c == nil {
		panicNil("Cancel", "Receiver")
	}
	s := c.state.Load()
	if isFinal(s) {
		return
	}
	// nil or waker → closed. It fails if the sender was quicker: then there is
	// a result.
	if c.state.CompareAndSwap(s, &closed) {
		c.rejectSenders()
		c.wakeAll(s)
	} else if !isFinal(c.state.Load()) {
		c.Close() // a receive was quicker, which should not have been running
	}
}

// HasMessage is HasMessage of oneshot.Receiver.
func (c *Channel[T]) HasMessage() bool {
	if c == nil {
		panicNil("HasMessage", "Receiver")
	}
	return c.visibleState() == &message
}

// IsClosed is IsClosed of oneshot.Receiver.
func (c *Channel[T]) IsClosed() bool {
	if c == nil {
		panicNil("IsClosed", "Receiver")
	}
	s := c.visibleState()
	return s != &message && isFinal(s)
}

// wakeAll wakes w, which closed has replaced (rule 3), and what watches for the
// receiver's end.
func (c *Channel[T]) wakeAll(w *future.Waker) {
	if r := c.claim.Load(); r != nil && r.outer {
		r.wakeAfter(w)
	} else {
		w.Wake()
	}
}

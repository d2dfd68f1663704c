package oneshot

import (
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// A Sender sends at most one message to its [Receiver]. Its methods may be
// called by any goroutine, several at once: exactly one Send, Fail or Close has
// an effect, and the others say so. It must not be copied.
type Sender[T any] channel[T]

// Send gives v to the receiver. It returns nil if the receiver can take it,
// [ErrClosed] if the receiver is gone, and [ErrSent] if the Sender was used
// before. A message that is refused is not kept.
//
// Send synchronizes before the receive that returns v. It returns nil only if
// the receiver had not closed when Send was called.
//
// Send never blocks and does not allocate. It is wait-free. Of atomic steps that
// write it takes two: a compare-and-swap claims the Sender, and another one or a
// swap publishes v and takes the receiver's waker. It takes one more if the
// receiver begins to wait meanwhile, one if it closes, and one if [Sender.Closed]
// or [Sender.Context] was called. It loads the state twice and the claim at most
// three times. Waking costs what the wakers cost.
func (tx *Sender[T]) Send(v T) error {
	c := tx.channel()
	old := c.state.Load()
	if old == &closed {
		return c.refused()
	}
	// nil → spent: the value is ours (rule 1). See claimSender.
	if !atomics.CompareAndSwapStatic(&c.claim, nil, &spent) && !c.claimWatched(&spent) {
		return c.refused()
	}
	atomics.Write(unsafe.Pointer(&c.value))
	c.value = v
	// nil, waker or closed → message: publishes v to the receive that sees it,
	// and takes the waker. See publish. The first is the shorter way from nil.
	if old != nil || !atomics.CompareAndSwapStatic(&c.state, nil, &message) {
		old = c.state.Swap(&message)
	}
	if c != (*channel[T])(tx) {
		tx.release()
	}
	if old == nil && c.claim.Load() == &spent {
		return nil // nobody is to be told
	}
	return c.published(old, &message)
}

// Fail makes the receiver's result err instead of a message. It returns what
// Send would. A nil err makes the result the zero value without an error. It
// allocates the record that holds err, and is otherwise as Send.
func (tx *Sender[T]) Fail(err error) error {
	c := tx.channel()
	if c.state.Load() == &closed {
		return c.refused()
	}
	if !c.claimSender(&record{err: err}) {
		return c.refused()
	}
	tx.release()
	return c.publish(&failed)
}

// Close says that no message will come: the receiver gets [ErrDisconnected]. It
// does nothing if the Sender was used before, so that defer tx.Close() is right
// in every function that is to send. It always returns nil. It does not allocate,
// and takes at most as many steps as Send, or two loads and two compare-and-swaps
// of the claim if it was used before or the receiver is gone.
func (tx *Sender[T]) Close() error {
	if c := tx.channel(); c.claimSender(&spent) {
		tx.release()
		c.publish(&disconnected)
	} else if c.claimWord().CompareAndSwap(&gone, &late) {
		tx.release() // gone → late: the receiver was quicker, but this is a use too
	}
	return nil
}

// IsClosed reports whether the receiver has closed: a Send would be refused. It
// is an atomic load, and up to two of the claim if the Sender was used.
func (tx *Sender[T]) IsClosed() bool {
	return tx.channel().look() == &closed
}

// Closed returns a future that is ready once the receiver has closed. If the
// Sender is used, and the receiver has not closed by the time that the future is
// polled, its result is [ErrSent]: what becomes of the receiver is no longer the
// Sender's affair. There may be any number of such futures at
// once. Closed allocates the future, and once per channel a record; the first
// Poll of as many futures as there are at once allocates a node. Close and Send
// wake them all, in no particular order; Poll is lock-free.
func (tx *Sender[T]) Closed() future.Future[struct{}] {
	c := tx.channel()
	return &closing{watch: watch{channel: c, record: c.watch()}, keep: tx}
}

// disconnect is Close by the collector.
func (c *channel[T]) disconnect() {
	if c.claimSender(&spent) {
		c.publish(&disconnected)
	}
}

// refused is the error of a Send or Fail that finds the receiver closed or could
// not claim.
func (c *channel[T]) refused() error {
	if r := c.claimed(); r != nil && r != &gone {
		return ErrSent
	}
	return ErrClosed
}

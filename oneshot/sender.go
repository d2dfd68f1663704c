package oneshot

import (
	"runtime"
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
// the receiver had not closed.
//
// Send never blocks and does not allocate. It is wait-free: a load, a claim, and
// a swap that publishes v and takes the receiver's waker; at most seven atomic
// steps if the receiver closes at the same time or [Sender.Closed] is in use.
// Waking costs what the waker costs.
func (tx *Sender[T]) Send(v T) error {
	c := tx.channel()
	if c.state.Load() == &closed {
		return c.refused()
	}
	if !c.claimSender(&spent) {
		return ErrSent
	}
	atomics.Write(unsafe.Pointer(&c.value))
	c.value = v
	defer c.wakeWatchers()
	delivered := c.publish(&message)
	runtime.KeepAlive(tx)
	if !delivered {
		c.drop()
		return ErrClosed
	}
	return nil
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
		return ErrSent
	}
	defer c.wakeWatchers()
	delivered := c.publish(&failed)
	runtime.KeepAlive(tx)
	if !delivered {
		return ErrClosed
	}
	return nil
}

// Close says that no message will come: the receiver gets [ErrDisconnected]. It
// does nothing if the Sender was used before, so that defer tx.Close() is right
// in every function that is to send. It always returns nil, and is as wait-free
// as Send.
func (tx *Sender[T]) Close() error {
	tx.channel().disconnect()
	runtime.KeepAlive(tx)
	return nil
}

// IsClosed reports whether the receiver has closed: a Send would be refused. It
// is a single atomic load.
func (tx *Sender[T]) IsClosed() bool {
	return tx.channel().state.Load() == &closed
}

// Closed returns a future that is ready once the receiver has closed. If the
// Sender is used first, its result is [ErrSent]: what becomes of the receiver is
// no longer the Sender's affair. There may be any number of such futures at
// once. Closed allocates the future, and once per channel a record.
func (tx *Sender[T]) Closed() future.Future[struct{}] {
	c := tx.channel()
	return &closing{watch: watch{channel: c, record: c.watch()}, keep: tx}
}

// channel returns the channel of tx, which is tx itself unless tx is guarded.
func (tx *Sender[T]) channel() *channel[T] {
	c := (*channel[T])(tx)
	if c.state.Load() == &elsewhere { // rule 5
		return c.claim.Load().target.(*channel[T])
	}
	return c
}

// disconnect is Close.
func (c *channel[T]) disconnect() {
	if c.claimSender(&spent) {
		defer c.wakeWatchers()
		c.publish(&disconnected)
	}
}

// refused is the error of a Send or Fail that finds the receiver gone.
func (c *channel[T]) refused() error {
	if c.claimed() != nil {
		return ErrSent
	}
	return ErrClosed
}

// wakeWatchers tells the futures of Closed that the Sender was used.
func (c *channel[T]) wakeWatchers() {
	if r := c.claim.Load(); r.watched {
		r.wakeWatchers()
	}
}

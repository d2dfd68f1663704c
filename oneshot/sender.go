package oneshot

import (
	"context"
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/core"
)

// A Sender sends at most one message to its [Receiver]. Its methods may be
// called by any goroutine, several at once: exactly one Send, SendResult, Fail or
// Close has an effect, and the others say so. It must not be copied. The zero Sender
// has no Receiver: what it sends is not received.
type Sender[T any] struct {
	sender core.Channel[T] // the memory of the Receiver too, unless guarded
}

// channel returns what tx is made of, or nil if tx is nil.
func (tx *Sender[T]) channel() *core.Channel[T] {
	// SAFETY: a Sender is a Channel and nothing else.
	return (*core.Channel[T])(unsafe.Pointer(tx))
}

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
// receiver begins to wait meanwhile, one if it closes, and one if [Sender.Closed],
// [Sender.Context], [Sender.OnClose] or [Receiver.OnDrop] was called. It loads the
// state twice and the claim at most three times. Waking costs what the wakers cost.
func (tx *Sender[T]) Send(v T) error { return tx.channel().Send(&v) }

// SendResult gives the receiver both v and err, as a Go function returns them: every
// receive returns the two together. A nil err makes it a Send of v. It returns what
// Send would. A value that is refused is not kept.
//
// SendResult with an error allocates the record that holds it, and is otherwise as
// Send.
func (tx *Sender[T]) SendResult(v T, err error) error { return tx.channel().SendResult(&v, err) }

// Fail makes the receiver's result err instead of a message. It is SendResult of
// the zero value and err.
func (tx *Sender[T]) Fail(err error) error {
	var zero T
	return tx.channel().SendResult(&zero, err)
}

// Close says that no message will come: the receiver gets [ErrDisconnected]. It
// does nothing if the Sender was used before, so that defer tx.Close() is right
// in every function that is to send. It always returns nil. It does not allocate,
// and takes at most as many steps as Send, or two loads and two compare-and-swaps
// of the claim if it was used before or the receiver is gone.
func (tx *Sender[T]) Close() error {
	tx.channel().Disconnect()
	return nil
}

// IsOver reports whether a Send would be refused, for whatever reason: the receiver
// has closed, or the Sender was used before. Once true it stays true. It takes at
// most four atomic loads.
func (tx *Sender[T]) IsOver() bool { return tx.channel().IsOver() }

// IsClosed reports whether the receiver has closed: a Send would be refused. It
// is an atomic load, and up to two of the claim if the Sender was used.
func (tx *Sender[T]) IsClosed() bool { return tx.channel().IsGone() }

// Closed returns a future that is ready once the receiver has closed. If the
// Sender is used, and the receiver has not closed by the time that the future is
// polled, its result is [ErrSent]: what becomes of the receiver is no longer the
// Sender's affair. There may be any number of such futures at
// once. Closed allocates the future, and once per channel a record, which has room
// for one future that waits; the first Poll beside those that wait allocates a node if
// none is free. Close and Send wake them all, in no particular order; Poll is lock-free.
func (tx *Sender[T]) Closed() future.Future[struct{}] { return tx.channel().Closed() }

// OnClose arranges for fn to be called, once, if the receiver closes before the
// Sender is used. A Send, SendResult, Fail or Close of the Sender ends that. If the
// receiver has closed already fn is called before OnClose returns. Otherwise the
// goroutine that closes the receiver calls it, after everything else that the close
// does: fn must not block. A panic of fn goes on in that goroutine.
//
// stop ends the arrangement, as that of [context.AfterFunc]. It reports whether it
// did: if not, fn was called, or is being called, or stop was called before, or the
// Sender was used. stop does not wait for fn. Any goroutine may call it. It lets fn
// go.
//
// OnClose allocates once, and once more if stop is kept in memory. It is lock-free.
// It does not keep a guarded Sender alive. It panics if fn is nil.
func (tx *Sender[T]) OnClose(fn func()) (stop func() bool) { return tx.channel().OnClose(fn).Stop }

// Context returns a context derived from parent that ends, with the cause
// [ErrClosed], when the receiver closes: the producer of a result that nothing
// waits for can stop. If the Sender is used, and the receiver has not closed by the
// time of this call, it ends with the cause [ErrSent]. The context does not keep a
// guarded Sender alive. The returned function must be called when the work is done;
// it releases the context.
//
// No goroutine waits for any of this: the close cancels the context. (Package
// context has one for a parent that is not the standard library's.) Context
// allocates at most three times besides the context.
func (tx *Sender[T]) Context(parent context.Context) (context.Context, context.CancelFunc) {
	return tx.channel().Context(parent)
}

// String says what the Sender is and in which state: it is safe to print one in use.
func (tx *Sender[T]) String() string { return "oneshot.Sender(" + tx.channel().State() + ")" }

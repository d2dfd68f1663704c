package oneshot

import (
	"context"
	"time"
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/core"
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
// A Receiver must not be copied. The zero Receiver has no Sender: a receive that
// waits does so until the Receiver is closed.
type Receiver[T any] struct {
	receiver core.Channel[T] // the memory of the Sender too, unless guarded
}

// channel returns what rx is made of, or nil if rx is nil.
func (rx *Receiver[T]) channel() *core.Channel[T] {
	// SAFETY: a Receiver is a Channel and nothing else.
	return (*core.Channel[T])(unsafe.Pointer(rx))
}

// TryRecv returns the message if it is there, and otherwise without waiting
// [ErrEmpty], [ErrDisconnected], the error of [Sender.Fail], [ErrReceived] or
// [ErrClosed]. It does not allocate. It is wait-free: a load, and if there is a
// result a load of the claim and a compare-and-swap. The claim takes two loads
// more if it is not that of a plain Send, a swap follows if [Receiver.OnDrop],
// [Sender.Closed] or the like was called, and three loads follow if a racing
// receive or Close gets the result.
func (rx *Receiver[T]) TryRecv() (v T, err error) {
	err = rx.channel().TryRecv(&v)
	return v, err
}

// Recv blocks until there is a message and returns it, or [ErrDisconnected], the
// error of [Sender.Fail], [ErrReceived], [ErrClosed] or [ErrBusy]. Called by a
// task's own goroutine it suspends the task, as [future.Await] does: no worker is
// held up. Recv allocates nothing beyond what is pooled.
//
// Recv parks a goroutine at most once. No wake-up is lost: the compare-and-swap that enlists
// it fails if the sender was quicker, and a wake-up that comes before the
// goroutine sleeps is kept for it.
func (rx *Receiver[T]) Recv() (v T, err error) {
	err = rx.channel().Recv(&v, rx)
	return v, err
}

// RecvTimeout is Recv for at most d, after which it returns [ErrTimeout]. The
// receiver stays usable: a message that comes later can be received. A message
// that is there wins over a d that has passed, and a d that is not positive makes
// it a TryRecv with ErrTimeout in place of [ErrEmpty]. It suspends a task as Recv
// does. If it has to wait it allocates a timer.
func (rx *Receiver[T]) RecvTimeout(d time.Duration) (v T, err error) {
	err = rx.channel().RecvTimeout(d, &v, rx)
	return v, err
}

// RecvDeadline is RecvTimeout until t.
func (rx *Receiver[T]) RecvDeadline(t time.Time) (T, error) {
	return rx.RecvTimeout(time.Until(t))
}

// RecvContext is Recv until ctx ends, after which it returns the context's
// cause. The receiver stays usable. A message that is there wins over a context
// that has ended. It suspends a task as Recv does, whatever ctx is. If a goroutine
// has to wait and ctx can end, it allocates its wake-up object and a channel, and
// registers nothing with ctx. RecvContext panics if ctx is nil.
func (rx *Receiver[T]) RecvContext(ctx context.Context) (v T, err error) {
	err = rx.channel().RecvContext(ctx, &v, rx)
	return v, err
}

// Poll is the receiver as a [future.Future]. Its errors are those of Recv. It
// does not block. It is wait-free: a load, and a compare-and-swap if w is new or there
// is a result, whose claim is loaded as by TryRecv. Polling with the same w again is
// the load alone. A Poll that races with the sender or with another receive takes at
// most nine steps. Poll does not allocate, with one exception: if it holds another
// waker, whose target is a [future.Consumer], it asks that one before and after the
// change, and if that waits for the receiver the error is [ErrBusy].
func (rx *Receiver[T]) Poll(w *future.Waker) (v T, ready bool, err error) {
	ready, err = rx.channel().Poll(w, rx, &v)
	return v, ready, err
}

// Close ends the receiver's side: the Sender's Send will fail, its futures and
// contexts of Closed and Context end, and its functions of OnClose are called. A
// message that was already sent is let go, or dropped if [Receiver.OnDrop] was
// called. It wakes a receive or a task that waits, which gets [ErrClosed]. It does
// nothing if the message was received.
//
// Once Close has returned nothing is received any more. A Send at the same time
// returns [ErrClosed], unless its message was received, also at the same time, or
// was there before.
//
// Close is wait-free: a load and a swap, a compare-and-swap of the claim (two, a
// store and at most five loads if the Sender was used), a load or two to find out
// what is to be told, and what the woken wakers and called functions cost. OnDrop
// adds at most three steps. It does not allocate.
func (rx *Receiver[T]) Close() { rx.channel().Close() }

// Cancel is Close for a future that is not awaited any more, except that a result
// that has already come stays, and a further Poll gives it: nothing is lost
// between a last Poll and Cancel. It must not be called at the same time as
// a receive; one that waits all the same is woken and gets [ErrClosed]. It takes
// a load, a compare-and-swap, and what Close takes after its swap.
func (rx *Receiver[T]) Cancel() { rx.channel().Cancel() }

// Holds reports whether w is the waker that the Receiver would wake, for a
// [future.Settler].
func (rx *Receiver[T]) Holds(w *future.Waker) bool { return rx.channel().Holds(w) }

// Settles says that a Receiver is a [future.Settler]: it wakes once, when there
// is a result.
func (rx *Receiver[T]) Settles() any { return rx }

// OnDrop makes the Receiver a [future.Dropper]: drop is called with a message that no
// receive returns, exactly once. That is a message that is in the channel when the
// Receiver is closed, and one that a part of this module sends too late, such as
// the pool of a Submit. A message that Send refuses is left to the caller of Send, and
// one that comes with an error is not dropped. [Receiver.Cancel] drops nothing.
//
// The goroutine that closes, or sends too late, calls drop: it must not block. If it
// panics, nothing else is left undone. Several calls of OnDrop add up. It is called
// by the owner of the Receiver before that is closed. It allocates once, and lets
// drop go once there is a result. It is lock-free. It panics if drop is nil.
func (rx *Receiver[T]) OnDrop(drop func(T)) { rx.channel().OnDrop(drop) }

// HasMessage reports whether there is a message to receive. It is an atomic load,
// and up to two of the claim if there is or was a result.
func (rx *Receiver[T]) HasMessage() bool { return rx.channel().HasMessage() }

// IsClosed reports whether no message is there and none will come: the sender
// is gone or has failed, the message was received, or the receiver was closed.
// Once true it stays true. It costs what HasMessage costs.
func (rx *Receiver[T]) IsClosed() bool { return rx.channel().IsClosed() }

// String says what the Receiver is and in which state: it is safe to print one in
// use.
func (rx *Receiver[T]) String() string { return "oneshot.Receiver(" + rx.channel().State() + ")" }

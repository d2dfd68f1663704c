package core

import (
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// Send is Send of oneshot.Sender.
func (tx *Channel[T]) Send(v *T) error {
	if tx == nil {
		panicNil("Send", "Sender")
	}
	c := tx.channel()
	old := c.state.Load()
	if old == &closed {
		return c.refused()
	}
	// nil → spent: the value is ours (rule 1). See claimSender.
	if !atomics.CompareAndSwapStatic(&c.claim, nil, &spent) && !c.replaceInner(nil, &spent) {
		return c.refused()
	}
	atomics.Write(unsafe.Pointer(&c.value))
	c.value = *v
	// nil, waker or closed → message: publishes v to the receive that sees it,
	// and takes the waker. See publish. The first is the shorter way from nil.
	if old != nil || !atomics.CompareAndSwapStatic(&c.state, nil, &message) {
		old = c.state.Swap(&message)
	}
	if c != tx {
		tx.release()
	}
	if old == nil && c.claim.Load() == &spent {
		return nil // there is nothing to wake
	}
	return c.published(old, &message)
}

// SendResult is SendResult of oneshot.Sender.
func (tx *Channel[T]) SendResult(v *T, err error) error {
	if tx == nil {
		panicNil("SendResult", "Sender")
	}
	if err == nil {
		return tx.Send(v)
	}
	c := tx.channel()
	if c.state.Load() == &closed {
		return c.refused()
	}
	if !c.claimSender(&record{err: err}) {
		return c.refused()
	}
	atomics.Write(unsafe.Pointer(&c.value))
	c.value = *v
	tx.release()
	return c.publish(&failed)
}

// Deliver is SendResult for a result that its sender has no use for itself: a value
// without an error that is refused is dropped (rule 6).
func (tx *Channel[T]) Deliver(v *T, err error) error {
	if err != nil {
		return tx.SendResult(v, err)
	}
	refusal := tx.Send(v)
	if refusal != nil {
		dropMessage(tx.channel().takeDrops(), v)
	}
	return refusal
}

// Disconnect is Close of oneshot.Sender.
func (tx *Channel[T]) Disconnect() {
	if tx == nil {
		panicNil("Close", "Sender")
	}
	c := tx.channel()
	// nil → spent, or gone → late: the receiver was quicker, but this is a use too.
	if c.claimSender(&spent) {
		tx.release()
		c.publish(&disconnected)
	} else if c.claim.CompareAndSwap(&gone, &late) || c.replaceInner(&gone, &late) {
		tx.release()
	}
}

// IsGone is IsClosed of oneshot.Sender.
func (tx *Channel[T]) IsGone() bool {
	if tx == nil {
		panicNil("IsClosed", "Sender")
	}
	return tx.channel().visibleState() == &closed
}

// IsOver is IsOver of oneshot.Sender.
func (tx *Channel[T]) IsOver() bool {
	if tx == nil {
		panicNil("IsOver", "Sender")
	}
	c := tx.channel()
	// A Cancel makes the state closed first, everything else the claim.
	return c.claimed() != nil || c.state.Load() == &closed
}

// Closed is Closed of oneshot.Sender.
func (tx *Channel[T]) Closed() future.Future[struct{}] {
	if tx == nil {
		panicNil("Closed", "Sender")
	}
	c := tx.channel()
	return &closing{watch: watch{channel: c, record: c.watch(nil)}, keep: tx}
}

// collected is Disconnect by the collector.
func (c *Channel[T]) collected() {
	if c.claimSender(&spent) {
		c.publish(&disconnected)
	}
}

// refused is the error of a Send or SendResult that finds the receiver closed or could
// not claim.
func (c *Channel[T]) refused() error {
	if r := c.claimed(); r != nil && r != &gone {
		return ErrSent
	}
	return ErrClosed
}

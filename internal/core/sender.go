package core

import (
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
)

// Send is Send of oneshot.Sender.
func (tx *Channel[T]) Send(v *T) error {
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
		return nil // nobody is to be told
	}
	return c.published(old, &message)
}

// Fail is Fail of oneshot.Sender.
func (tx *Channel[T]) Fail(err error) error {
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

// Disconnect is Close of oneshot.Sender.
func (tx *Channel[T]) Disconnect() {
	if c := tx.channel(); c.claimSender(&spent) {
		tx.release()
		c.publish(&disconnected)
	} else if c.claimWord().CompareAndSwap(&gone, &late) {
		tx.release() // gone → late: the receiver was quicker, but this is a use too
	}
}

// IsGone is IsClosed of oneshot.Sender.
func (tx *Channel[T]) IsGone() bool {
	return tx.channel().visibleState() == &closed
}

// Closed is Closed of oneshot.Sender.
func (tx *Channel[T]) Closed() future.Future[struct{}] {
	c := tx.channel()
	return &closing{watch: watch{channel: c, record: c.watch()}, keep: tx}
}

// collected is Disconnect by the collector.
func (c *Channel[T]) collected() {
	if c.claimSender(&spent) {
		c.publish(&disconnected)
	}
}

// refused is the error of a Send or Fail that finds the receiver closed or could
// not claim.
func (c *Channel[T]) refused() error {
	if r := c.claimed(); r != nil && r != &gone {
		return ErrSent
	}
	return ErrClosed
}

package ants

import (
	"sync/atomic"
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/core"
	"github.com/go-await/await/internal/result"
	"github.com/go-await/await/oneshot"
)

// A call is the job of a function, with the channel for its result: both, and the
// receiver, are one allocation.
type call[T any] struct {
	head
	result core.Channel[T] // behind the head, see headOf
}

// A head is what calls have in common whatever their results are.
type head struct {
	link
	fn    onceFunc       // a func() (T, error)
	route unsafe.Pointer // *route, by which the call came into a queue; nil outside, and once it is dead
	_     [unsafe.Sizeof(uintptr(0)) % 8]byte
	onEnd func(error) // or nil; belongs to the goroutine that has taken fn
}

// The size of a head is a multiple of all alignments.
var _ [0]struct{} = [unsafe.Sizeof(head{}) % 8]struct{}{}

func newCall[T any](fn func() (T, error)) *call[T] {
	return &call[T]{head: head{fn: holdFunc(fn)}}
}

// take returns the function to the first who takes the call, and nil to all others.
func (c *call[T]) take() func() (T, error) { return takeFunc[func() (T, error)](&c.fn) }

func (c *call[T]) receiver() *oneshot.Receiver[T] { return result.Receiver(&c.result) }

func (c *call[T]) run() {
	switch fn := c.take(); {
	case fn == nil:
	case c.result.IsGone():
		c.ended(oneshot.ErrClosed)
	default:
		c.answer(fn)
	}
}

func (c *call[T]) refuse(err error) bool {
	fn := c.take()
	if fn != nil {
		c.fail(err)
	}
	return fn != nil
}

// answer sends what fn returns, or why it did not return.
func (c *call[T]) answer(fn func() (T, error)) {
	returned := false
	defer func() {
		if !returned {
			c.fail(future.Recovered(recover()))
		}
	}()
	v, err := fn()
	returned = true
	c.finish(&v, err)
}

func (c *call[T]) fail(err error) {
	var none T
	c.finish(&none, err)
}

// finish sends the result, once it has told of the end.
func (c *call[T]) finish(v *T, err error) {
	if c.onEnd != nil {
		defer c.result.Deliver(v, err) // also if what is told calls Goexit
		c.ended(err)
		return
	}
	_ = c.result.Deliver(v, err)
}

// A call that is queued is held: if its receiver closes, the function is let go at once,
// and the queue is told that the call is dead.

// Until the call is in the queue its route is the caller's, and once it has left alive
// it is that of what has taken it out. In between a close may end it at any time.

func (h *head) via() *route { return (*route)(atomic.LoadPointer(&h.route)) } // SAFETY: of enter

func (c *call[T]) enter(r *route) {
	c.route = unsafe.Pointer(r)
	c.result.Hold() // no other has the receiver yet
}

func (c *call[T]) leave() (wanted bool) {
	if wanted = c.result.Release(); wanted {
		c.route = nil
	}
	return wanted
}

func init() {
	core.OnHeldGone = func(channel unsafe.Pointer) {
		// SAFETY: only channels of calls are held. The channel follows the head
		// without a gap.
		h := (*head)(unsafe.Add(channel, -int(unsafe.Sizeof(head{}))))
		taken := h.fn.take() != nil
		r := h.via()
		atomic.StorePointer(&h.route, nil) // r → nil: it is dead
		r.queue.died()
		if taken {
			h.ended(oneshot.ErrClosed)
		}
	}
}

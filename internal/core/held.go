package core

import (
	"unsafe"

	"github.com/go-await/await/internal/atomics"
)

// A channel is held while what will send its result waits in a queue: its claim is
// held instead of nil. If the receiver closes meanwhile the holder is told so, at no
// cost for all others. OnClose tells of it too, but takes memory for each channel.
//
//	nil ── Hold ──▶ held ── Release ──▶ nil
//	                  └── the receiver closes ──▶ gone, and OnHeldGone is called
//
// The Sender of a held channel is not used.

// OnHeldGone is called with the channel when its receiver has closed while it was
// held, by the goroutine that closes. It is set once, before a channel is held.
var OnHeldGone func(channel unsafe.Pointer)

// Hold makes a channel held that is not in use: no other goroutine has it.
func (c *Channel[T]) Hold() { atomics.CompareAndSwapStatic(&c.claim, nil, &held) } // nil → held

// Release ends that. It reports whether the receiver is still there; if not,
// OnHeldGone was called, or is being called.
func (c *Channel[T]) Release() bool {
	// held → nil: from here on the claim is a sender's or gone.
	return atomics.CompareAndSwapStatic(&c.claim, &held, nil) || c.replaceInner(&held, nil)
}

// rejectHeld is rejectSenders for a claim that is held, or was released just now. It
// reports whether it has made it gone.
func (c *Channel[T]) rejectHeld(claim *atomics.Pointer[record]) bool {
	// held → gone: no Release succeeds.
	if claim.CompareAndSwap(&held, &gone) {
		OnHeldGone(unsafe.Pointer(c))
		return true
	}
	// nil → gone, unless a sender was quicker, or OnDrop.
	return claim.CompareAndSwap(nil, &gone)
}

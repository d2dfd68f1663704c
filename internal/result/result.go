// Package result gives out the receivers of channels whose senders are this module's.
//
// Such a sender keeps a [core.Channel], within an object of its own, and sends by
// Deliver: a value that is refused is dropped as the receiver's OnDrop says.
package result

import (
	"unsafe"

	"github.com/go-await/await/internal/core"
	"github.com/go-await/await/oneshot"
)

// Receiver returns c as its receiver sees it.
func Receiver[T any](c *core.Channel[T]) *oneshot.Receiver[T] {
	// SAFETY: a Receiver is a Channel and nothing else.
	return (*oneshot.Receiver[T])(unsafe.Pointer(c))
}

// A Receiver is no larger than a Channel, and no smaller.
var _ [unsafe.Sizeof(core.Channel[int]{})]struct{} = [unsafe.Sizeof(oneshot.Receiver[int]{})]struct{}{}

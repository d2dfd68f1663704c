// Package deliver sends the results of functions that this module runs for its users.
package deliver

import (
	"unsafe"

	"github.com/go-await/await/internal/core"
	"github.com/go-await/await/oneshot"
)

// To is tx.SendResult, for a result that its sender has no use for: a value without an
// error that is refused, since the receiver has closed, is given to the functions of
// the Receiver's OnDrop.
func To[T any](tx *oneshot.Sender[T], v T, err error) error {
	// SAFETY: a Sender is a Channel and nothing else.
	return (*core.Channel[T])(unsafe.Pointer(tx)).Deliver(&v, err)
}

// They are of one size, then.
const _ = unsafe.Sizeof(oneshot.Sender[int]{}) - unsafe.Sizeof(core.Channel[int]{})
const _ = unsafe.Sizeof(core.Channel[int]{}) - unsafe.Sizeof(oneshot.Sender[int]{})

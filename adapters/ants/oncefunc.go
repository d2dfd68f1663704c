package ants

import (
	"sync/atomic"
	"unsafe"
)

// A onceFunc holds a function of type F until it is taken. It is as large as F.
type onceFunc[F any] struct{ p unsafe.Pointer }

func newOnceFunc[F any](fn F) onceFunc[F] {
	// SAFETY: F is a function type, whose values are one pointer.
	return onceFunc[F]{*(*unsafe.Pointer)(unsafe.Pointer(&fn))}
}

// take returns the function to the first who calls it, and nil to all others. What it
// refers to is kept no longer.
func (o *onceFunc[F]) take() F {
	// fn → nil: the function, and what was written before, is the caller's.
	p := atomic.SwapPointer(&o.p, nil)
	// SAFETY: p is nil or came from an F.
	return *(*F)(unsafe.Pointer(&p))
}

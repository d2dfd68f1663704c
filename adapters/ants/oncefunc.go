package ants

import (
	"sync/atomic"
	"unsafe"
)

// A onceFunc holds a function until it is taken. Of what type that is its user knows.
type onceFunc struct{ p unsafe.Pointer }

// holdFunc returns what holds fn, a function.
func holdFunc[F any](fn F) onceFunc {
	// SAFETY: a value of a function type is one pointer.
	return onceFunc{*(*unsafe.Pointer)(unsafe.Pointer(&fn))}
}

// takeFunc returns the function, of type F, to the first who takes it, and nil to all
// others.
func takeFunc[F any](o *onceFunc) F {
	p := o.take()
	// SAFETY: p is nil or came from an F, see holdFunc.
	return *(*F)(unsafe.Pointer(&p))
}

// take takes the function without a look at it. What it refers to is kept no longer.
func (o *onceFunc) take() unsafe.Pointer {
	// fn → nil: the function, and what was written before, is the caller's.
	return atomic.SwapPointer(&o.p, nil)
}

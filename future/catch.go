package future

import "reflect"

// Catch returns a future that turns an error of f into what fn makes of it. A
// value of f is passed on and fn is not called. fn runs in the Poll that finds f
// failed; if it panics the future is finished and the panic goes on to the caller
// of Poll. A panic of f itself is no error of f, and is not caught; nor is
// [ErrCanceled] after Cancel. The waker goes straight to f. Catch allocates once
// and panics if fn is nil. [OrElse] goes on as another future instead.
//
// A result that f had when it was canceled is not lost: the Poll after Cancel
// gives it, or what fn makes of it.
func Catch[T any](f Future[T], fn func(error) (T, error)) Future[T] {
	if fn == nil {
		panic("future: Catch with a nil function")
	}
	return &catch[T]{src: orNil(f, "Catch: the future"), fn: fn}
}

type catch[T any] struct {
	src  Future[T] // once over: nil, or the owner of the value
	fn   func(error) (T, error)
	life life
}

func (c *catch[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if c.life != live {
		return c.late()
	}
	v, ready, err = c.src.Poll(w)
	if !ready || err == ErrBusy {
		return v, ready, err
	}
	src, fn := c.src, c.fn
	c.src, c.fn, c.life = nil, nil, consumed
	return c.result(src, fn, v, err)
}

// result is the end: that of src, or what fn makes of its error.
func (c *catch[T]) result(src Future[T], fn func(error) (T, error), v T, err error) (T, bool, error) {
	if err != nil {
		v, err = fn(err)
	} else {
		c.src = ifOwner(src)
	}
	return v, true, err
}

// late is a Poll after the end.
func (c *catch[T]) late() (v T, ready bool, err error) {
	if c.life != canceled {
		return v, true, c.life.err()
	}
	src, fn := c.src, c.fn
	c.src, c.fn = nil, nil
	v, kept, err := salvage(&c.life, src)
	if !kept {
		return v, true, err
	}
	return c.result(src, fn, v, err)
}

// Cancel cancels the source. The error that results is not caught.
func (c *catch[T]) Cancel() {
	if c.life == live {
		c.life = canceled
		Cancel(c.src)
	}
}

// OnDrop is that of a [Dropper].
func (c *catch[T]) OnDrop(drop func(T)) { onDrop(c.src, drop) }

func (c *catch[T]) owner() func(T) { return ownerOf(c.src) }

func (c *catch[T]) String() string { return typeName("Catch", reflect.TypeFor[T]()) }

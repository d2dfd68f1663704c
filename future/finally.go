package future

import "reflect"

// Finally returns a future with the result of f that calls fn exactly once when
// f is over: after f is ready and before its result is given out, or after f was
// canceled, which includes that it panicked. fn is not called for a future that
// is neither polled to its end nor canceled. If fn panics, the panic replaces
// the result. The waker goes straight to f. Finally allocates once and panics if
// fn is nil.
//
// A result that f had when it was canceled is not lost: the Poll after Cancel
// gives it. fn has been called by Cancel then.
func Finally[T any](f Future[T], fn func()) Future[T] {
	if fn == nil {
		panic("future: Finally with a nil function")
	}
	return &finally[T]{src: orNil(f, "Finally: the future"), fn: fn}
}

type finally[T any] struct {
	src  Future[T] // once over: nil, or the owner of the value
	fn   func()
	life life
}

func (y *finally[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if y.life != live {
		return y.late()
	}
	v, ready, err = y.src.Poll(w)
	if !ready || err == ErrBusy {
		return v, ready, err
	}
	src, fn := y.src, y.fn
	y.src, y.fn, y.life = nil, nil, consumed
	if err != nil {
		fn()
		return v, true, err
	}
	returned := false
	defer func() {
		if !returned {
			giveBack(src, v)
		}
	}()
	fn()
	returned = true
	y.src = ifOwner(src)
	return v, true, nil
}

// late is a Poll after the end.
func (y *finally[T]) late() (v T, ready bool, err error) {
	if y.life != canceled {
		return v, true, y.life.err()
	}
	src := y.src
	y.src = nil
	v, kept, err := salvage(&y.life, src)
	if kept && err == nil {
		y.src = ifOwner(src)
	}
	return v, true, err
}

// Cancel cancels the source and then calls the function.
func (y *finally[T]) Cancel() {
	if y.life == live {
		fn := y.fn
		y.fn, y.life = nil, canceled
		defer fn()
		Cancel(y.src)
	}
}

// OnDrop is that of a [Dropper]. A value that the function's panic replaces is
// dropped, too.
func (y *finally[T]) OnDrop(drop func(T)) {
	if y.life == live {
		y.src = dropTo(y.src, drop)
	}
}

func (y *finally[T]) owner() func(T) { return ownerOf(y.src) }

func (y *finally[T]) String() string { return typeName("Finally", reflect.TypeFor[T]()) }

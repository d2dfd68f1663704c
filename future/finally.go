package future

// Finally returns a future with the result of f that calls fn exactly once when
// f is over: after f is ready and before its result is given out, or after f was
// cancelled, which includes that it panicked. fn is not called for a future that
// is neither polled to its end nor cancelled. If fn panics, the panic replaces
// the result. The waker goes straight to f. Finally allocates once and panics if
// fn is nil.
func Finally[T any](f Future[T], fn func()) Future[T] {
	if fn == nil {
		panic("future: Finally with a nil function")
	}
	return &finally[T]{src: orNil(f), fn: fn}
}

type finally[T any] struct {
	src  Future[T]
	fn   func()
	life life
}

func (y *finally[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if y.life != live {
		return v, true, y.life.err()
	}
	v, ready, err = y.src.Poll(w)
	if ready {
		fn := y.fn
		y.src, y.fn, y.life = nil, nil, consumed
		fn()
	}
	return v, ready, err
}

// Cancel cancels the source and then calls the function.
func (y *finally[T]) Cancel() {
	if y.life == live {
		src, fn := y.src, y.fn
		y.src, y.fn, y.life = nil, nil, canceled
		defer fn()
		Cancel(src)
	}
}
